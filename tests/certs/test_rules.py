"""What a path must keep to, rule by rule."""

from collections.abc import Sequence

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from schemas.outcomes import Verdict
from tests.certs.authority import PAST, Extension, issue, name
from tests.certs.judging import MIDDLE, ROOT, judge

KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
MAIL_ONLY = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
SERVER_ONLY = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
STRANGE = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.64500.1"), b"\5\0")


def hosts(*trees: str, excluded: Sequence[str] = ()) -> x509.NameConstraints:
    return x509.NameConstraints(
        [x509.DNSName(tree) for tree in trees] or None,
        [x509.DNSName(tree) for tree in excluded] or None,
    )


def folders(*trees: x509.Name) -> x509.NameConstraints:
    return x509.NameConstraints([x509.DirectoryName(tree) for tree in trees], None)


def organisation(country: str, title: str) -> x509.Name:
    return x509.Name(list(name("x", country=country, organisation=title))[:2])


@pytest.mark.parametrize(
    ("extension", "reason"),
    [
        ((KEY_USAGE, True), "its key may not sign certificates"),
        ((MAIL_ONLY, False), "not for TLS servers"),
        ((SERVER_ONLY, False), None),
        ((STRANGE, True), "unknown critical extension 1.3.6.1.4.1.64500.1"),
        ((STRANGE, False), None),
        ((hosts("example.com"), True), None),
        ((hosts("mx.example.com"), True), None),
        ((hosts("b.example.com"), True), "may not issue for mx.example.com"),
        ((hosts("ample.com"), True), "may not issue for mx.example.com"),
        ((hosts("example.org", "Example.COM"), True), None),
        ((hosts(excluded=["example.com"]), True), "may not issue for mx.example.com"),
        ((hosts(excluded=[""]), True), "may not issue for mx.example.com"),
        ((hosts(excluded=["example.org"]), True), None),
        ((folders(organisation("DE", "EXAMPLE")), True), None),
        ((folders(organisation("DE", "Other"), organisation("DE", "Example")), True), None),
        ((folders(organisation("IT", "Example")), True),
         "may not issue for the subject mx.example.com"),
    ],
)  # fmt: skip
def test_what_a_ca_may_do(extension: Extension, reason: str | None) -> None:
    middle = issue("Bounded", ROOT, ca=True, extensions=[extension])
    leaf = issue(name("mx.example.com", country="DE", organisation="Example"), middle)
    judgement = judge(leaf, middle)
    if reason is None:
        assert judgement.verdict is Verdict.TRUSTED
    else:
        assert judgement == (Verdict.INVALID, f"Bounded: {reason}")


@pytest.mark.parametrize("ca", [None, False])
def test_who_is_no_ca_may_not_issue(ca: bool | None) -> None:  # noqa: FBT001
    middle = issue("Leaf", ROOT, ca=ca)
    assert judge(issue("mx.example.com", middle), middle) == (
        Verdict.INVALID,
        "Leaf: issues without being a CA",
    )


@pytest.mark.parametrize("oid", [x509.NameConstraints.oid, x509.KeyUsage.oid])
def test_an_extension_that_cannot_be_read_is_invalid(oid: x509.ObjectIdentifier) -> None:
    """It is signed as it is, so nothing else is wrong."""
    odd = x509.UnrecognizedExtension(oid, b"\5\0")
    middle = issue("Odd", ROOT, ca=True, extensions=[(odd, False)])
    verdict, reason = judge(issue("mx.example.com", middle), middle)
    assert verdict is Verdict.INVALID
    assert reason.startswith("a part that rules apply to does not parse: ")


def test_path_lengths_count_cas_below() -> None:
    first = issue("First", ROOT, ca=True, path_length=0)
    second = issue("Second", first, ca=True)
    assert judge(issue("mx.example.com", first), first).verdict is Verdict.TRUSTED
    assert judge(second, first).verdict is Verdict.TRUSTED
    assert judge(issue("mx.example.com", second), second, first) == (
        Verdict.INVALID,
        "First: path length 0 exceeded",
    )


def test_a_weak_key_is_invalid_and_an_expired_weak_one_expired() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    assert judge(issue("mx.example.com", MIDDLE, key=weak), MIDDLE) == (
        Verdict.INVALID,
        "mx.example.com: RSA key of 1024 bits",
    )
    old = issue("mx.example.com", MIDDLE, key=weak, validity=PAST)
    assert judge(old, MIDDLE).verdict is Verdict.EXPIRED
