"""A certificate as a row: whatever of it can be read.

Any bytes give a row. Each field is read on its own, so a certificate with a broken name still
has its key, and one that no strict parser takes still has its SHA-256 and often its dNSNames.
"""

import hashlib
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519

from certs import der as outlines
from certs.names import host_names, registered_domains
from schemas.certificates import Certificate
from schemas.outcomes import Verdict

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_REASON = 200
_SIGNATURES = {
    oid: name
    for name, oid in vars(x509.SignatureAlgorithmOID).items()
    if isinstance(oid, x509.ObjectIdentifier)
}


def certificate_row(der: bytes, seen: int, verdict: Verdict, reason: str | None) -> Certificate:
    """The row of a certificate first seen at a moment (us since 1970) with a verdict on it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the library deplores is in the fields anyway
        return _row(der, seen, verdict, reason)


def _row(der: bytes, seen: int, verdict: Verdict, reason: str | None) -> Certificate:
    faults: list[str] = []

    def read(field: str, value: Callable[[], T]) -> T | None:
        try:
            return value()
        except Exception as error:  # noqa: BLE001 - the parser's errors are many; all are recorded
            faults.append(f"{field}: {_reason(error)}")
            return None

    outline = read("outline", lambda: outlines.outline(der))
    parsed = read("certificate", lambda: x509.load_der_x509_certificate(der))

    def outlined(field: str, value: Callable[[outlines.Outline], T]) -> T | None:
        return None if outline is None else read(field, lambda: value(outline))

    def of(field: str, value: Callable[[x509.Certificate], T]) -> T | None:
        return None if parsed is None else read(field, lambda: value(parsed))

    name = of("common_name", common_name)
    dns_names = outlined("dns_names", outlines.dns_names) or ()
    names = host_names(name, dns_names)
    key = of("key_type", lambda c: c.public_key())
    return Certificate(
        sha256=hashlib.sha256(der).hexdigest(),
        der=der,
        seen=seen,
        subject=of("subject", lambda c: c.subject.rfc4514_string()),
        common_name=name,
        dns_names=dns_names,
        names=names,
        registered_domains=registered_domains(names),
        issuer=of("issuer", lambda c: c.issuer.rfc4514_string()),
        serial=of("serial", lambda c: f"{c.serial_number:x}"),
        not_before=of("not_before", lambda c: _micros(c.not_valid_before_utc)),
        not_after=of("not_after", lambda c: _micros(c.not_valid_after_utc)),
        key_type=None if key is None else type(key).__name__.removesuffix("PublicKey"),
        key_bits=None if key is None else _key_bits(key),
        signature_algorithm=of("signature_algorithm", _signature_algorithm),
        is_ca=outlined("is_ca", outlines.is_ca),
        spki_sha256=outlined("spki_sha256", lambda o: hashlib.sha256(o.public_key).hexdigest()),
        verdict=verdict,
        verdict_reason=reason,
        faults=tuple(faults),
    )


def _reason(error: Exception) -> str:
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return words.encode(errors="backslashreplace").decode()[:_LONGEST_REASON]


def common_name(certificate: x509.Certificate) -> str | None:
    """The last common name of the subject; one of ``chain.UNREADABLE`` if it does not parse."""
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    if not names:
        return None
    value = names[-1].value
    return value if isinstance(value, str) else value.decode(errors="backslashreplace")


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _key_bits(key: object) -> int | None:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return 256
    if isinstance(key, ed448.Ed448PublicKey):
        return 456
    return getattr(key, "key_size", None)


def _signature_algorithm(certificate: x509.Certificate) -> str:
    oid = certificate.signature_algorithm_oid
    return _SIGNATURES.get(oid, oid.dotted_string)
