"""Record data in wire form and as zone files write it (RFC 1035 sections 3.3 and 5.1).

encode(record) -> bytes        zone_text(record) -> str        both raise BadData
"""

from collections.abc import Callable
from functools import partial
from ipaddress import IPv6Address
from socket import AF_INET, inet_ntop, inet_pton
from typing import NamedTuple, TypeVar

from scripts.world.model import Record
from scripts.world.names import absolute, wire

T = TypeVar("T")
_STRING = 255
_SHORT = range(1 << 16)
_SPECIAL = frozenset('"\\')
_PRINTABLE = range(0x20, 0x7F)


class BadData(ValueError):  # noqa: N818
    """A record that the DNS cannot hold, or of a type that is not known here."""


class _Type(NamedTuple):
    code: int
    encode: Callable[[str], bytes]
    text: Callable[[str], str]


def encode(record: Record) -> bytes:
    """Record data in wire form, names uncompressed."""
    return _apply(record, _type(record).encode)


def zone_text(record: Record) -> str:
    """Record data in presentation form, names absolute, strings quoted."""
    return _apply(record, _type(record).text)


def type_code(kind: str) -> int:
    """The number of a type (IANA registry). Raises BadData."""
    if kind not in TYPES:
        raise BadData(f"unknown type {kind}")
    return TYPES[kind].code


def text_bytes(text: str) -> bytes:
    """The bytes of a TXT record: UTF-8; surrogate escapes stand for bytes that are none."""
    return text.encode("utf-8", "surrogateescape")


def _type(record: Record) -> _Type:
    type_code(record.type)
    return TYPES[record.type]


def _apply(record: Record, function: Callable[[str], T]) -> T:
    try:
        return function(record.data)
    except (ValueError, OverflowError, OSError) as error:
        raise BadData(f"{record.name} {record.type} {record.data!r}: {error}") from error


def _strings(text: str) -> list[bytes]:
    data = text_bytes(text)
    return [data[start : start + _STRING] for start in range(0, max(1, len(data)), _STRING)]


def _encode_strings(text: str) -> bytes:
    return b"".join(bytes((len(string),)) + string for string in _strings(text))


def _quoted(text: str) -> str:
    if len(text) <= _STRING and text.isascii() and text.isprintable() and _SPECIAL.isdisjoint(text):
        return f'"{text}"'
    return " ".join('"' + "".join(map(_escaped, string)) + '"' for string in _strings(text))


def _escaped(byte: int) -> str:
    if byte in b'"\\' or byte not in _PRINTABLE:
        return f"\\{byte:03}"
    return chr(byte)


def _numbers(count: int) -> tuple[Callable[[str], bytes], Callable[[str], str]]:
    """For data that is 16-bit numbers and a name, in this order."""

    def parts(data: str) -> tuple[list[int], str]:
        *numbers, name = data.split(maxsplit=count)
        if len(numbers) != count:
            raise ValueError(f"not {count} numbers and a name")
        values = [int(number) for number in numbers]
        if not all(value in _SHORT for value in values):
            raise ValueError("a number outside 16 bits")
        return values, name

    def encoded(data: str) -> bytes:
        values, name = parts(data)
        return b"".join(value.to_bytes(2, "big") for value in values) + wire(name)

    def text(data: str) -> str:
        values, name = parts(data)
        return " ".join((*map(str, values), absolute(name)))

    return encoded, text


def _ipv4_text(data: str) -> str:
    return inet_ntop(AF_INET, inet_pton(AF_INET, data))


def _encode_soa(data: str) -> bytes:
    mname, rname, *times = data.split()
    return wire(mname) + wire(rname) + b"".join(int(time).to_bytes(4, "big") for time in times)


def _soa_text(data: str) -> str:
    mname, rname, *times = data.split()
    return " ".join((absolute(mname), absolute(rname), *(str(int(time)) for time in times)))


def _encode_tlsa(data: str) -> bytes:
    usage, selector, matching_type, digits = data.split()
    return bytes((int(usage), int(selector), int(matching_type))) + bytes.fromhex(digits)


def _tlsa_text(data: str) -> str:
    _encode_tlsa(data)
    return data


TYPES: dict[str, _Type] = {
    "A": _Type(1, partial(inet_pton, AF_INET), _ipv4_text),
    "NS": _Type(2, wire, absolute),
    "CNAME": _Type(5, wire, absolute),
    "SOA": _Type(6, _encode_soa, _soa_text),
    "PTR": _Type(12, wire, absolute),
    "MX": _Type(15, *_numbers(1)),
    "TXT": _Type(16, _encode_strings, _quoted),
    "AAAA": _Type(28, lambda data: IPv6Address(data).packed, lambda data: str(IPv6Address(data))),
    "SRV": _Type(33, *_numbers(3)),
    "TLSA": _Type(52, _encode_tlsa, _tlsa_text),
}
"""What worlds hold; a new type is a line."""
