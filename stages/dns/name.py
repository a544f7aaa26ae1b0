r"""Domain names between wire and text (RFC 1035 sections 3.1, 4.1.4 and 5.1).

Text is lower-case without final dot, "." for the root. In a label a dot or backslash is written
with a backslash before it, a byte outside printable ASCII as ``\DDD`` (decimal), so that
``to_wire(read_name(wire)[0])`` gives the lower-cased wire back. Bytes that are no name raise
MalformedMessage, text that is none InvalidName.
"""

import re


class MalformedMessage(ValueError):  # noqa: N818  (it names what is at fault)
    """Bytes that are no DNS message, or text that fits into none."""


class InvalidName(MalformedMessage):
    """Text that is not a domain name: an empty or overlong label, over 255 bytes, not ASCII."""


MAX_WIRE = 255
"""Longest name on the wire, bytes (RFC 1035 section 2.3.4)."""

_MAX_LABEL = 63
_MAX_BYTE = 0xFF
_POINTER = 0xC0
_MAX_POINTERS = 127  # as many as a name can have labels; bounds the work one name can make

_PREFIXED = [bytes((length,)) for length in range(_MAX_LABEL + 1)]
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
        wire = b"".join([_PREFIXED[len(label)] + label for label in labels]) + b"\0"
    except IndexError:
        raise InvalidName(f"a label of {name!r} is longer than {_MAX_LABEL} bytes") from None
    if b"" in labels:
        raise InvalidName(f"{name!r} has an empty label")
    if len(wire) > MAX_WIRE:
        raise InvalidName(f"{name!r} is longer than {MAX_WIRE} bytes")
    return wire


def read_name(message: bytes, offset: int) -> tuple[str, int]:
    """The name at an offset of a message, and the offset behind it.

    A compression pointer must lead before the name and before the pointer that led to it, so
    that there is no loop; longer chains of pointers than a name has labels are rejected.
    """
    labels = []
    size = 1
    end = pointers = 0
    limit = offset
    try:
        while length := message[offset]:
            if length <= _MAX_LABEL:
                size += length + 1
                if size > MAX_WIRE:
                    raise MalformedMessage("name longer than 255 bytes")
                labels.append(message[offset + 1 : (offset := offset + 1 + length)])
            elif length >= _POINTER:
                target = (length - _POINTER) << 8 | message[offset + 1]
                pointers += 1
                if target >= limit or pointers > _MAX_POINTERS:
                    raise MalformedMessage("compression pointer that does not lead back")
                end = end or offset + 2
                limit = offset = target
            else:
                raise MalformedMessage("unknown kind of label")
    except IndexError:
        raise MalformedMessage("name runs past the end") from None
    return _text(labels), end or offset + 1


def _text(labels: list[bytes]) -> str:
    if labels and not b"".join(labels).translate(None, _ORDINARY):
        return b".".join(labels).decode().lower()
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
