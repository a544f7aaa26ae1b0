"""spf_includes: names that SPF records trust by include or redirect, and by how many domains."""

from typing import Annotated, NamedTuple

from schemas.aggregates import RankCut, SeedList
from schemas.spf_trust import Addresses
from schemas.table import Int64, Table


class SpfInclude(NamedTuple):
    """A target of include or redirect, and the domains of a cut that trust it."""

    seed_list: SeedList
    rank_cut: RankCut
    target: Annotated[str, "name whose record is trusted"]
    domains: Annotated[Int64, "domains that trust it, directly or through others"]
    direct: Annotated[Int64, "domains whose own record names it"]
    through: Annotated[Int64, "domains that trust it through others alone"]
    registered_domain: Annotated[str | None, "of the target, by the Public Suffix List"]
    company: Annotated[str | None, "company that the target belongs to; null if not in the map"]
    ipv4: Annotated[Int64, "IPv4 addresses that the target passes, with all that it leads to"]
    ipv6: Annotated[Addresses, "IPv6 addresses that it passes; 10^38 - 1 stands for all above"]


SPF_INCLUDES = Table(
    "spf_includes",
    SpfInclude,
    ("seed_list", "rank_cut", "target"),
    "inference",
    "a cut of the domains and a name that some of them trust",
)
