"""The outline of an X.509 certificate (RFC 5280 section 4.1), read from its DER (X.690).

Only as deep as the parts go that are wanted as raw bytes: names to chain by, the public key
to hash, extensions one by one. A certificate whose one bad extension makes a strict parser
refuse the rest still gives these. Definite lengths and single-byte tags only, which is all
that DER has in these places.
"""

from collections.abc import Iterator
from typing import NamedTuple

BOOLEAN, INTEGER, OCTET_STRING, OID, SEQUENCE = 0x01, 0x02, 0x04, 0x06, 0x30
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_LONG_TAG, _LONG_LENGTH = 0x1F, 0x80

BASIC_CONSTRAINTS = bytes.fromhex("551d13")
SUBJECT_ALT_NAME = bytes.fromhex("551d11")
SUBJECT_KEY_ID = bytes.fromhex("551d0e")
AUTHORITY_KEY_ID = bytes.fromhex("551d23")
_DNS_NAME = 0x82
_KEY_ID = 0x80


class DerError(ValueError):
    """Bytes that are not the DER they should be."""


class Element(NamedTuple):
    """A tag, its content, and both with the length between as they stood."""

    tag: int
    content: bytes
    raw: bytes


class Outline(NamedTuple):
    """Parts of a certificate, as raw DER."""

    issuer: bytes
    subject: bytes
    public_key: bytes
    """The SubjectPublicKeyInfo."""
    extensions: dict[bytes, bytes]
    """Value by the content of its OID; of a repeated extension the first."""


def elements(data: bytes) -> Iterator[Element]:
    """The elements that stand one after the other in some content; ``DerError``."""
    position = 0
    while position < len(data):
        element = _element(data, position)
        position += len(element.raw)
        yield element


def _element(data: bytes, start: int) -> Element:
    if len(data) < start + 2:
        raise DerError("cut off")
    tag, length, body = data[start], data[start + 1], start + 2
    if tag & _LONG_TAG == _LONG_TAG:
        raise DerError("a tag of several bytes")
    if length >= _LONG_LENGTH:
        size = length - _LONG_LENGTH
        if not 0 < size <= 4:  # noqa: PLR2004 - four bytes count to 4 GiB
            raise DerError("a length that is indefinite or absurd")
        length, body = int.from_bytes(data[body : body + size], "big"), body + size
    if len(data) < body + length:
        raise DerError("cut off")
    return Element(tag, data[body : body + length], data[start : body + length])


def inside(data: bytes, tag: int) -> Iterator[Element]:
    """The elements inside the one element that opens the data."""
    outer = _element(data, 0)
    if outer.tag != tag:
        raise DerError(f"tag {outer.tag:#04x} where {tag:#04x} should be")
    return elements(outer.content)


def outline(certificate: bytes) -> Outline:
    """The outline of a certificate; ``DerError`` for what has none."""
    to_be_signed = next(inside(certificate, SEQUENCE), None)
    if to_be_signed is None:
        raise DerError("empty")
    fields = list(inside(to_be_signed.raw, SEQUENCE))
    if fields and fields[0].tag == _VERSION:
        del fields[0]
    if [field.tag for field in fields[:6]] != [INTEGER, *[SEQUENCE] * 5]:
        raise DerError("not the fields of a certificate")
    _, _, issuer, _, subject, public_key = (field.raw for field in fields[:6])
    wrapped = next((field.content for field in fields[6:] if field.tag == _EXTENSIONS), None)
    extensions = {} if wrapped is None else _extensions(wrapped)
    return Outline(issuer, subject, public_key, extensions)


def _extensions(wrapped: bytes) -> dict[bytes, bytes]:
    values: dict[bytes, bytes] = {}
    for extension in inside(wrapped, SEQUENCE):
        parts = list(inside(extension.raw, SEQUENCE))
        if len(parts) < 2 or parts[0].tag != OID or parts[-1].tag != OCTET_STRING:  # noqa: PLR2004
            raise DerError("not an extension")
        values.setdefault(parts[0].content, parts[-1].content)
    return values


def dns_names(parts: Outline) -> tuple[str, ...]:
    """The dNSNames of the subject alternative name, as written; bytes beyond ASCII escaped."""
    value = parts.extensions.get(SUBJECT_ALT_NAME)
    names = [] if value is None else inside(value, SEQUENCE)
    return tuple(
        name.content.decode("ascii", "backslashreplace") for name in names if name.tag == _DNS_NAME
    )


def is_ca(parts: Outline) -> bool:
    """Whether basicConstraints say cA; a certificate without them is none."""
    value = parts.extensions.get(BASIC_CONSTRAINTS)
    first = None if value is None else next(inside(value, SEQUENCE), None)
    return first is not None and first.tag == BOOLEAN and any(first.content)


def key_id(parts: Outline) -> bytes | None:
    """The subject key identifier; None if it has none that can be read."""
    try:
        value = parts.extensions.get(SUBJECT_KEY_ID)
        return None if value is None else _element(value, 0).content
    except DerError:
        return None


def authority_key_id(parts: Outline) -> bytes | None:
    """The key identifier of the issuer; None if it has none that can be read."""
    try:
        value = parts.extensions.get(AUTHORITY_KEY_ID)
        named = [] if value is None else inside(value, SEQUENCE)
        return next((part.content for part in named if part.tag == _KEY_ID), None)
    except DerError:
        return None
