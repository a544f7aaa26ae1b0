"""TLS as a census needs it: speak with anything, believe nothing, keep what was shown."""

import ipaddress
import re
import ssl
import sys
from typing import NamedTuple

_LEGACY_SERVER_CONNECT = 0x4
"""SSL_OP_LEGACY_SERVER_CONNECT; Python has no name for it before 3.12."""
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE | re.ASCII)
_MAX_NAME = 253


class Handshake(NamedTuple):
    """What a TLS handshake agreed on and showed."""

    version: str | None
    """As OpenSSL names it: TLSv1.2, TLSv1.3."""
    cipher: str | None
    """Cipher suite as OpenSSL names it."""
    chain: tuple[bytes, ...]
    """DER of each certificate sent, leaf first."""


def client_context() -> ssl.SSLContext:
    """A context to share among all probes (making one costs 30 ms).

    It verifies nothing, because certs judges the chain later, and goes down to the oldest
    protocol, ciphers and key sizes that OpenSSL has, because old servers are to be measured.
    Anonymous suites are left out: they show no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    context.options |= _LEGACY_SERVER_CONNECT
    return context


def server_name(name: str | None) -> str | None:
    """The name to send as SNI (RFC 6066 section 3): a DNS host name, else None."""
    if name is None or len(name) > _MAX_NAME or _is_address(name):
        return None
    return name if all(_LABEL.fullmatch(label) for label in name.split(".")) else None


def handshake_of(tls: ssl.SSLObject) -> Handshake:
    """What a finished handshake agreed on and showed."""
    cipher = tls.cipher()
    return Handshake(tls.version(), cipher[0] if cipher else None, _chain(tls))


def _chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    if sys.version_info >= (3, 13):
        return tuple(tls.get_unverified_chain())
    # Private until 3.13, and the only way to the intermediates; _ssl.ENCODING_DER is 2.
    chain = tls._sslobj.get_unverified_chain()  # type: ignore[attr-defined] # noqa: SLF001
    return tuple(certificate.public_bytes(2) for certificate in chain or ())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
