"""Whether a certificate is for a host (RFC 9525): by its dNSNames and nothing else.

    check(der, "mta-sts.example.com") -> HostCheck
    covers("*.example.com", "mta-sts.example.com") -> True

A wildcard is the whole first label of a name and stands for exactly one label. Whether anybody
has vouched for the certificate is not asked here: certs.verdict says that.
"""

import warnings

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.chain import UNREADABLE
from certs.der import DerError, dns_names, outline
from schemas.outcomes import HostCheck

_SERVER = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


def check(der: bytes, host: str) -> HostCheck:
    """Whether a certificate is for a host, given in lower-case A-labels; any bytes give a word."""
    try:
        names = dns_names(outline(der))
    except DerError:
        return HostCheck.UNPARSABLE
    if not names:
        return HostCheck.NO_NAMES
    if not any(covers(name, host) for name in names):
        return HostCheck.OTHER_NAMES
    return _purpose(der)


def covers(name: str, host: str) -> bool:
    """Whether a name that a certificate presents stands for a host (RFC 9525 section 6.3)."""
    presented, wanted = (each.lower().removesuffix(".") for each in (name, host))
    if presented.startswith("*."):
        _, dot, parent = wanted.partition(".")
        return bool(dot) and presented[2:] == parent
    return presented == wanted


def _purpose(der: bytes) -> HostCheck:
    """Without the extension a certificate is for every purpose (RFC 5280 section 4.2.1.12)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            extensions = x509.load_der_x509_certificate(der).extensions
        usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return HostCheck.MATCHES
    except UNREADABLE:
        return HostCheck.UNPARSABLE
    return HostCheck.MATCHES if _SERVER & set(usage) else HostCheck.WRONG_PURPOSE
