"""The page of a company: the domains whose mail it runs, and its shares of each list."""

from collections.abc import Mapping

from pipeline.explore.catalogue import Catalogue

_LISTED = 100


def page(catalogue: Catalogue, name: str) -> Mapping[str, object] | None:
    """Values of company.html; None if no domain's mail is with it."""
    run = catalogue.ask("SELECT domains FROM companies WHERE company = $1", [name])
    keeps = catalogue.ask("SELECT count(*) FROM kept WHERE keeper = $1", [name])
    if not run and not keeps[0][0]:
        return None
    return {
        "name": name,
        "count": run[0][0] if run else 0,
        "kept": keeps[0][0],
        "listed": catalogue.ask(_RUN, [name, _LISTED]),
        "behind": catalogue.ask(_KEPT, [name, _LISTED]),
        "shares": catalogue.ask(_SHARES, [name]),
    }


_RUN = """
    SELECT rank, domain, category, keeper FROM known WHERE company = $1
    ORDER BY rank NULLS LAST, domain LIMIT $2
"""
_KEPT = """
    SELECT rank, domain, company FROM kept WHERE keeper = $1
    ORDER BY rank NULLS LAST, domain LIMIT $2
"""
_SHARES = """
    SELECT seed_list, rank_cut, dimension, domains, share FROM shares WHERE value = $1
    ORDER BY dimension DESC, seed_list, rank_cut = 0, rank_cut
"""
