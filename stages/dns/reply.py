"""What an answer message says about the question that was asked.

read_reply is the hot path of a census: it decodes the answer section and, only where that
settles nothing, the rest for the negative TTL and the extended response code.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.outcomes import Outcome
from stages.dns.answer import MxData, Question, Rdata, RRType, SoaData
from stages.dns.message import (
    FIXED,
    HEADER,
    IN,
    MAX_TTL,
    OPT,
    RCODE,
    TYPE_CLASS_IN,
    Record,
    lifetime,
    read_edns,
    read_records,
)
from stages.dns.name import name_behind, read_name, skip_name
from stages.dns.rdata import parser_of

_POINTER_TO_QUESTION = b"\xc0\x0c"  # to the name of the first question
_FIXED_SIZE = FIXED.size
_read_header = HEADER.unpack_from
_read_fixed = FIXED.unpack_from
_RECORD = struct.Struct("!6sIH")  # as FIXED, with a pointer for owner
_RECORD_SIZE = _RECORD.size
_read_record = _RECORD.unpack_from
_MX_RECORD = struct.Struct("!6sIHH")  # and a preference
_MX_SIZE = _MX_RECORD.size
_read_mx_record = _MX_RECORD.unpack_from
_USUAL = {
    rrtype: (_POINTER_TO_QUESTION + TYPE_CLASS_IN[rrtype], parser_of(rrtype)) for rrtype in RRType
}
"""How a record of the type asked for begins, and what reads its data."""
_USUAL_MX = _USUAL[RRType.MX][0]
_name = parser_of(RRType.NS)
_TEXT_SHORTER = HEADER.size + 6  # length of a name's text, from the offset behind its question
_read_u32 = struct.Struct("!I").unpack_from
_LEAST_SOA = 22  # bytes: two root names and the numbers
_SOA, _MX = int(RRType.SOA), int(RRType.MX)
_tuple = tuple.__new__  # makes a named tuple at half the price of calling its class
_OK = Outcome.OK  # an enumeration's member is slow to look up
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
    _, flags, _, ancount, nscount, arcount = _read_header(data)
    rcode = flags & RCODE
    if not ancount:
        reply = _read_negative(data, offset, rcode, nscount, arcount)
    elif rcode:
        reply = None
    elif question.type == _MX:
        reply = _read_mx(data, question.name, offset, ancount)
    else:
        reply = _read_plain(data, question.type, offset, ancount)
    return reply or read_any(data, question, offset)


def read_any(data: bytes, question: Question, offset: int) -> Reply:
    """The same as read_reply for any answer, the usual ones too, at leisure."""
    _, flags, _, ancount, nscount, arcount = _read_header(data)
    rcode = flags & RCODE
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
    usual, parse = _USUAL[rrtype]
    records = []
    least = MAX_TTL
    size = len(data)
    for _ in range(count):
        start = offset + _RECORD_SIZE
        if start > size:
            return None
        head, ttl, length = _read_record(data, offset)
        offset = start + length
        if head != usual or offset > size or ttl > MAX_TTL:
            return None
        if ttl < least:  # noqa: PLR1730  (a call costs more)
            least = ttl
        records.append(parse(data, start, offset))
    return _tuple(Reply, (_OK, 0, least, tuple(records), ()))


def _read_mx(data: bytes, name: str, offset: int, count: int) -> Reply | None:
    """As _read_plain, where each exchange ends in the question's name or by itself."""
    if len(name) != offset - _TEXT_SHORTER:  # a name with escapes
        return None
    records = []
    least = MAX_TTL
    size = len(data)
    for _ in range(count):
        start = offset + _MX_SIZE
        if start > size:
            return None
        head, ttl, length, preference = _read_mx_record(data, offset)
        offset += _RECORD_SIZE + length
        if head != _USUAL_MX or offset > size or ttl > MAX_TTL:
            return None
        if ttl < least:  # noqa: PLR1730  (a call costs more)
            least = ttl
        exchange = name_behind(data[start:offset], name) or _name(data, start, offset)
        records.append(_tuple(MxData, (preference, exchange)))
    return _tuple(Reply, (_OK, 0, least, tuple(records), ()))


def _read_negative(
    data: bytes, offset: int, rcode: int, nscount: int, arcount: int
) -> Reply | None:
    """The usual answer without records: a SOA or nothing, then an OPT record or nothing.

    The names of the SOA are passed over. None for any other answer, which is read at leisure.
    """
    ttl = None
    try:
        if nscount == 1:
            start = skip_name(data, offset) + _FIXED_SIZE
            found, rclass, ttl, length = _read_fixed(data, start - _FIXED_SIZE)
            offset = start + length
            if found != _SOA or rclass != IN or length < _LEAST_SOA:
                return None
            ttl = min(lifetime(ttl), _read_u32(data, offset - 4)[0])
        elif nscount:
            return None
        if arcount == 1 and data[offset] == 0:
            found, _, flags, length = _read_fixed(data, offset + 1)
            if found != OPT or offset + 1 + _FIXED_SIZE + length > len(data):
                return None
            rcode |= flags >> 24 << 4
        elif arcount or offset > len(data):
            return None
    except (IndexError, struct.error):
        return None
    outcome = _BY_RCODE.get(rcode, Outcome.RCODE)
    return _tuple(Reply, (outcome, rcode, ttl, (), ()))


def _negative_ttls(authority: Iterable[Record]) -> list[int]:
    return [
        min(record.ttl, record.data.minimum)
        for record in authority
        if isinstance(record.data, SoaData)
    ]
