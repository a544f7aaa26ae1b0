"""apex: the name servers and the SOA of a seed (plan full). Its addresses are in hosts."""

from typing import Annotated, NamedTuple

from schemas.query import Query
from schemas.table import Int64, Micros, Table


class Soa(NamedTuple):
    """A SOA record (RFC 1035 section 3.3.13); times in seconds."""

    mname: Annotated[str, "the primary name server, lower-case, no final dot"]
    rname: Annotated[str, "mailbox of who is responsible, written as a name"]
    serial: Annotated[Int64, "version of the zone"]
    refresh: Annotated[Int64, "after which a secondary looks for a new version"]
    retry: Annotated[Int64, "after which it tries again where that failed"]
    expire: Annotated[Int64, "after which it gives the zone up"]
    minimum: Annotated[Int64, "for which it may be remembered that a name is not there (RFC 2308)"]


class Apex(NamedTuple):
    """What a seed's zone says of itself."""

    domain: Annotated[str, "the seed"]
    asked: Annotated[Micros, "when its questions were first asked"]
    hosts: Annotated[
        tuple[str, ...],
        "names whose addresses are asked for: the seed and those name servers that are host names; "
        "keys of hosts",
    ]
    ns: Annotated[tuple[str, ...], "names of its NS records, sorted"]
    ns_query: Annotated[Query, "the NS question"]
    soa: Annotated[Soa | None, "its SOA record; null where it has none, as below a zone's apex"]
    soa_query: Annotated[Query, "the SOA question"]


APEX = Table("apex", Apex, ("domain",), "dns", "a seed domain, in plan full")
