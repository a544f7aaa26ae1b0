r"""Domain names: presentation form and wire form (RFC 1035 sections 3.1 and 5.1).

Presentation form is text in which `\.` and `\DDD` stand for bytes of a label; wire form is
lower-case here, for names are compared without case (RFC 4343).
"""

import re
from functools import lru_cache

_ESCAPE = re.compile(rb"\\(\d{3}|[^0-9])")
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_*/:=~%{}+")
_SIMPLE = re.compile(r"(?=.{1,252}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.ASCII)
_LABEL = 63
_NAME = 255


class BadName(ValueError):  # noqa: N818
    """The text is no name that the DNS can hold."""


@lru_cache(maxsize=1 << 16)
def wire(name: str) -> bytes:
    r"""The wire form of a name with or without final dot. Raises BadName.

    >>> wire("MX.example")
    b'\x02mx\x07example\x00'
    """
    if name == ".":
        return b"\0"
    data = name.removesuffix(".").encode("utf-8", "surrogateescape").lower()
    labels = _labels(data) if b"\\" in data else data.split(b".")
    if not all(0 < len(label) <= _LABEL for label in labels):
        raise BadName(f"empty or long label: {name}")
    form = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    if len(form) > _NAME:
        raise BadName(f"longer than {_NAME} bytes: {name}")
    return form


@lru_cache(maxsize=1 << 16)
def presentation(form: bytes) -> str:
    """The text of an uncompressed wire form, with final dot and all that is unusual escaped."""
    labels, start = [], 0
    while length := form[start]:
        labels.append("".join(map(_escaped, form[start + 1 : start + 1 + length])))
        start += 1 + length
    return ".".join(labels) + "."


def absolute(name: str) -> str:
    """The text of a name with final dot, as zone files have it. Raises BadName."""
    if _SIMPLE.fullmatch(name):
        return f"{name}."
    return presentation(wire(name))


def parent(form: bytes) -> bytes:
    """The wire form without its first label; not for the root."""
    return form[1 + form[0] :]


def _labels(data: bytes) -> list[bytes]:
    """Labels of text with escapes."""
    labels, start = [bytearray()], 0
    for match in _ESCAPE.finditer(data):
        _extend(labels, data[start : match.start()])
        labels[-1].append(_byte(match[1]))
        start = match.end()
    _extend(labels, data[start:])
    return [bytes(label) for label in labels]


def _extend(labels: list[bytearray], plain: bytes) -> None:
    first, *rest = plain.split(b".")
    labels[-1] += first
    labels += map(bytearray, rest)


def _byte(escape: bytes) -> int:
    if len(escape) == 1:
        return escape[0]
    if (value := int(escape)) > 0xFF:
        raise BadName(f"escape over 255: \\{value}")
    return value


def _escaped(byte: int) -> str:
    return chr(byte) if byte in _PLAIN else f"\\{byte:03}"
