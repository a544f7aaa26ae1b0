"""Rows of right, wrong and mangled certificates."""

import hashlib
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.certificate import certificate_row
from schemas.certificates import CERTIFICATES, Certificate
from schemas.outcomes import Verdict
from tests.certs.authority import VALID, issue, name, new_key
from tests.certs.bundle import INTERMEDIATES, needs_bundle, real_ders


def row(der: bytes) -> Certificate:
    made = certificate_row(der, 1_000_000, Verdict.TRUSTED, "because")
    assert CERTIFICATES.batch([made]).num_rows == 1
    assert made.sha256 == hashlib.sha256(der).hexdigest()
    assert made.der == der
    return made


def replaced(der: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    assert old in der
    return der.replace(old, new)


def test_every_field_of_a_good_certificate() -> None:
    ca = issue(name("Mail CA", organisation="Example"), ca=True)
    leaf = issue("MX1.Example.com", ca, ca=False, dns=["mx1.example.com", "*.example.org", "x"])
    made = row(leaf.der)
    spki = leaf.certificate.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    assert made == Certificate(
        sha256=made.sha256,
        der=leaf.der,
        seen=1_000_000,
        subject="CN=MX1.Example.com",
        common_name="MX1.Example.com",
        dns_names=("mx1.example.com", "*.example.org", "x"),
        names=("*.example.org", "mx1.example.com"),
        registered_domains=("example.com", "example.org"),
        issuer="CN=Mail CA,O=Example",
        serial=f"{leaf.certificate.serial_number:x}",
        not_before=int(VALID[0].timestamp()) * 1_000_000,
        not_after=int(VALID[1].timestamp()) * 1_000_000,
        key_type="EC",
        key_bits=256,
        signature_algorithm="ECDSA_WITH_SHA256",
        is_ca=False,
        spki_sha256=hashlib.sha256(spki).hexdigest(),
        verdict=Verdict.TRUSTED,
        verdict_reason="because",
        faults=(),
    )
    assert row(ca.der).is_ca is True


def test_kinds_of_keys() -> None:
    by_rsa = row(issue("a.example.com", key=rsa.generate_private_key(65537, 1024)).der)
    assert (by_rsa.key_type, by_rsa.key_bits) == ("RSA", 1024)
    assert by_rsa.signature_algorithm == "RSA_WITH_SHA256"
    edwards = row(issue("a.example.com", key=ed25519.Ed25519PrivateKey.generate()).der)
    assert (edwards.key_type, edwards.key_bits) == ("Ed25519", 256)
    assert edwards.signature_algorithm == "ED25519"


def test_the_last_common_name_counts() -> None:
    names = [x509.NameAttribute(x509.NameOID.COMMON_NAME, n) for n in ("Host", "mx.example.com")]
    assert row(issue(x509.Name(names)).der).common_name == "mx.example.com"
    assert row(issue(x509.Name([])).der).common_name is None


def test_a_negative_serial_survives() -> None:
    leaf = issue("mx.example.com", dns=["mx.example.com"])
    serial = leaf.certificate.serial_number
    raw = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    made = row(leaf.der.replace(raw, bytes([raw[0] | 0x80]) + raw[1:], 1))
    assert made.names == ("mx.example.com",)
    assert made.key_type == "EC"
    assert made.serial is not None
    assert made.serial.startswith("-")


def test_a_name_that_is_not_utf8_costs_the_name_alone() -> None:
    leaf = issue("broken.example.com", dns=["mx.example.com"])
    made = row(replaced(leaf.der, b"broken.example", b"brok\xffn.example"))
    assert (made.subject, made.issuer, made.common_name) == (None, None, None)
    assert made.names == ("mx.example.com",)
    assert (made.key_type, made.is_ca) == ("EC", False)
    assert made.serial
    assert [fault.partition(":")[0] for fault in made.faults] == [
        "common_name",
        "subject",
        "issuer",
    ]


def test_a_dns_name_that_is_not_ascii_costs_nothing_else() -> None:
    leaf = issue("mx.example.com", dns=["mail.example.org", "next.example.net"])
    made = row(replaced(leaf.der, b"mail.example.org", b"m\xe4il.example.org"))
    assert made.dns_names == ("m\\xe4il.example.org", "next.example.net")
    assert made.names == ("mx.example.com", "next.example.net")


def test_one_broken_extension_leaves_the_others() -> None:
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                x509.oid.AuthorityInformationAccessOID.OCSP,
                x509.UniformResourceIdentifier("http://ocsp.example.com"),
            )
        ]
    )
    leaf = issue("CA", ca=True, dns=["mx.example.com"], extensions=[(access, False)])
    mangled = replaced(leaf.der, b"http://ocsp", b"http\xff//ocsp")
    with pytest.raises(ValueError, match="."):  # noqa: RUF043 - whatever the parser says
        _ = x509.load_der_x509_certificate(mangled).extensions
    made = row(mangled)
    assert (made.dns_names, made.is_ca) == (("mx.example.com",), True)


def test_what_no_strict_parser_takes_may_still_have_names() -> None:
    leaf = issue("mx.example.com", dns=["mx.example.com"])
    version_of_the_future = replaced(
        leaf.der, bytes.fromhex("a003020102"), bytes.fromhex("a003020109")
    )
    made = row(version_of_the_future)
    assert made.serial is None
    assert made.names == ("mx.example.com",)
    assert made.faults[0].startswith("certificate: ")


@pytest.mark.parametrize("der", [b"", b"\0", b"220 mx.example.com ESMTP\r\n", b"\x30\x00"])
def test_what_is_no_certificate_has_its_hash_and_faults(der: bytes) -> None:
    made = row(der)
    assert made.names == ()
    assert made.is_ca is None
    assert [fault.partition(":")[0] for fault in made.faults] == ["outline", "certificate"]


@needs_bundle
def test_real_certificates_have_no_faults() -> None:
    for der in real_ders()[::5]:
        made = row(der)
        assert made.faults == ()
        assert made.is_ca is True
        assert None not in (made.subject, made.issuer, made.key_type, made.key_bits)


KEY = new_key()
RICH = issue(
    name("mx.example.com", country="DE", organisation="Example"),
    ca=True,
    path_length=1,
    dns=["mx.example.com", "*.example.org"],
    key=KEY,
    key_ids="both",
    extensions=[
        (x509.KeyUsage(True, False, False, False, False, True, True, False, False), True),  # noqa: FBT003
        (x509.NameConstraints([x509.DNSName("example.com")], None), True),
    ],
).der


Mutation = Callable[[bytes], bytes]


def flipped(position: int, value: int) -> Mutation:
    return lambda der: der[: position % len(der)] + bytes([value]) + der[position % len(der) + 1 :]


def cut(start: int, length: int) -> Mutation:
    return lambda der: der[: start % len(der)] + der[start % len(der) + length :]


mutations = st.lists(
    st.builds(flipped, st.integers(0, 5000), st.integers(0, 255))
    | st.builds(cut, st.integers(0, 5000), st.integers(0, 40)),
    min_size=1,
    max_size=6,
)


def real_or_made() -> st.SearchStrategy[bytes]:
    real = real_ders()[::100] if INTERMEDIATES.is_file() else ()
    return st.sampled_from([RICH, *real])


@settings(max_examples=400)
@given(real_or_made(), mutations)
def test_mangled_certificates_give_rows(der: bytes, changes: list[Mutation]) -> None:
    for change in changes:
        der = change(der) or b"\0"
    row(der)
