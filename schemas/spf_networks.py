"""spf_networks: networks that SPF records pass, and by how many domains."""

from typing import Annotated, NamedTuple

from schemas.aggregates import RankCut, SeedList
from schemas.table import Int16, Int64, Table


class SpfNetwork(NamedTuple):
    """A network as records name it, and the domains of a cut that trust it; two at least."""

    seed_list: SeedList
    rank_cut: RankCut
    network: Annotated[str, "as ip4, ip6, a or mx name it, host bits cleared; +all is 0.0.0.0/0"]
    version: Annotated[Int16, "4 or 6"]
    prefix: Annotated[Int16, "its prefix length"]
    domains: Annotated[Int64, "domains that trust it, by their own record or others"]
    direct: Annotated[Int64, "domains whose own record names it"]
    through: Annotated[Int64, "domains that trust it through others alone"]


SPF_NETWORKS = Table(
    "spf_networks",
    SpfNetwork,
    ("seed_list", "rank_cut", "network"),
    "inference",
    "a cut of the domains and a network that at least two of them trust",
)
