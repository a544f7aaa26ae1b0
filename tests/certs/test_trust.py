"""Every verdict, by certificates made for it and by the real intermediates."""

import gzip
import time
import warnings
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import example, given, settings
from hypothesis import strategies as st

from certs.chain import Link
from certs.trust import Judgement, TrustStore
from schemas.outcomes import Verdict
from schemas.provenance import TableError
from tests.certs.authority import (
    AT,
    FUTURE,
    NOW,
    PAST,
    Extension,
    Party,
    issue,
    name,
    new_key,
)
from tests.certs.bundle import INTERMEDIATES, needs_bundle, real_ders

ROOT = issue("Root", ca=True)
MIDDLE = issue("Intermediate", ROOT, ca=True)
LEAF = issue("mx.example.com", MIDDLE, dns=["mx.example.com"])


def store(*known: Party, root: Party = ROOT) -> TrustStore:
    links = [Link.of(party.der) for party in known]
    trusted = Link.of(root.der)
    assert trusted
    return TrustStore([trusted], [link for link in links if link])


def judge(leaf: Party, *sent: Party, trust: TrustStore | None = None, at: int = AT) -> Judgement:
    chain = [leaf.der, *(party.der for party in sent)]
    return (trust or store()).judge(leaf.der, chain, at)


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


@pytest.mark.parametrize("der", [b"", b"220 mx ESMTP\r\n", LEAF.der[:100], b"\x30\x82\xff\xff"])
def test_what_is_no_certificate_is_unparsable(der: bytes) -> None:
    assert store().judge(der, [der, MIDDLE.der], AT).verdict is Verdict.UNPARSABLE


def test_company_that_does_not_parse_does_no_harm() -> None:
    assert store().judge(LEAF.der, [b"", LEAF.der, b"\xff" * 50, MIDDLE.der], AT).verdict is (
        Verdict.TRUSTED
    )


@settings(max_examples=300, deadline=None)
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


class TestHostileChains:
    """Each would take hours if every path were walked."""

    def seconds(self, leaf: Party, *sent: Party) -> float:
        begun = time.perf_counter()
        judgement = judge(leaf, *sent)
        assert judgement.verdict is Verdict.UNKNOWN_ISSUER
        return time.perf_counter() - begun

    def test_cas_that_all_sign_each_other(self) -> None:
        names = [f"CA {number}" for number in range(8)]
        keys = [new_key() for _ in names]
        heads = [issue(n, ca=True, key=key) for n, key in zip(names, keys, strict=True)]
        crossed = [
            issue(subject, head, ca=True, key=key)
            for subject, key in zip(names, keys, strict=True)
            for head in heads
        ]
        assert self.seconds(issue("mx.example.com", heads[0]), *crossed) < 3

    def test_a_thousand_of_one_name_and_key(self) -> None:
        key = new_key()
        head = issue("CA", ca=True, key=key)
        same = [issue("CA", head, ca=True, key=key) for _ in range(300)] * 4
        assert self.seconds(issue("mx.example.com", head), *same) < 3

    def test_a_chain_longer_than_any_honest_one(self) -> None:
        ladder = [issue("CA 0", ROOT, ca=True)]
        for number in range(1, 20):
            ladder.append(issue(f"CA {number}", ladder[-1], ca=True))
        assert self.seconds(issue("mx.example.com", ladder[-1]), *ladder) < 3
        assert judge(issue("mx.example.com", ladder[5]), *ladder[:6]).verdict is Verdict.TRUSTED


@pytest.mark.parametrize("ending", [".pem", ".pem.gz"])
def test_stores_are_opened_from_files(ending: str, tmp_path: Path) -> None:
    roots, known = tmp_path / f"roots{ending}", tmp_path / f"known{ending}"
    for path, party in ((roots, ROOT), (known, MIDDLE)):
        pem = b"# a comment\n" + party.pem + b"\n"
        path.write_bytes(gzip.compress(pem) if ending.endswith(".gz") else pem)
    trust = TrustStore.open(roots, [known])
    assert judge(LEAF, trust=trust).verdict is Verdict.TRUSTED
    assert [(p.name, p.source) for p in trust.provenance] == [
        ("roots", str(roots)),
        ("intermediates", str(known)),
    ]


def mozilla_roots() -> list[x509.Certificate]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one has the serial number 0
        return x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())


def test_mozillas_roots_are_the_default() -> None:
    trust = TrustStore.open()
    (provenance,) = trust.provenance
    assert provenance.source == f"certifi {certifi.__version__}"
    assert datetime.fromisoformat(provenance.date).year > 2020
    for root in mozilla_roots()[:20]:
        der = root.public_bytes(Encoding.DER)
        middle = int(root.not_valid_after_utc.timestamp() - 86_400) * 1_000_000
        assert trust.judge(der, [der], middle).reason == "is a trusted root"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("empty.pem", b""),
        ("text.pem", b"no certificate\n"),
        ("plain.pem.gz", ROOT.pem),
        ("short.pem.gz", gzip.compress(ROOT.pem)[:-9]),
        ("broken.pem", ROOT.pem.replace(b"\nMII", b"\nM")),
    ],
)
def test_a_wrong_file_is_one_line_that_names_it(file: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(TableError, match=file) as raised:
        TrustStore.open(path)
    assert "\n" not in str(raised.value)
    for missing in (tmp_path, tmp_path / "missing.pem"):
        with pytest.raises(TableError, match=missing.name):
            TrustStore.open(None, [missing])


@needs_bundle
def test_real_intermediates_by_cryptographys_verifier_and_by_ours() -> None:
    """The two agree but where theirs is stricter than browsers, and says so."""
    stricter = (
        "unsupported directoryName constraint",
        "must be UtcTime",
        "RsaWithSha256(None)",  # parameters left out where they should be NULL
    )
    trust = TrustStore.open(None, [INTERMEDIATES])
    differing = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = Verifier()
        for der in real_ders()[::3]:
            ours = trust.judge(der, [der], AT)
            words = theirs.refusal(x509.load_der_x509_certificate(der))
            if (ours.verdict is Verdict.TRUSTED) is not (words is None):
                differing += 1
                assert ours.verdict is Verdict.TRUSTED
                assert words is not None
                assert any(reason in words for reason in stricter), (words, ours)
    assert differing < 20


@needs_bundle
def test_signatures_with_sha1_are_named_for_what_they_are() -> None:
    trust = TrustStore.open(None, [INTERMEDIATES])
    by_sha1 = [der for der in real_ders() if bytes.fromhex("2a864886f70d010105") in der]
    reasons = [trust.judge(der, [der], AT).reason for der in by_sha1]
    assert sum(reason.endswith(": signed with SHA1") for reason in reasons) >= 10


class Verifier:
    """cryptography's, with the CA rules of ours, over certifi's roots and the bundle."""

    def __init__(self) -> None:
        self._store = verification.Store(mozilla_roots())
        self._known: dict[x509.Name, list[x509.Certificate]] = {}
        for der in real_ders():
            certificate = x509.load_der_x509_certificate(der)
            self._known.setdefault(certificate.subject, []).append(certificate)
        anything = verification.ExtensionPolicy.permit_all()
        cas = (
            anything.require_present(
                x509.BasicConstraints, verification.Criticality.AGNOSTIC, self._is_ca
            )
            .may_be_present(x509.KeyUsage, verification.Criticality.AGNOSTIC, self._signs)
            .may_be_present(x509.ExtendedKeyUsage, verification.Criticality.AGNOSTIC, self._serves)
        )
        self._verifier = (
            verification.PolicyBuilder()
            .store(self._store)
            .time(NOW.replace(tzinfo=None))
            .extension_policies(ca_policy=cas, ee_policy=anything)
            .build_client_verifier()
        )

    def refusal(self, certificate: x509.Certificate) -> str | None:
        above: list[x509.Certificate] = []
        names = [certificate.issuer]
        for issuer in names:
            for other in self._known.get(issuer, []):
                if other not in above:
                    above.append(other)
                    names.append(other.issuer)
        try:
            self._verifier.verify(certificate, above)
        except verification.VerificationError as error:
            return str(error)
        return None

    @staticmethod
    def _is_ca(_: object, __: object, extension: x509.BasicConstraints) -> None:
        if not extension.ca:
            raise ValueError("no CA")

    @staticmethod
    def _signs(_: object, __: object, extension: x509.KeyUsage | None) -> None:
        if extension is not None and not extension.key_cert_sign:
            raise ValueError("no signing of certificates")

    @staticmethod
    def _serves(_: object, __: object, extension: x509.ExtendedKeyUsage | None) -> None:
        if extension is not None and ExtendedKeyUsageOID.SERVER_AUTH not in extension:
            assert ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in extension
            raise ValueError("no servers")
