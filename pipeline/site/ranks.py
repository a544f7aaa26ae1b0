"""Rank cuts in the site's queries: those that tell more than all ranks do, and their names."""

from schemas.aggregates import ALL_RANKS, CUTS

FIRST = [cut for cut in CUTS if cut != ALL_RANKS]

TELLING = f"""(rank_cut = {ALL_RANKS} OR (seed_list, rank_cut) IN (
        SELECT (list, cut) FROM (
            SELECT seed.list AS list, min(seed.rank) AS best, max(seed.rank) AS worst
            FROM (SELECT unnest(seeds) AS seed FROM domains) GROUP BY ALL
        ) JOIN (SELECT unnest({FIRST}) AS cut) ON best <= cut AND cut < worst))"""
"""Condition on ``seed_list`` and ``rank_cut``: the cut holds some and not all of the list's ranks.

The query needs `domains`, too.
"""


def named(cut: str) -> str:
    """The name of the cut in a column: ``top 10k``, short enough to be told apart when clipped."""
    return (
        f"CASE WHEN {cut} >= 1000000 THEN 'top ' || {cut} // 1000000 || 'M' "
        f"WHEN {cut} >= 1000 THEN 'top ' || {cut} // 1000 || 'k' "
        f"WHEN {cut} > {ALL_RANKS} THEN 'top ' || {cut} ELSE 'all' END"
    )


OF_LIST = (
    "CASE seed_list WHEN '*' THEN 'all lists' ELSE seed_list END "
    f"|| CASE rank_cut WHEN {ALL_RANKS} THEN '' ELSE ', ' || {named('rank_cut')} END"
)
"""The names of a list and of the cut in it."""
