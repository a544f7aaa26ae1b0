"""The real intermediates, by our rules and by the verifier of cryptography."""

import warnings

from cryptography import x509
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.trust import TrustStore
from schemas.outcomes import Verdict
from tests.certs.authority import AT, NOW
from tests.certs.bundle import INTERMEDIATES, needs_bundle, real_ders
from tests.certs.judging import mozilla_roots


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
