"""addresses: who an address belongs to."""

from typing import Annotated, NamedTuple

from schemas.query import Query
from schemas.table import Int16, Int64, Micros, Table


class Address(NamedTuple):
    """One IP address and what the tables of the run say of it."""

    address: Annotated[str, "canonical text form (RFC 5952 for IPv6)"]
    enriched: Annotated[Micros, "when it was looked up"]
    version: Annotated[Int16, "4 or 6"]
    asn: Annotated[
        Int64 | None, "AS that originates it, by the ASN table of the run; by its MMDB without one"
    ]
    prefix: Annotated[
        str | None,
        "block of the ASN table that covers it: the announced prefix, if the table was made from "
        "BGP; null without that table",
    ]
    as_name: Annotated[str | None, "name of the AS, by the MMDB of the run"]
    country: Annotated[str | None, "ISO 3166 code, by the MMDB of the run"]
    cloud_provider: Annotated[str | None, "cloud whose published ranges hold it"]
    cloud_region: Annotated[str | None, "region in that cloud's own words"]
    cloud_service: Annotated[str | None, "service in that cloud's own words"]
    reserved: Annotated[str | None, "IANA special-purpose range that holds it, by name (RFC 6890)"]
    ptr: Annotated[tuple[str, ...], "names of its PTR records, lower-case, sorted"]
    ptr_query: Annotated[Query | None, "the PTR question; null if not asked"]


ADDRESSES = Table("addresses", Address, ("address",), "enrich", "an address of a host")
