"""TLSA records against chains of real certificates, each way that they can fit or not."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from schemas.tlsa import TlsaRecord
from stages.policy.dane import faults, matches, usable

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AT = int(NOW.timestamp()) * 1_000_000
HOST = "mx.example.com"


class Made(NamedTuple):
    """A certificate and the key that may sign others."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def spki(self) -> bytes:
        key = self.certificate.public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def made(
    name: str, issuer: Made | None = None, *names: str, ca: bool = False, days: int = 30
) -> Made:
    """A certificate for names, by an issuer or by itself; ``days`` are those it is still good."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=90))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if names:
        alternatives = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
        builder = builder.add_extension(alternatives, critical=False)
    return Made(builder.sign((issuer or Made(None, key)).key, hashes.SHA256()), key)  # type: ignore[arg-type]


ROOT = made("Root", ca=True)
MIDDLE = made("Middle", ROOT, ca=True)
LEAF = made("leaf", MIDDLE, HOST)
CHAIN = [LEAF.der, MIDDLE.der, ROOT.der]


def record(usage: int, selector: int, kind: int, of: Made) -> TlsaRecord:
    """The record of a certificate."""
    data = of.spki if selector else of.der
    digests = (data, sha256(data).digest(), sha512(data).digest())
    return TlsaRecord(usage, selector, kind, digests[kind])


def fit(*records: TlsaRecord, chain: list[bytes] = CHAIN, host: str = HOST) -> bool:
    return matches(records, chain, host, AT)


@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("kind", [0, 1, 2])
def test_the_leaf_and_every_authority_by_any_selector_and_type(selector: int, kind: int) -> None:
    assert fit(record(3, selector, kind, LEAF))
    assert not fit(record(3, selector, kind, MIDDLE))
    for authority in (MIDDLE, ROOT):
        assert fit(record(2, selector, kind, authority))
    stranger = made("Stranger", ca=True)
    assert not fit(record(2, selector, kind, stranger))
    assert not fit(record(3, selector, kind, stranger))


def test_usages_of_the_web_do_not_count() -> None:
    """RFC 7672 section 3.1.3."""
    for usage, of in ((0, MIDDLE), (1, LEAF)):
        assert not fit(record(usage, 0, 1, of))
        assert [str(each.finding) for each in faults(record(usage, 0, 1, of))] == ["pkix_usage"]
    assert fit(record(1, 0, 1, ROOT), record(3, 1, 1, LEAF))


def test_an_authority_that_is_not_sent_is_taken_only_where_the_record_holds_it() -> None:
    assert not fit(record(2, 0, 1, ROOT), chain=CHAIN[:2])
    assert fit(record(2, 0, 0, ROOT), chain=CHAIN[:2])
    assert not fit(record(2, 0, 0, ROOT), chain=CHAIN[:1])


def test_names_and_dates_count_for_an_authority_and_not_for_the_leaf() -> None:
    """Sections 3.1.1 and 3.1.2."""
    old = made("old", MIDDLE, HOST, days=-1)
    other = made("other", MIDDLE, "other.example.com")
    wild = made("wild", MIDDLE, "*.example.com")
    named = made(HOST, MIDDLE)
    for leaf, good in ((old, False), (other, False), (wild, True), (named, True)):
        chain = [leaf.der, MIDDLE.der, ROOT.der]
        assert fit(record(3, 1, 1, leaf), chain=chain)
        assert fit(record(2, 0, 1, MIDDLE), chain=chain) is good
    assert not fit(record(2, 0, 1, MIDDLE), host="mx.other.example")


def test_an_authority_beside_the_path_does_not_count() -> None:
    stranger = made("Stranger", ca=True)
    assert not fit(record(2, 0, 1, stranger), chain=[*CHAIN, stranger.der])
    forged = made("Middle", made("Root", ca=True), ca=True)
    assert not fit(record(2, 0, 1, forged), chain=[LEAF.der, forged.der])


@pytest.mark.parametrize(
    ("numbers", "size", "finding"),
    [
        ((4, 0, 1), 32, "unknown_parameter"),
        ((3, 2, 1), 32, "unknown_parameter"),
        ((3, 1, 3), 32, "unknown_parameter"),
        ((3, 1, 1), 31, "bad_length"),
        ((3, 1, 2), 32, "bad_length"),
        ((3, 0, 0), 0, "bad_length"),
        ((255, 1, 1), 32, "unknown_parameter"),
    ],
)
def test_records_that_nobody_can_use(
    numbers: tuple[int, int, int], size: int, finding: str
) -> None:
    bad = TlsaRecord(*numbers, bytes(size))
    assert not usable(bad)
    assert finding in [str(each.finding) for each in faults(bad)]


NUMBER = st.integers(0, 3) | st.integers(0, 255)


@given(
    st.lists(st.builds(TlsaRecord, NUMBER, NUMBER, NUMBER, st.binary(max_size=64))),
    st.lists(st.binary(max_size=40) | st.sampled_from(CHAIN), max_size=4),
    st.text(max_size=20),
)  # fmt: skip
def test_any_records_and_any_chain_are_judged(
    records: list[TlsaRecord], chain: list[bytes], host: str
) -> None:
    assert matches(records, chain, host, AT) <= any(map(usable, records))
