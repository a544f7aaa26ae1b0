"""What an answer message says about the question that was asked.

read_reply is the hot path of a census: it decodes the answer section and, only where that
settles nothing, the rest for the negative TTL and the extended response code.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.outcomes import Outcome
from stages.dns.answer import Question, Rdata, RRType, SoaData
from stages.dns.message import (
    FIXED,
    HEADER,
    IN,
    MAX_TTL,
    RCODE,
    Record,
    lifetime,
    read_edns,
    read_records,
)
from stages.dns.name import read_name
from stages.dns.rdata import parser_of

_QUESTION_NAME = b"\xc0\x0c"  # pointer to the name of the first question
_read_fixed = FIXED.unpack_from
_BY_RCODE = {
    0: Outcome.NODATA,
    2: Outcome.SERVFAIL,
    3: Outcome.NXDOMAIN,
    5: Outcome.REFUSED,
}


class Reply(NamedTuple):
    """A server's answer to one question."""

    outcome: Outcome
    rcode: int | None
    ttl: int | None = None
    """Seconds: the least TTL of the records used; of the SOA (RFC 2308 section 5) if none."""
    records: tuple[Rdata, ...] = ()
    cname_chain: tuple[str, ...] = ()


def read_reply(data: bytes, question: Question, offset: int) -> Reply:
    """An answer whose question section, ending at offset, echoes the question.

    CNAMEs are followed inside the answer; the response code speaks of the chain's last name
    (RFC 6604). Records of other classes, types and names are passed over.
    """
    flags, _, ancount, nscount, arcount = HEADER.unpack_from(data)[1:]
    rcode = flags & RCODE
    if ancount and not rcode:
        reply = _read_plain(data, question.type, offset, ancount)
        if reply is not None:
            return reply
    answer, offset = read_records(data, offset, ancount)
    records, chain, ttls = follow(read_name(data, HEADER.size)[0], question.type, answer)
    if records and not rcode:
        return Reply(Outcome.OK, 0, min(ttls), records, chain)
    authority, offset = read_records(data, offset, nscount)
    additional, offset = read_records(data, offset, arcount)
    rcode |= read_edns(additional)[1] << 4
    outcome = _BY_RCODE.get(rcode, Outcome.RCODE)
    ttls = (ttls if not records else []) + _negative_ttls(authority)
    return Reply(outcome, rcode, min(ttls, default=None), (), chain)


def follow(
    name: str, rrtype: RRType, answer: Sequence[Record]
) -> tuple[tuple[Rdata, ...], tuple[str, ...], list[int]]:
    """Records at the end of a name's CNAME chain, the chain, and the TTLs met on the way."""
    aliases = {
        record.name: record
        for record in reversed(answer)
        if record.type == RRType.CNAME != rrtype and record.rclass == IN
    }
    chain = []
    ttls = []
    while alias := aliases.pop(name, None):  # what is popped cannot come again: no loop
        name = str(alias.data)
        chain.append(name)
        ttls.append(alias.ttl)
    found = [r for r in answer if r.type == rrtype and r.name == name and r.rclass == IN]
    return tuple(r.data for r in found), tuple(chain), ttls + [r.ttl for r in found]


def _read_plain(data: bytes, rrtype: RRType, offset: int, count: int) -> Reply | None:
    """The usual answer: nothing but records of the type asked for, each at the question's name.

    None for any other, which is read at leisure.
    """
    parse = parser_of(rrtype)
    records = []
    least = MAX_TTL
    size = len(data)
    for _ in range(count):
        start = offset + 2 + FIXED.size
        if start > size or data[offset : offset + 2] != _QUESTION_NAME:
            return None
        found, rclass, ttl, length = _read_fixed(data, offset + 2)
        offset = start + length
        if found != rrtype or rclass != IN or offset > size:
            return None
        if ttl < least or ttl > MAX_TTL:
            least = lifetime(ttl)
        records.append(parse(data, start, offset))
    return Reply(Outcome.OK, 0, least, tuple(records))


def _negative_ttls(authority: Iterable[Record]) -> list[int]:
    return [
        min(record.ttl, record.data.minimum)
        for record in authority
        if isinstance(record.data, SoaData)
    ]
