r"""Domain names between wire and text (RFC 1035 sections 3.1, 4.1.4 and 5.1).

Text is lower-case without final dot, "." for the root. In a label a dot or backslash is written
with a backslash before it, a byte outside printable ASCII as ``\DDD`` (decimal), so that
``to_wire(read_name(wire)[0])`` gives the lower-cased wire back. Bytes that are no name raise
MalformedMessage, text that is none InvalidName.
"""

import re
from functools import lru_cache


class MalformedMessage(ValueError):  # noqa: N818  (it names what is at fault)
    """Bytes that are no DNS message, or text that fits into none."""


class InvalidName(MalformedMessage):
    """Text that is not a domain name: an empty or overlong label, over 255 bytes, not ASCII."""


MAX_WIRE = 255
"""Longest name on the wire, bytes (RFC 1035 section 2.3.4)."""

_HEADER_SIZE = 12
_MAX_LABEL = 63
_MAX_BYTE = 0xFF
_POINTER = 0xC0
_LENGTHS = {size: bytes((size,)) for size in range(1, _MAX_LABEL + 1)}
_MAX_LABELS = 127  # in a name; no more pointers either, which bounds the work one name can make

_PLAIN_TEXT = re.compile(r"[!-\[\]-~]+").fullmatch
_ORDINARY = bytes(byte for byte in range(0x21, 0x7F) if byte not in b".\\")
_TOKEN = re.compile(r"\\(?P<code>[0-9]{3})|\\(?P<quoted>[!-/:-~])|(?P<plain>[!-\[\]-~])")
_SPECIAL = re.compile(rb"[^!-~]|[.\\]")


def to_wire(name: str) -> bytes:
    """A name's uncompressed wire form; InvalidName if the text is none."""
    if name == ".":
        return b"\0"
    labels = name.encode().split(b".") if _PLAIN_TEXT(name) else _unescaped(name)
    try:
        wire = b"".join([_LENGTHS[len(label)] + label for label in labels]) + b"\0"
    except KeyError as size:
        raise InvalidName(f"{name!r} has a label of {size} bytes") from None
    if len(wire) > MAX_WIRE:
        raise InvalidName(f"{name!r} is longer than {MAX_WIRE} bytes")
    return wire


def read_name(message: bytes, offset: int) -> tuple[str, int]:
    """The name at an offset of a message, and the offset behind it.

    A compression pointer must lead before the name and before the pointer that led to it, so
    that there is no loop; longer chains of pointers than a name has labels are rejected.
    """
    labels = []
    end = pointers = 0
    limit = offset
    try:
        while length := message[offset]:
            if length <= _MAX_LABEL:
                start = offset + 1
                offset = start + length
                labels.append(message[start:offset])
            elif length >= _POINTER:
                target = (length - _POINTER) << 8 | message[offset + 1]
                pointers += 1
                if target >= limit or max(pointers, len(labels)) > _MAX_LABELS:
                    raise MalformedMessage("compression pointer that does not lead back")
                end = end or offset + 2
                limit = offset = target
            else:
                raise MalformedMessage("unknown kind of label")
    except IndexError:
        raise MalformedMessage("name runs past the end") from None
    joined = b".".join(labels)
    if len(joined) > MAX_WIRE - 2:
        raise MalformedMessage("name longer than 255 bytes")
    # Nothing but ordinary bytes, and the dots that we put there: the common case.
    if labels and len(joined.translate(None, _ORDINARY)) == len(labels) - 1:
        return joined.decode().lower(), end or offset + 1
    return _text(labels), end or offset + 1


def name_behind(wire: bytes, question: str) -> str | None:
    """The name that the bytes are, if it ends in the question's name or by itself.

    The question's name is given as text without escapes and stands behind the header. None for
    other names, the root and whatever is malformed: read_name knows.
    """
    found = _relative(wire) if len(wire) <= MAX_WIRE else None
    if found is None:
        return None
    text, place = found
    if place is None:
        return text or None
    if place and question[place - 1 : place] != ".":
        return None
    name = text + question[place:]
    return name if place < len(question) and len(name) <= MAX_WIRE - 2 else None


@lru_cache(maxsize=1 << 14)  # first labels of the exchanges of the world are few
def _relative(wire: bytes) -> tuple[str, int | None] | None:
    """A name's own labels, and the place in the question's name that it points to, if it does.

    With a place, text ends in a dot, or is empty. None where a byte would need an escape.
    """
    labels = []
    offset = 0
    try:
        while 0 < (length := wire[offset]) <= _MAX_LABEL:
            start = offset + 1
            offset = start + length
            labels.append(wire[start:offset])
        place = ((length - _POINTER) << 8 | wire[offset + 1]) - _HEADER_SIZE if length else None
    except IndexError:
        return None
    joined = b".".join(labels)
    if len(joined.translate(None, _ORDINARY)) != max(len(labels) - 1, 0):
        return None
    text = joined.decode().lower()
    if place is None:
        return (text, None) if offset + 1 == len(wire) else None
    if place < 0 or offset + 2 != len(wire):
        return None
    return text + "." if text else "", place


def skip_name(message: bytes, offset: int) -> int:
    """The offset behind a name that is not read; IndexError where it runs past the end."""
    while length := message[offset]:
        if length > _MAX_LABEL:
            return offset + 2
        offset += length + 1
    return offset + 1


def _text(labels: list[bytes]) -> str:
    return ".".join(_SPECIAL.sub(_escaped, label).decode() for label in labels).lower() or "."


def _escaped(match: re.Match[bytes]) -> bytes:
    byte = match[0]
    return b"\\" + byte if byte in (b".", b"\\") else b"\\%03d" % byte[0]


def _unescaped(name: str) -> list[bytes]:
    labels = [bytearray()]
    position = 0
    while position < len(name):
        token = _TOKEN.match(name, position)
        if token is None or int(token["code"] or 0) > _MAX_BYTE:
            raise InvalidName(f"{name!r} has what is neither printable ASCII nor an escape")
        position = token.end()
        if token["plain"] == ".":
            labels.append(bytearray())
        elif token["code"]:
            labels[-1].append(int(token["code"]))
        else:
            labels[-1] += (token["quoted"] or token["plain"]).encode()
    return [bytes(label) for label in labels]
