"""spf_dependence: names whose loss would break the SPF of domains."""

from typing import Annotated, NamedTuple

from schemas.aggregates import RankCut, SeedList
from schemas.table import Int32, Int64, Table


class SpfDependence(NamedTuple):
    """A target of include or redirect, of any qualifier, and what hangs on its record.

    If it had no record any more, receivers that get to it would find a permerror (RFC 7208
    sections 5.2 and 6.1).
    """

    seed_list: SeedList
    rank_cut: RankCut
    target: Annotated[str, "name that includes or redirects lead to"]
    domains: Annotated[Int64, "domains that lead to it, directly or through others"]
    would_break: Annotated[Int64, "of these, those whose verdict is not permerror yet"]
    direct: Annotated[Int64, "of the domains that would break, those whose own record names it"]
    records: Annotated[Int64, "names of the whole run whose records lead there directly"]
    loop: Annotated[
        Int32 | None,
        "names of its strongly connected component, if it leads back to itself; null if not",
    ]
    registered_domain: Annotated[str | None, "of the target, by the Public Suffix List"]
    company: Annotated[str | None, "company that the target belongs to; null if not in the map"]


SPF_DEPENDENCE = Table(
    "spf_dependence",
    SpfDependence,
    ("seed_list", "rank_cut", "target"),
    "inference",
    "a cut of the domains and a name that their SPF depends on",
)
