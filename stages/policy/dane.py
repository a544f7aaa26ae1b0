"""DANE for SMTP (RFC 7672): TLSA records held against the chain that a server showed. Sans IO.

    usable(record)                  whether a sender may use it, by its numbers and its length
    faults(record)                  what is wrong with it
    matches(records, chain, …)      whether the chain is one that the records promise

Usages 0 and 1 are unusable in SMTP (section 3.1.3). DANE-EE(3) is held against the leaf alone, and
neither names nor dates count (section 3.1.1). DANE-TA(2) is held against every certificate sent,
and the leaf must chain to it, be in date and name the host (section 3.1.2). The sender may also
take the name of the recipient's domain in its place, which is not looked at here.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256, sha512

from certs.certificate import common_name
from certs.chain import UNREADABLE, Link, Search, by_subject
from certs.der import DerError, dns_names
from certs.rules import breach
from schemas.policy_class import PolicyClass
from schemas.tlsa import TlsaRecord
from stages.policy.fault import Fault, fault

PKIX_TA, PKIX_EE, DANE_TA, DANE_EE = range(4)
_WHOLE, _KEY = range(2)
_LENGTH = {1: sha256().digest_size, 2: sha512().digest_size}
_HASH = {1: sha256, 2: sha512}


def faults(record: TlsaRecord) -> tuple[Fault, ...]:
    """What is wrong with a record."""
    return tuple(_faults(record))


def _faults(record: TlsaRecord) -> Iterator[Fault]:
    numbers = f"{record.usage} {record.selector} {record.matching_type}"
    if record.usage in (PKIX_TA, PKIX_EE):
        yield fault(PolicyClass.PKIX_USAGE, numbers)
    elif record.usage not in (DANE_TA, DANE_EE):
        yield fault(PolicyClass.UNKNOWN_PARAMETER, numbers)
    if record.selector not in (_WHOLE, _KEY) or record.matching_type not in (0, *_HASH):
        yield fault(PolicyClass.UNKNOWN_PARAMETER, numbers)
    elif not record.data or len(record.data) != _LENGTH.get(record.matching_type, len(record.data)):
        yield fault(PolicyClass.BAD_LENGTH, f"{numbers}: {len(record.data)} bytes")


def usable(record: TlsaRecord) -> bool:
    """Whether a sender may use it."""
    return not faults(record)


def matches(records: Sequence[TlsaRecord], chain: Sequence[bytes], host: str, at: int) -> bool:
    """Whether any usable record fits a chain of DER, leaf first, shown at a moment (us since 1970).

    False for a chain whose leaf cannot be read, unless a record names its very bytes.
    """
    links = [Link.of(der) for der in chain]
    if not chain:
        return False
    ders = list(zip(chain, links, strict=True))
    for record in filter(usable, records):
        if record.usage == DANE_EE:
            if _fits(record, *ders[0]):
                return True
        elif any(_anchors(each, links, host, at) for each in _authorities(record, ders)):
            return True
    return False


def _fits(record: TlsaRecord, der: bytes, link: Link | None) -> bool:
    """Whether a record is of this certificate."""
    if record.selector == _WHOLE:
        selected = der
    elif link is None:
        return False
    else:
        selected = link.outline.public_key
    digest = _HASH.get(record.matching_type)
    return record.data == (digest(selected).digest() if digest else selected)


def _authorities(record: TlsaRecord, ders: Sequence[tuple[bytes, Link | None]]) -> Iterator[Link]:
    """Certificates that a record of DANE-TA makes an anchor: those sent, or the one it holds."""
    yield from (link for der, link in ders if link is not None and _fits(record, der, link))
    if (record.selector, record.matching_type) == (_WHOLE, 0):
        held = Link.of(record.data)
        if held is not None:
            yield held


def _anchors(anchor: Link, links: Sequence[Link | None], host: str, at: int) -> bool:
    """Whether the leaf chains to the anchor, keeps the rules and names the host."""
    leaf = links[0]
    if leaf is None or not _names(leaf, host):
        return False
    sent = [link for link in links[1:] if link is not None]
    search = Search(by_subject([anchor]), [by_subject(sent)])
    return any(
        breach(path, at) is None and search.unverified(path) is None for path in search.paths(leaf)
    )


def _names(leaf: Link, host: str) -> bool:
    """Whether a certificate is for a host: one of its dNSNames, or its common name without any."""
    try:
        names = dns_names(leaf.outline)
        own = None if names else common_name(leaf.certificate)
    except (DerError, *UNREADABLE):
        return False
    parent = host.partition(".")[2]
    allowed = {host.lower(), f"*.{parent.lower()}"}
    return any(name.lower().removesuffix(".") in allowed for name in (names or (own or "",)))
