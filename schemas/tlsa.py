"""tlsa: which certificates a mail host says it has, at port 25."""

from typing import Annotated, NamedTuple

from schemas.query import Query
from schemas.table import Int16, Micros, Table


class TlsaRecord(NamedTuple):
    """One TLSA record (RFC 6698 section 2.1), its numbers as RFC 7218 names them."""

    usage: Annotated[Int16, "0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE"]
    selector: Annotated[Int16, "0 the whole certificate, 1 its public key"]
    matching_type: Annotated[Int16, "0 the bytes themselves, 1 SHA-256, 2 SHA-512"]
    data: Annotated[bytes, "what is to match"]


class Tlsa(NamedTuple):
    """TLSA at _25._tcp of a host; an alias's target is not asked for (RFC 7672 section 2.2.2)."""

    host: Annotated[str, "the host, as mail_hosts of domains names it"]
    asked: Annotated[Micros, "when the question was first asked"]
    records: Annotated[tuple[TlsaRecord, ...], "by usage, selector, type and data"]
    tlsa_query: Annotated[Query, "the TLSA question"]


TLSA = Table("tlsa", Tlsa, ("host",), "dns", "an MX exchange, or a domain that is its own")
