"""What is kept of every DNS question beside its records."""

from typing import Annotated, NamedTuple

from schemas.outcomes import Outcome
from schemas.table import Float32, Int16, Int32


class Query(NamedTuple):
    """The account of one question."""

    outcome: Annotated[Outcome, "how the question ended"]
    rcode: Annotated[Int16 | None, "response code of the answer (RFC 6895); null without one"]
    ttl: Annotated[Int32 | None, "seconds: the smallest TTL of the records used, or of the SOA"]
    rtt_ms: Annotated[Float32 | None, "milliseconds from the last sending to its answer"]
    server: Annotated[str | None, "address:port of the resolver that gave the answer"]
    attempts: Annotated[Int16, "times the question was sent, over all servers and transports"]
    tcp: Annotated[bool, "whether the answer came over TCP"]
    secure: Annotated[
        bool | None,
        "AD: the resolver says that it validated the answer by DNSSEC (RFC 6840 section 5.8); "
        "null without an answer, and from the second opinion, which does not tell",
    ] = None


NOT_ASKED = Query(
    Outcome.NOT_ASKED, rcode=None, ttl=None, rtt_ms=None, server=None, attempts=0, tcp=False
)
"""The account of a question that was not put."""


class Text(NamedTuple):
    """One TXT record (RFC 1035 section 3.3.14), its strings joined (RFC 7208 section 3.3)."""

    text: Annotated[str, "UTF-8; bytes that are none are written \\xNN"]
    raw: Annotated[bytes | None, "the bytes, only where the text does not give them back"]

    @classmethod
    def of(cls, raw: bytes) -> "Text":
        """The record's bytes as text, keeping the bytes where text would lose them."""
        try:
            return cls(raw.decode(), None)
        except UnicodeDecodeError:
            return cls(raw.decode(errors="backslashreplace"), raw)
