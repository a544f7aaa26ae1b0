"""Every verdict, by certificates made for it and by the real intermediates."""

from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.outcomes import Verdict
from tests.certs.authority import (
    AT,
    FUTURE,
    PAST,
    Party,
    issue,
    new_key,
)
from tests.certs.judging import LEAF, MIDDLE, ROOT, judge, store


def test_a_chain_that_was_sent_is_trusted() -> None:
    assert judge(LEAF, MIDDLE) == (Verdict.TRUSTED, "chains to Root by Intermediate")


def test_the_order_of_what_was_sent_does_not_matter() -> None:
    other = issue("Unrelated", ca=True)
    assert judge(LEAF, ROOT, other, MIDDLE, MIDDLE).verdict is Verdict.TRUSTED


def test_a_known_intermediate_need_not_be_sent() -> None:
    assert judge(LEAF).verdict is Verdict.UNKNOWN_ISSUER
    assert judge(LEAF, trust=store(MIDDLE)).verdict is Verdict.TRUSTED


def test_a_known_intermediate_is_not_a_root() -> None:
    alien = issue("Alien Intermediate", issue("Alien Root", ca=True), ca=True)
    leaf = issue("mx.example.com", alien)
    verdict, reason = judge(leaf, trust=store(alien))
    assert verdict is Verdict.UNKNOWN_ISSUER
    assert reason == "issuer Alien Intermediate: its issuer was neither sent nor is known"


def test_cas_are_judged_like_leaves() -> None:
    assert judge(MIDDLE).verdict is Verdict.TRUSTED
    assert judge(ROOT) == (Verdict.TRUSTED, "is a trusted root")
    assert judge(issue("Nobody", ca=True)).verdict is Verdict.SELF_SIGNED


def test_a_root_issued_anew_is_trusted_for_its_key() -> None:
    anew = issue("Root", ca=True, key=ROOT.key)
    assert judge(anew).verdict is Verdict.TRUSTED
    assert judge(LEAF, MIDDLE, anew).verdict is Verdict.TRUSTED


def test_a_copy_of_a_root_with_other_names_is_not_trusted() -> None:
    """Subject and key of a root are public; only its signature makes a certificate its own."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(ROOT.certificate.subject)
        .issuer_name(ROOT.certificate.subject)
        .public_key(ROOT.certificate.public_key())
        .serial_number(1)
        .not_valid_before(ROOT.certificate.not_valid_before_utc)
        .not_valid_after(ROOT.certificate.not_valid_after_utc)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("google.com")]), critical=False)
    )
    forged = new_key()
    certificate = builder.sign(forged, hashes.SHA256())
    assert judge(Party(certificate, forged)).verdict is Verdict.BAD_SIGNATURE


def test_a_leaf_with_only_a_common_name_or_no_name_is_trusted() -> None:
    assert judge(issue("mx.example.com", MIDDLE), MIDDLE).verdict is Verdict.TRUSTED
    assert judge(issue(x509.Name([]), MIDDLE), MIDDLE).verdict is Verdict.TRUSTED


def test_a_leaf_for_clients_alone_is_trusted_for_its_names() -> None:
    usage = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    assert judge(issue("mx.example.com", MIDDLE, extensions=[usage]), MIDDLE).verdict is (
        Verdict.TRUSTED
    )


@pytest.mark.parametrize(
    ("validity", "verdict", "reason"),
    [
        (PAST, Verdict.EXPIRED, "expired on 2026-10-31"),
        (FUTURE, Verdict.NOT_YET_VALID, "not valid before 2026-12-01"),
    ],
)
class TestDates:
    def test_of_the_leaf(
        self, validity: tuple[datetime, datetime], verdict: Verdict, reason: str
    ) -> None:
        leaf = issue("mx.example.com", MIDDLE, validity=validity)
        assert judge(leaf, MIDDLE) == (verdict, reason)

    def test_of_an_issuer(
        self, validity: tuple[datetime, datetime], verdict: Verdict, reason: str
    ) -> None:
        middle = issue("Old Intermediate", ROOT, ca=True, validity=validity)
        leaf = issue("mx.example.com", middle)
        assert judge(leaf, middle) == (verdict, f"issuer Old Intermediate: {reason}")

    def test_of_the_root(
        self, validity: tuple[datetime, datetime], verdict: Verdict, reason: str
    ) -> None:
        root = issue("Old Root", ca=True, validity=validity)
        trust = store(root=root)
        assert judge(root, trust=trust) == (verdict, reason)
        leaf = issue("mx.example.com", root)
        assert judge(leaf, trust=trust) == (verdict, f"issuer Old Root: {reason}")

    def test_go_into_the_reason_where_no_root_is_reached(
        self, validity: tuple[datetime, datetime], verdict: Verdict, reason: str
    ) -> None:
        selfish = judge(issue("mx.example.com", validity=validity))
        assert selfish.verdict is Verdict.SELF_SIGNED
        assert selfish.reason.endswith(f"; {reason}")
        assert verdict is not selfish.verdict


def test_dates_are_those_of_the_moment_asked_for() -> None:
    leaf = issue("mx.example.com", MIDDLE, validity=PAST)
    assert judge(leaf, MIDDLE, at=AT - 10 * 86_400 * 1_000_000).verdict is Verdict.TRUSTED


def test_an_expired_cross_signature_does_not_spoil_a_good_path() -> None:
    key = new_key()
    old = issue("Cross", ROOT, ca=True, key=key, validity=PAST)
    new = issue("Cross", ROOT, ca=True, key=key)
    leaf = issue("mx.example.com", old)
    assert judge(leaf, old, trust=store(new)).verdict is Verdict.TRUSTED
    assert judge(leaf, old).verdict is Verdict.EXPIRED


def test_a_self_signed_certificate() -> None:
    verdict, reason = judge(issue("mx.example.com", dns=["mx.example.com"]))
    assert verdict is Verdict.SELF_SIGNED
    assert reason == "names itself as issuer, and is no trusted root"


def test_a_private_ca() -> None:
    private = issue("Private Root", ca=True)
    leaf = issue("mx.example.com", private)
    assert judge(leaf).verdict is Verdict.UNKNOWN_ISSUER
    assert judge(leaf, private) == (
        Verdict.UNKNOWN_ISSUER,
        "issuer Private Root: a root that is not trusted",
    )


@pytest.mark.parametrize("depth", [0, 1])
def test_a_signature_that_the_named_issuer_did_not_make(depth: int) -> None:
    impostor = Party(MIDDLE.certificate, new_key())
    leaf = issue("mx.example.com", impostor)
    sent = [MIDDLE]
    if depth:
        middle = issue("Second", impostor, ca=True)
        leaf, sent = issue("mx.example.com", middle), [middle, MIDDLE]
    verdict, reason = judge(leaf, *sent)
    assert verdict is Verdict.BAD_SIGNATURE
    assert reason == ("issuer Second: " if depth else "") + "not signed by Intermediate"


def test_a_flipped_bit_is_a_bad_signature() -> None:
    der = LEAF.der[:-1] + bytes([LEAF.der[-1] ^ 1])
    assert store().judge(der, [der, MIDDLE.der], AT).verdict is Verdict.BAD_SIGNATURE


def test_a_namesake_with_another_key_is_just_unknown() -> None:
    namesake = issue("Intermediate", issue("Elsewhere", ca=True), ca=True, key_ids="both")
    known = issue("Intermediate", ROOT, ca=True, key_ids="both")
    leaf = issue("mx.example.com", namesake, key_ids="both")
    assert judge(leaf, known).verdict is Verdict.UNKNOWN_ISSUER
    assert judge(leaf, known, namesake).verdict is Verdict.UNKNOWN_ISSUER


@pytest.mark.parametrize(
    "der",
    [b"", b"220 mx ESMTP\r\n", LEAF.der[:100], b"\x30\x82\xff\xff"],
    ids=["nothing", "greeting", "cut", "no length"],
)
def test_what_is_no_certificate_is_unparsable(der: bytes) -> None:
    assert store().judge(der, [der, MIDDLE.der], AT).verdict is Verdict.UNPARSABLE


def test_company_that_does_not_parse_does_no_harm() -> None:
    assert store().judge(LEAF.der, [b"", LEAF.der, b"\xff" * 50, MIDDLE.der], AT).verdict is (
        Verdict.TRUSTED
    )


@settings(max_examples=300)
@given(
    position=st.integers(0, len(LEAF.der) - 1),
    value=st.integers(0, 255),
    cut=st.integers(0, 600),
)
@example(position=LEAF.der.index(bytes.fromhex("a003020102")) + 4, value=1, cut=0)  # version 2
def test_a_mangled_chain_gives_a_verdict(position: int, value: int, cut: int) -> None:
    der = LEAF.der[:position] + bytes([value]) + LEAF.der[position + 1 :]
    middle = MIDDLE.der[:position] + bytes([value]) + MIDDLE.der[position + 1 :]
    assert store().judge(der, [der, middle], AT).verdict in Verdict
    assert store().judge(LEAF.der, [middle, MIDDLE.der[:cut]], AT).verdict in Verdict


def test_a_namesake_of_itself_signed_by_an_unknown_key_is_just_unknown() -> None:
    old = issue("Rolled", ca=True, key_ids="both")
    assert judge(issue("Rolled", old, ca=True, key_ids="both")).verdict is Verdict.UNKNOWN_ISSUER
    assert judge(issue("Rolled", old, ca=True)).verdict is Verdict.BAD_SIGNATURE
