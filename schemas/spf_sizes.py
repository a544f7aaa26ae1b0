"""spf_sizes: how much address space domains trust by SPF."""

from typing import Annotated, NamedTuple

from schemas.aggregates import RankCut, SeedList
from schemas.table import Float64, Int16, Int64, Table
from schemas.vocabulary import Vocabulary


class SpfSize(Vocabulary):
    """What is measured of a domain; columns of spf_trust."""

    IPV4 = "ipv4", "all IPv4 addresses that pass"
    IPV4_LITERAL = "ipv4_literal", "those that terms of the own record name"
    IPV4_INHERITED = "ipv4_inherited", "those that includes and redirect bring"
    LARGEST_IPV4 = "largest_ipv4", "the largest IPv4 network that passes"
    IPV6 = "ipv6", "all IPv6 addresses that pass"
    LARGEST_IPV6 = "largest_ipv6", "the largest IPv6 network that passes"


class SpfSizeCount(NamedTuple):
    """The domains of a cut that trust about so much; those with an SPF record count."""

    seed_list: SeedList
    rank_cut: RankCut
    measure: Annotated[SpfSize, "what is measured"]
    prefix: Annotated[
        Int16,
        "size as a prefix length: 24 for 256 to 511 IPv4 addresses, or a /24; 33 (of IPv6: 129) "
        "for none at all",
    ]
    domains: Annotated[Int64, "domains of that size"]
    or_larger: Annotated[Int64, "domains of that size or larger"]
    share: Annotated[Float64, "domains, of those of the cut that have an SPF record; 0 to 1"]


SPF_SIZES = Table(
    "spf_sizes",
    SpfSizeCount,
    ("seed_list", "rank_cut", "measure", "prefix"),
    "inference",
    "a cut of the domains, a measure and a size",
)
