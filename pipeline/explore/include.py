"""The page of an include: its record, what it passes, and the domains that name it."""

from collections.abc import Mapping
from ipaddress import IPv6Address

from pipeline.explore.catalogue import Catalogue
from schemas import SPF
from schemas.spf import Spf

_LISTED = 100


def page(catalogue: Catalogue, name: str) -> Mapping[str, object] | None:
    """Values of include.html; None if no SPF record was asked for there."""
    with catalogue.rows() as rows:
        row = rows.by_key(SPF, Spf, [name]).get(name)
    if row is None:
        return None
    counts = catalogue.ask("SELECT company, domains, ipv4 FROM included WHERE target = $1", [name])
    networks = catalogue.ask(_NETWORKS, [name, _LISTED])
    return {
        "name": name,
        "row": row,
        "counts": counts[0] if counts else None,
        "direct": catalogue.ask("SELECT count(*) FROM trusting WHERE target = $1", [name])[0][0],
        "listed": catalogue.ask(_DIRECT, [name, _LISTED]),
        "reaches": catalogue.ask(_REACHED, [name, _LISTED]),
        "networks": [
            (via, _network(first, length), owner) for via, first, length, owner in networks
        ],
        "most": _LISTED,
    }


def _network(first: bytes, length: int) -> str:
    address = IPv6Address(first)
    return f"{address.ipv4_mapped or address}/{length}"


_DIRECT = """
    SELECT rank, name FROM trusting WHERE target = $1 ORDER BY rank NULLS LAST, name LIMIT $2
"""
_REACHED = "SELECT reached FROM spf_reach WHERE target = $1 AND reached <> $1 ORDER BY 1 LIMIT $2"
_NETWORKS = """
    WITH passed AS (
        SELECT $1 AS name UNION SELECT reached FROM spf_reach WHERE target = $1
    ), granted AS (
        SELECT name, version, first, prefix FROM spf_grants SEMI JOIN passed USING (name)
        ORDER BY version, prefix, first, name LIMIT $2
    )
    SELECT name, first, prefix, owner FROM granted LEFT JOIN origins USING (first, prefix)
    ORDER BY version, prefix, first, name
"""
