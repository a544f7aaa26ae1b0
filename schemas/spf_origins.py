"""spf_origins: who has the networks that SPF records pass."""

from typing import Annotated, NamedTuple

from schemas.spf_graph import Octets
from schemas.spf_trust import Addresses
from schemas.table import Int16, Int32, Int64, Table


class SpfOrigin(NamedTuple):
    """A network of spf_grants and somebody who has all or part of it.

    As the table addresses says it of an address; columns of data that the run did not look up, or
    that are not at hand when `infer` runs, are null. Networks larger than /8 (IPv6: /13) belong
    to nobody in particular and are left out.
    """

    version: Annotated[Int16, "4 or 6"]
    first: Annotated[Octets, "first address of the network, 16 bytes; IPv4 as ::ffff:a.b.c.d"]
    prefix: Annotated[Int16, "prefix length of the network"]
    part: Annotated[Int32, "number of the row among those of the network, from 0 on"]
    addresses: Annotated[Addresses, "addresses of the network of which the rest of the row holds"]
    asn: Annotated[Int64 | None, "AS that originates them; null if none, or not known"]
    as_name: Annotated[str | None, "name of the AS"]
    country: Annotated[str | None, "ISO 3166 code"]
    cloud_provider: Annotated[str | None, "cloud whose published ranges hold them"]
    cloud_region: Annotated[str | None, "region in that cloud's own words"]
    cloud_service: Annotated[str | None, "service in that cloud's own words"]
    reserved: Annotated[str | None, "IANA special-purpose range that holds them (RFC 6890)"]


SPF_ORIGINS = Table(
    "spf_origins",
    SpfOrigin,
    ("version", "first", "prefix", "part"),
    "inference",
    "a network that records pass and who has part of it",
)
