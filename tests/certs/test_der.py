import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from certs.der import (
    DerError,
    authority_key_id,
    dns_names,
    elements,
    is_ca,
    key_id,
    outline,
)
from tests.certs.authority import issue
from tests.certs.bundle import needs_bundle, real_ders


@pytest.mark.parametrize(
    ("data", "content"),
    [
        ("", []),
        ("0500", [(0x05, b"")]),
        ("020105 0401ff", [(0x02, b"\x05"), (0x04, b"\xff")]),
        ("048103616263", [(0x04, b"abc")]),
        ("04820003616263", [(0x04, b"abc")]),
    ],
)
def test_elements(data: str, content: list[tuple[int, bytes]]) -> None:
    found = list(elements(bytes.fromhex(data)))
    assert [(element.tag, element.content) for element in found] == content
    assert b"".join(element.raw for element in found) == bytes.fromhex(data)


@pytest.mark.parametrize(
    "data", ["04", "0402ff", "0480ff0000", "1f8101ff", "0485000000000000", "0484ffffffff", "0482"]
)
def test_what_is_not_der_is_said(data: str) -> None:
    with pytest.raises(DerError):
        list(elements(bytes.fromhex(data)))


def test_the_parts_of_a_certificate() -> None:
    ca = issue("CA", ca=True, key_ids="both")
    leaf = issue("mx.example.com", ca, dns=["b.example.com", "*.a.example.com"], key_ids="both")
    parts = outline(leaf.der)
    assert parts.subject == leaf.certificate.subject.public_bytes()
    assert parts.issuer == ca.certificate.subject.public_bytes()
    assert dns_names(parts) == ("b.example.com", "*.a.example.com")
    assert authority_key_id(parts) == key_id(outline(ca.der)) is not None
    assert (is_ca(parts), is_ca(outline(ca.der))) == (False, True)


def test_a_certificate_without_extensions_has_none() -> None:
    parts = outline(issue("mx.example.com").der)
    assert parts.extensions == {}
    assert dns_names(parts) == ()
    assert (key_id(parts), authority_key_id(parts), is_ca(parts)) == (None, None, False)


@needs_bundle
def test_real_outlines_are_what_a_whole_parser_sees() -> None:
    for der in real_ders()[::10]:
        certificate = x509.load_der_x509_certificate(der)
        parts = outline(der)
        extensions = certificate.extensions
        assert len(parts.extensions) == len(extensions)
        assert parts.public_key == certificate.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        assert (
            key_id(parts)
            == extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        )
        assert is_ca(parts)


@given(st.binary())
def test_any_bytes_are_an_outline_or_a_der_error(data: bytes) -> None:
    for read in (outline, lambda data: list(elements(data))):
        try:
            read(data)
        except DerError as error:
            assert str(error)  # noqa: PT017 - either a value or the named error
