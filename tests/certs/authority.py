"""Certificates made for a test: any issuer, dates, extensions, right or wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 1, tzinfo=UTC)
AT = int(NOW.timestamp()) * 1_000_000
VALID = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
PAST = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC))
FUTURE = (datetime(2026, 12, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
Extension = tuple[x509.ExtensionType, bool]
"""An extension and whether it is critical."""


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name(common_name: str, **parts: str) -> x509.Name:
    """A subject of an organisation, if one is given, and a common name."""
    oids = {"country": NameOID.COUNTRY_NAME, "organisation": NameOID.ORGANIZATION_NAME}
    attributes = [x509.NameAttribute(oids[part], value) for part, value in parts.items()]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


@dataclass(frozen=True)
class Party:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def issue(  # noqa: PLR0913 - a test names the few it cares for
    subject: str | x509.Name,
    issuer: Party | None = None,
    *,
    ca: bool | None = None,
    path_length: int | None = None,
    dns: Sequence[str] = (),
    validity: tuple[datetime, datetime] = VALID,
    key: Key | None = None,
    extensions: Sequence[Extension] = (),
    key_ids: Literal["both", "none"] = "none",
    issuer_name: x509.Name | None = None,
) -> Party:
    """A certificate signed by the issuer, or by itself; ca None leaves basicConstraints out."""
    own = key or new_key()
    signer = issuer.key if issuer else own
    wanted = name(subject) if isinstance(subject, str) else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(wanted)
        .issuer_name(issuer_name or (issuer.certificate.subject if issuer else wanted))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
    )
    chosen = list(extensions)
    if ca is not None:
        chosen.append((x509.BasicConstraints(ca=ca, path_length=path_length), True))
    if dns:
        chosen.append((x509.SubjectAlternativeName([x509.DNSName(n) for n in dns]), False))
    if key_ids == "both":
        chosen += [
            (x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False),
        ]
    for extension, critical in chosen:
        builder = builder.add_extension(extension, critical=critical)
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Party(builder.sign(signer, algorithm), own)
