"""A question to the DNS and what came of it: the contract between resolver and stages."""

import enum
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from schemas.outcomes import Outcome
from schemas.query import Query


class RRType(enum.IntEnum):
    """Resource record types that the census asks for or meets (IANA registry)."""

    A = 1
    NS = 2
    CNAME = 5
    SOA = 6
    PTR = 12
    MX = 15
    TXT = 16
    AAAA = 28
    SRV = 33
    TLSA = 52
    CAA = 257


class MxData(NamedTuple):
    """RFC 1035 section 3.3.9; the exchange lower-case without final dot, `.` for the root."""

    preference: int
    exchange: str


class SoaData(NamedTuple):
    """RFC 1035 section 3.3.13; times in seconds."""

    mname: str
    rname: str
    serial: int
    refresh: int
    retry: int
    expire: int
    minimum: int


class SrvData(NamedTuple):
    """RFC 2782; the target lower-case without final dot, `.` where there is no such service."""

    priority: int
    weight: int
    port: int
    target: str


class TlsaData(NamedTuple):
    """RFC 6698 section 2.1."""

    usage: int
    selector: int
    matching_type: int
    data: bytes


class CaaData(NamedTuple):
    """RFC 8659 section 4.1."""

    flags: int
    tag: str
    value: bytes


Rdata = str | bytes | MxData | SoaData | SrvData | TlsaData | CaaData
"""Record data by type: A, AAAA canonical address text; NS, CNAME, PTR a name; TXT the bytes of
its strings, joined; the others as above."""


class Question(NamedTuple):
    """A name, lower-case A-labels without final dot, and the type asked for."""

    name: str
    type: RRType


class Answer(NamedTuple):
    """What came of a question."""

    question: Question
    asked: int
    """When it was first sent, microseconds since 1970 UTC."""
    query: Query
    records: tuple[Rdata, ...] = ()
    """Data of the records of the type asked for, at the end of the CNAME chain."""
    cname_chain: tuple[str, ...] = ()
    """Names the question's name is an alias for, in order."""

    @property
    def outcome(self) -> Outcome:
        """How the question ended."""
        return self.query.outcome

    def texts(self) -> list[str]:
        """The records of a type whose data is text: A, AAAA, NS, CNAME, PTR."""
        return [record for record in self.records if isinstance(record, str)]

    def raw(self) -> list[bytes]:
        """The records of a TXT answer."""
        return [record for record in self.records if isinstance(record, bytes)]

    def mx(self) -> list[MxData]:
        """The records of an MX answer."""
        return [record for record in self.records if isinstance(record, MxData)]

    def soa(self) -> list[SoaData]:
        """The records of a SOA answer."""
        return [record for record in self.records if isinstance(record, SoaData)]

    def srv(self) -> list[SrvData]:
        """The records of an SRV answer."""
        return [record for record in self.records if isinstance(record, SrvData)]

    def tlsa(self) -> list[TlsaData]:
        """The records of a TLSA answer."""
        return [record for record in self.records if isinstance(record, TlsaData)]


class Resolver(Protocol):
    """Anything that answers questions; it never raises for what the network does."""

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers, in the order of the questions."""
        ...
