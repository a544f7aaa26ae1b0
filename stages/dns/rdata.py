"""Record data from the wire: one parser a type (RFC 1035 section 3.3 and the RFCs named below).

A parser gets the message and the bounds of the data in it, and must use up exactly those bytes;
anything else raises MalformedMessage. Types that are not in the table stay bytes.

tuple.__new__ makes a named tuple at half the price of calling its class.
"""

import socket
from collections.abc import Callable
from ipaddress import IPv6Address
from struct import Struct

from stages.dns.answer import CaaData, MxData, Rdata, RRType, SoaData, SrvData, TlsaData
from stages.dns.name import MalformedMessage, read_name

_SOA_TIMES = Struct("!IIIII")
_SRV_HEAD = Struct("!HHH")
_TLSA_HEAD = 3


def read_rdata(rrtype: int, message: bytes, start: int, end: int) -> Rdata:
    """The data of a record of class IN, found at message[start:end]."""
    return parser_of(rrtype)(message, start, end)


def parser_of(rrtype: int) -> Callable[[bytes, int, int], Rdata]:
    """The parser for a type, to be had once for many records: (message, start, end) -> data."""
    return _PARSERS.get(rrtype, _raw)


def ipv6_text(packed: bytes) -> str:
    """16 bytes as the text that the ipaddress module also gives (RFC 5952).

    inet_ntop is quicker but has forms of its own for addresses that embed IPv4.
    """
    text = socket.inet_ntop(socket.AF_INET6, packed)
    return str(IPv6Address(packed)) if "." in text else text


def _raw(message: bytes, start: int, end: int) -> bytes:
    return message[start:end]


def _a(message: bytes, start: int, end: int) -> str:
    if end - start != 4:  # noqa: PLR2004
        raise MalformedMessage("A record that is not 4 bytes")
    return socket.inet_ntoa(message[start:end])


def _aaaa(message: bytes, start: int, end: int) -> str:
    if end - start != 16:  # noqa: PLR2004
        raise MalformedMessage("AAAA record that is not 16 bytes")
    return ipv6_text(message[start:end])


def _name(message: bytes, start: int, end: int) -> str:
    text, behind = read_name(message, start)
    if behind != end:
        raise MalformedMessage("name that does not fill its record")
    return text


def _mx(message: bytes, start: int, end: int) -> MxData:
    exchange, behind = read_name(message, start + 2)
    if behind != end:  # there may be less than a preference, too
        raise MalformedMessage("name that does not fill its record")
    return tuple.__new__(MxData, (message[start] << 8 | message[start + 1], exchange))


def _txt(message: bytes, start: int, end: int) -> bytes:
    """The strings, joined (RFC 7208 section 3.3); no string at all counts as an empty one."""
    if start < end and message[start] == end - start - 1:
        return message[start + 1 : end]
    strings = []
    while start < end:
        behind = start + 1 + message[start]
        strings.append(message[start + 1 : behind])
        start = behind
    if start != end:
        raise MalformedMessage("string that runs out of its TXT record")
    return b"".join(strings)


def _soa(message: bytes, start: int, end: int) -> SoaData:
    mname, start = read_name(message, start)
    rname, start = read_name(message, start)
    if end - start != _SOA_TIMES.size:
        raise MalformedMessage("SOA record of a wrong length")
    return SoaData(mname, rname, *_SOA_TIMES.unpack_from(message, start))


def _srv(message: bytes, start: int, end: int) -> SrvData:
    """RFC 2782; a compressed target is read too, though it should not be."""
    if end - start <= _SRV_HEAD.size:
        raise MalformedMessage("SRV record cut short")
    priority, weight, port = _SRV_HEAD.unpack_from(message, start)
    return SrvData(priority, weight, port, _name(message, start + _SRV_HEAD.size, end))


def _tlsa(message: bytes, start: int, end: int) -> TlsaData:
    """RFC 6698 section 2.1."""
    if end - start < _TLSA_HEAD:
        raise MalformedMessage("TLSA record cut short")
    head = message[start : start + _TLSA_HEAD]
    return TlsaData(head[0], head[1], head[2], message[start + _TLSA_HEAD : end])


def _caa(message: bytes, start: int, end: int) -> CaaData:
    """RFC 8659 section 4.1."""
    if end - start < 2:  # noqa: PLR2004
        raise MalformedMessage("CAA record cut short")
    value = start + 2 + message[start + 1]
    tag = message[start + 2 : value]
    if value > end or not tag.isalnum():
        raise MalformedMessage("CAA tag that is not letters and digits")
    return CaaData(message[start], tag.decode(), message[value:end])


_PARSERS: dict[int, Callable[[bytes, int, int], Rdata]] = {
    RRType.A: _a,
    RRType.AAAA: _aaaa,
    RRType.NS: _name,
    RRType.CNAME: _name,
    RRType.PTR: _name,
    RRType.MX: _mx,
    RRType.TXT: _txt,
    RRType.SOA: _soa,
    RRType.SRV: _srv,
    RRType.TLSA: _tlsa,
    RRType.CAA: _caa,
}
