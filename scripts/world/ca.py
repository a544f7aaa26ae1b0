"""Certificates of a world, made at will: right ones and every wrong kind of CertificateState.

A root signs an intermediate, which signs the leaves; a second root is trusted by nobody. All
leaves share one key pair, so that a certificate costs one signature (RFC 5280, ECDSA P-256).
Keys, serials and signatures (RFC 6979) follow from the seed and validity is a constant: the same
specs and seed give the same bytes, so a world that is started again shows the same certificates.

    authority = Authority.make(specs, directory)   # writes roots.pem and intermediates.pem
    authority.context(spec_id)                     # ssl.SSLContext of a server that shows it
"""

import hashlib
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from scripts.world.model import CertificateSpec, CertificateState

_AUTHORITY_VALIDITY = (datetime(2015, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC))
_VALIDITY = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2044, 1, 1, tzinfo=UTC))
_EXPIRED = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_COMMON_NAME_LIMIT = 64
"""Characters: ub-common-name of RFC 5280, appendix A.1."""
_CONTEXTS = 2048
"""TLS contexts kept; one takes some 20 KiB."""


class _Issuer(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """The certification authorities of a world and the leaves they sign, each when first asked."""

    def __init__(self, specs: Sequence[CertificateSpec], seed: int = 0) -> None:
        self._specs = {spec.id: spec for spec in specs}
        if len(self._specs) != len(specs):
            raise ValueError("two certificate specs have the same id")
        self._seed = seed
        self._leaf_key = self._key("leaf")
        self._root = self._authority("World Trust Root", None)
        self._intermediate = self._authority("World Trust Mail CA 1", self._root)
        self._untrusted = self._authority("Private CA of Nobody", None)
        self.context = lru_cache(maxsize=_CONTEXTS)(self._context)
        """TLS server context that shows a spec's chain whatever the SNI; KeyError if unknown."""

    @classmethod
    def make(
        cls, specs: Sequence[CertificateSpec], directory: Path, *, seed: int = 0
    ) -> "Authority":
        """An authority whose roots.pem and intermediates.pem are in the directory."""
        authority = cls(specs, seed)
        (directory / "roots.pem").write_bytes(_pem(authority._root.certificate))
        (directory / "intermediates.pem").write_bytes(_pem(authority._intermediate.certificate))
        return authority

    def chain(self, spec_id: str) -> tuple[x509.Certificate, ...]:
        """The certificates that a server with this spec sends, leaf first; KeyError if unknown."""
        spec = self._specs[spec_id]
        leaf = self._leaf(spec)
        match spec.state:
            case CertificateState.TRUSTED | CertificateState.EXPIRED:
                return (leaf, self._intermediate.certificate)
            case CertificateState.UNKNOWN_ISSUER:
                return (leaf, self._untrusted.certificate)
            case CertificateState.NO_INTERMEDIATE | CertificateState.SELF_SIGNED:
                return (leaf,)

    def _context(self, spec_id: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # A prober never comes back to resume; a ticket would only cost both sides.
        context.num_tickets = 0
        context.options |= ssl.OP_NO_TICKET
        with NamedTemporaryFile(suffix=".pem") as file:  # ssl takes certificates from files only
            file.write(_private_pem(self._leaf_key))
            file.writelines(_pem(certificate) for certificate in self.chain(spec_id))
            file.flush()
            context.load_cert_chain(file.name)
        return context

    def _leaf(self, spec: CertificateSpec) -> x509.Certificate:
        fits = bool(spec.names) and len(spec.names[0]) <= _COMMON_NAME_LIMIT
        subject = _name(spec.names[0]) if fits else x509.Name([])
        issuer = {
            CertificateState.SELF_SIGNED: None,
            CertificateState.UNKNOWN_ISSUER: self._untrusted,
        }.get(spec.state, self._intermediate)
        expired = spec.state is CertificateState.EXPIRED
        builder = self._builder(f"leaf {spec.id}", subject, issuer, self._leaf_key)
        builder = _limit(builder, _EXPIRED if expired else _VALIDITY, ca=False)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(usage, critical=False)
        if spec.names:
            # Critical where the subject is empty: RFC 5280 section 4.2.1.6.
            names = x509.SubjectAlternativeName([x509.DNSName(name) for name in spec.names])
            builder = builder.add_extension(names, critical=not fits)
        return _sign(builder, issuer.key if issuer else self._leaf_key)

    def _authority(self, common_name: str, issuer: _Issuer | None) -> _Issuer:
        key = self._key(common_name)
        builder = self._builder(common_name, _name(common_name), issuer, key)
        builder = _limit(builder, _AUTHORITY_VALIDITY, ca=True)
        return _Issuer(_sign(builder, issuer.key if issuer else key), key)

    def _builder(
        self,
        label: str,
        subject: x509.Name,
        issuer: _Issuer | None,
        key: ec.EllipticCurvePrivateKey,
    ) -> x509.CertificateBuilder:
        """Who speaks for whom; without an issuer the certificate is self-signed."""
        public = key.public_key()
        signer = issuer.key.public_key() if issuer else public
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(public)
            .serial_number(self._number(f"serial {label}") >> 97)  # 159 bits: section 4.1.2.2
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(authority_key, critical=False)
        )

    def _key(self, label: str) -> ec.EllipticCurvePrivateKey:
        number = self._number(f"key {label}") % (_P256_ORDER - 1) + 1
        return ec.derive_private_key(number, ec.SECP256R1())

    def _number(self, label: str) -> int:
        """256 bits that follow from the seed."""
        return int.from_bytes(hashlib.sha256(f"{self._seed} {label}".encode()).digest())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _limit(
    builder: x509.CertificateBuilder, validity: tuple[datetime, datetime], *, ca: bool
) -> x509.CertificateBuilder:
    """When and for what it may be used."""
    return (
        builder.not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_key_usage(ca=ca), critical=True)
    )


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _sign(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
