"""spf_shares: whose networks and names domains trust by SPF, and how many do."""

from typing import Annotated, NamedTuple

from schemas.aggregates import RankCut, SeedList
from schemas.spf_trust import Addresses
from schemas.table import Float64, Int64, Table
from schemas.vocabulary import Vocabulary

EVERYWHERE = "(everywhere)"
"""Value that stands for networks too large to be anybody's."""


class SpfDimension(Vocabulary):
    """What trust is counted by."""

    AS = "as", "AS that originates trusted addresses"
    COUNTRY = "country", "ISO 3166 code of trusted addresses"
    CLOUD = "cloud", "cloud that rents out trusted addresses"
    CLOUD_REGION = "cloud_region", "cloud and region"
    CLOUD_SERVICE = "cloud_service", "cloud and service"
    RESERVED = "reserved", "IANA special-purpose range that holds trusted addresses"
    INCLUDE_DOMAIN = "include_domain", "registered domain of targets of include and redirect"
    COMPANY = "company", "company that such targets belong to, by the company map"


class SpfShare(NamedTuple):
    """The domains of a cut that trust some part of the Internet.

    Networks larger than /8 (IPv6: /13) count as `(everywhere)` for AS, country and special-purpose
    range, as they are nobody's in particular; for clouds their overlap counts like any other.
    """

    seed_list: SeedList
    rank_cut: RankCut
    dimension: Annotated[SpfDimension, "what is counted by"]
    value: Annotated[str, "AS number as `AS64500`, country, cloud, domain, company"]
    name: Annotated[
        str | None,
        "name of the AS; for a registered domain its company, null if not in the map",
    ]
    domains: Annotated[Int64, "domains that trust it, by their own record or others"]
    direct: Annotated[Int64, "domains whose own record names it"]
    through: Annotated[Int64, "domains that trust it through others alone"]
    share: Annotated[Float64, "of the domains of the cut that have an SPF record; from 0 to 1"]
    ipv4: Annotated[
        Int64,
        "its IPv4 addresses that any of these domains passes, each once; for a domain or company "
        "those that its targets pass, in whatever AS",
    ]
    ipv6: Annotated[Addresses, "the same for IPv6"]


SPF_SHARES = Table(
    "spf_shares",
    SpfShare,
    ("seed_list", "rank_cut", "dimension", "value"),
    "inference",
    "a cut of the domains, a dimension of their trust and a value of it",
)
