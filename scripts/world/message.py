"""Messages of the world's name server (RFC 1035 section 4): queries taken apart, answers packed.

Own code, apart from the product's codec, so that the two can disagree.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

from scripts.world.lookup import Entry

TC = 0x0200
"""Truncated: ask again over TCP; goes into flags beside the response code."""
_HEADER = struct.Struct("!6H")
_FIXED = struct.Struct("!HHIH")
_OPT = 41
_IN = 1
_POINTER_TO_QUESTION = b"\xc0\x0c"
_PLAIN_LIMIT = 512
_EDNS_LIMIT = 1232
_TCP_LIMIT = 0xFFFF
_QR, _AA, _RA, _RD, _OPCODE = 0x8000, 0x0400, 0x0080, 0x0100, 0x7800
AD = 0x0020
"""The answer was validated; goes into flags beside the response code."""


class Query(NamedTuple):
    """A message that asks one thing."""

    id: int
    flags: int
    question: bytes
    """As received, to be sent back."""
    name: bytes
    """Lower-case wire form."""
    type: int
    payload: int | None
    """Bytes of UDP that the client takes; None without EDNS (RFC 6891)."""

    @property
    def standard(self) -> bool:
        """Whether the opcode is QUERY."""
        return not self.flags & _OPCODE

    def limit(self, *, tcp: bool) -> int:
        """Bytes that an answer may have."""
        if tcp:
            return _TCP_LIMIT
        if self.payload is None:
            return _PLAIN_LIMIT
        return min(max(self.payload, _PLAIN_LIMIT), _EDNS_LIMIT)


def parse(message: bytes) -> Query | None:
    """The one question of a query, and its EDNS; None if it is none."""
    try:
        return _parse(message)
    except (struct.error, IndexError):
        return None


def pack(
    query: Query, flags: int, answers: Sequence[Entry] = (), authority: Sequence[Entry] = ()
) -> bytes:
    """An answer; flags are the response code, TC and AD."""
    edns = query.payload is not None
    flags &= ~AD | query.flags  # only for who asks for it (RFC 6840 section 5.8)
    flags |= _QR | _AA | _RA | (query.flags & _RD)
    header = _HEADER.pack(query.id, flags, 1, len(answers), len(authority), int(edns))
    records = (_record(entry, query.name) for entry in (*answers, *authority))
    opt = b"\0" + _FIXED.pack(_OPT, _EDNS_LIMIT, 0, 0) if edns else b""
    return b"".join((header, query.question, *records, opt))


def refusal(message: bytes, rcode: int) -> bytes | None:
    """An answer of the header alone; None to what is no query."""
    if len(message) < _HEADER.size or message[2] & 0x80:
        return None
    flags = _QR | (message[2] << 8 & (_OPCODE | _RD)) | _RA | rcode
    return message[:2] + flags.to_bytes(2, "big") + bytes(8)


def _parse(message: bytes) -> Query | None:
    ident, flags, *counts = _HEADER.unpack_from(message)
    end = _HEADER.size
    while length := message[end]:
        if length & 0xC0:
            return None
        end += 1 + length
    end += 5
    if flags & _QR or counts[:3] != [1, 0, 0] or len(message) < end:
        return None
    payload = None
    if counts[3] and message[end] == 0:
        kind, size = struct.unpack_from("!HH", message, end + 1)
        payload = size if kind == _OPT else None
    question = message[_HEADER.size : end]
    asked = int.from_bytes(question[-4:-2], "big")
    return Query(ident, flags, question, question[:-4].lower(), asked, payload)


def _record(entry: Entry, qname: bytes) -> bytes:
    owner = _POINTER_TO_QUESTION if entry.owner == qname else entry.owner
    return owner + _FIXED.pack(entry.type, _IN, entry.ttl, len(entry.data)) + entry.data
