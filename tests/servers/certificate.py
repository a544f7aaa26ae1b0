"""Certificates for servers under test: root, intermediate, leaf, on disk as servers want them."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

_DAY = dt.timedelta(days=1)


class Identity(NamedTuple):
    """What a server proves itself with."""

    chain_pem: Path
    """Leaf and intermediate."""
    key_pem: Path
    chain: tuple[bytes, ...]
    """DER of the same, leaf first."""


def make_identity(folder: Path, host: str, *, use_rsa: bool = False) -> Identity:
    """A leaf for the host, by an intermediate, by a root that is not sent; written to a folder."""
    root_key, middle_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    leaf_key = rsa.generate_private_key(65537, 2048) if use_rsa else middle_key
    middle = _certificate("Test Intermediate", middle_key, "Test Root", root_key, ca=True)
    leaf = _certificate(host, leaf_key, "Test Intermediate", middle_key, ca=False)
    chain_pem, key_pem = folder / f"{host}.pem", folder / f"{host}.key"
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    chain_pem.write_bytes(leaf.public_bytes(pem) + middle.public_bytes(pem))
    key_pem.write_bytes(
        leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return Identity(chain_pem, key_pem, (leaf.public_bytes(der), middle.public_bytes(der)))


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        names = x509.SubjectAlternativeName([x509.DNSName(subject)])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
