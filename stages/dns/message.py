"""DNS messages (RFC 1035 section 4, EDNS: RFC 6891): queries out, whole messages in. No IO.

Query:    id, header with RD and AD, one question, an OPT record that takes answers of 1232 bytes.
Message:  every section; data of class IN by type, see rdata, of any other class as bytes.
Whatever is no message raises MalformedMessage, and nothing else is raised.

The bulk client reads answers with reply.read_reply, which decodes no more than it needs.
"""

from struct import Struct
from typing import NamedTuple

from stages.dns.answer import Rdata, RRType
from stages.dns.name import MalformedMessage, read_name, to_wire
from stages.dns.rdata import read_rdata

HEADER = Struct("!HHHHHH")
"""Id, flags, and the number of questions, answers, authority and additional records."""
FIXED = Struct("!HHIH")
"""Type, class, TTL and data length, behind a record's owner."""
QR, AA, TC, RD, RA, AD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020
OPCODE, RCODE = 0x7800, 0x000F
IN = 1
OPT = 41
MAX_TTL = 0x7FFFFFFF
UDP_SIZE = 1232
"""Bytes of an answer that no common path has to fragment (DNS flag day 2020)."""

# A query is its id, the head, the question and the OPT record. AD asks for the AD of the answer
# without the signatures that DO would bring (RFC 6840 section 5.7).
QUERY_HEAD = HEADER.pack(0, RD | AD, 1, 0, 0, 1)[2:]
QUERY_OPT = b"\0" + FIXED.pack(OPT, UDP_SIZE, 0, 0)
_HEADER_SIZE = HEADER.size
_QR_OPCODE, _RESPONSE, _TC = (QR | OPCODE) >> 8, QR >> 8, TC >> 8  # of the flags' first byte
_TYPE_CLASS = Struct("!HH")
TYPE_CLASS_IN = {rrtype: _TYPE_CLASS.pack(rrtype, IN) for rrtype in RRType}
"""What follows the name in a question."""

_CASE_BITS = bytes(0x20 if bytes((byte,)).isalpha() else 0 for byte in range(256))


class QName(NamedTuple):
    """A name to be asked for, as big-endian numbers, which are quick to mix with noise."""

    size: int
    """Bytes of its wire form."""
    wire: int
    letters: int
    """Bit 0x20 of each byte that is a letter whose case may change; no label length is one."""


class Entry(NamedTuple):
    """An entry of the question section."""

    name: str
    type: int
    rclass: int


class Record(NamedTuple):
    """A resource record; see rdata for its data."""

    name: str
    type: int
    rclass: int
    ttl: int
    """Seconds; 0 where the highest bit is set (RFC 2181 section 8)."""
    data: Rdata


class Edns(NamedTuple):
    """What an OPT record says (RFC 6891 section 6.1)."""

    udp_size: int
    version: int
    dnssec_ok: bool
    options: bytes


class Message(NamedTuple):
    """A whole message."""

    id: int
    flags: int
    """QR, AA, TC, RD, RA, AD and the opcode, in their places; the response code left out."""
    rcode: int
    """With the upper bits that EDNS adds."""
    questions: tuple[Entry, ...]
    answer: tuple[Record, ...]
    authority: tuple[Record, ...]
    additional: tuple[Record, ...]
    """Without the OPT record."""
    edns: Edns | None


def prepare(name: str, *, mix_case: bool = True) -> QName:
    """A name made ready to be asked for; InvalidName if it cannot be."""
    wire = to_wire(name)
    letters = wire.translate(_CASE_BITS) if mix_case else b""
    return QName(len(wire), int.from_bytes(wire), int.from_bytes(letters))


def encode_question(qname: QName, rrtype: RRType, noise: bytes) -> bytes:
    """The question section, the case of letters mixed by noise at least as long as the name.

    An answer must echo the case and a forger guess it (draft-vixie-dnsext-dns0x20).
    """
    size, name, letters = qname
    return (name ^ letters & int.from_bytes(noise)).to_bytes(size) + TYPE_CLASS_IN[rrtype]


def encode_query(message_id: bytes, section: bytes) -> bytes:
    """The message that asks for an encoded question under a two-byte id."""
    return message_id + QUERY_HEAD + section + QUERY_OPT


def echoes(data: bytes, section: bytes) -> bool:
    """Whether a message is a response to a query whose one question was encoded so."""
    return (
        data.startswith(section, _HEADER_SIZE)
        and data[2] & _QR_OPCODE == _RESPONSE
        and data[4:6] == b"\0\1"
    )


def authenticated(data: bytes) -> bool:
    """Whether a message of header length or more says that its answer was validated (AD)."""
    return data[3] & AD != 0


def truncated(data: bytes) -> bool:
    """Whether a message of header length or more says that TCP has more (TC)."""
    return data[2] & _TC != 0


def decode(data: bytes) -> Message:
    """A message, all of it; bytes behind its last record are malformed too."""
    if len(data) < HEADER.size:
        raise MalformedMessage("message shorter than its header")
    message_id, flags, qdcount, *counts = HEADER.unpack_from(data)
    questions, offset = read_questions(data, qdcount)
    answer, offset = read_records(data, offset, counts[0])
    authority, offset = read_records(data, offset, counts[1])
    additional, offset = read_records(data, offset, counts[2])
    if offset != len(data):
        raise MalformedMessage("bytes behind the message")
    if any(record.type == OPT for record in (*answer, *authority)):
        raise MalformedMessage("OPT outside the additional section")
    edns, high = read_edns(additional)
    return Message(
        message_id,
        flags & ~RCODE,
        high << 4 | flags & RCODE,
        questions,
        tuple(answer),
        tuple(authority),
        tuple(record for record in additional if record.type != OPT),
        edns,
    )


def read_questions(data: bytes, count: int) -> tuple[tuple[Entry, ...], int]:
    """The question section, and the offset behind it."""
    entries = []
    offset = HEADER.size
    for _ in range(count):
        name, offset = read_name(data, offset)
        if offset + _TYPE_CLASS.size > len(data):
            raise MalformedMessage("question cut short")
        entries.append(Entry(name, *_TYPE_CLASS.unpack_from(data, offset)))
        offset += _TYPE_CLASS.size
    return tuple(entries), offset


def read_records(data: bytes, offset: int, count: int) -> tuple[list[Record], int]:
    """A number of records from an offset on, and the offset behind them."""
    records = []
    for _ in range(count):
        name, offset = read_name(data, offset)
        start = offset + FIXED.size
        if start > len(data):
            raise MalformedMessage("record cut short")
        rrtype, rclass, ttl, size = FIXED.unpack_from(data, offset)
        offset = start + size
        if offset > len(data):
            raise MalformedMessage("record data cut short")
        rdata = read_rdata(rrtype, data, start, offset) if rclass == IN else data[start:offset]
        if rrtype != OPT:
            ttl = lifetime(ttl)
        records.append(Record(name, rrtype, rclass, ttl, rdata))
    return records, offset


def lifetime(ttl: int) -> int:
    """A TTL field as seconds: with its highest bit set it is 0 (RFC 2181 section 8)."""
    return ttl if ttl <= MAX_TTL else 0


def read_edns(additional: list[Record]) -> tuple[Edns | None, int]:
    """What the OPT record says, and the upper bits of the response code (RFC 6891 6.1.3)."""
    found = [record for record in additional if record.type == OPT]
    if not found:
        return None, 0
    name, _, udp_size, ttl, options = found[0]
    if len(found) > 1 or name != "." or not isinstance(options, bytes):
        raise MalformedMessage("OPT twice or not at the root")
    return Edns(udp_size, ttl >> 16 & 0xFF, bool(ttl & 0x8000), options), ttl >> 24
