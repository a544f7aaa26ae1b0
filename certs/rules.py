"""What a path to a trust anchor must keep to, besides its signatures (RFC 5280 section 6).

These are ours and not cryptography's verifier, because that one answers a stricter question.
It wants a subject alternative name or a client's certificate, and so refuses CAs that issue for
servers alone, as all new ones do; it cannot read directoryName constraints, which government
CAs carry; it refuses dates in the wrong one of two encodings. Browsers take all of these. On
the rest the two agree, which a test shows over the known intermediates.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.chain import UNREADABLE, Link
from certs.constraints import forbidden_host, forbids_subject
from schemas.outcomes import Verdict

T = TypeVar("T", bound=x509.ExtensionType)

_WEAK_HASHES = frozenset({"md5", "sha1"})
_WEAK_RSA_BITS = 2048
_SERVER_PURPOSES = frozenset(
    {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
)


class Breach(NamedTuple):
    """A rule that a path breaks."""

    verdict: Verdict
    reason: str


def breach(path: tuple[Link, ...], at: int) -> Breach | None:
    """The first rule that a path from leaf to anchor breaks at a moment (us since 1970)."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        return next(_breaches(path, moment), None)
    except UNREADABLE as error:
        return Breach(Verdict.INVALID, f"a part that rules apply to does not parse: {error}")


def _breaches(path: tuple[Link, ...], moment: datetime) -> Iterator[Breach]:
    for position, link in enumerate(path):
        yield from validity(link, moment, "" if position == 0 else f"issuer {link.title}: ")
    for link in path[:-1]:
        yield from (_invalid(link, words) for words in _weaknesses(link))
    for position, link in enumerate(path[1:-1], start=1):
        below = path[:position]
        yield from (_invalid(link, words) for words in _not_a_ca(link, _cas(below[1:])))
        yield from (_invalid(link, words) for words in _out_of_bounds(link, below))


def validity(link: Link, moment: datetime, whose: str = "") -> Iterator[Breach]:
    """How a certificate's dates forbid its use at a moment, if they do."""
    start, end = link.certificate.not_valid_before_utc, link.certificate.not_valid_after_utc
    if moment > end:
        yield Breach(Verdict.EXPIRED, f"{whose}expired on {end:%Y-%m-%d}")
    if moment < start:
        yield Breach(Verdict.NOT_YET_VALID, f"{whose}not valid before {start:%Y-%m-%d}")


def _invalid(link: Link, words: str) -> Breach:
    return Breach(Verdict.INVALID, f"{link.title}: {words}")


def _cas(links: Iterable[Link]) -> int:
    """CAs that count towards a path length (RFC 5280 section 6.1.4 l)."""
    return sum(not link.self_issued for link in links)


def _weaknesses(link: Link) -> Iterator[str]:
    signature = link.certificate.signature_hash_algorithm
    if signature is not None and signature.name in _WEAK_HASHES:
        yield f"signed with {signature.name.upper()}"
    key = link.certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _WEAK_RSA_BITS:
        yield f"RSA key of {key.key_size} bits"


def _not_a_ca(link: Link, cas_below: int) -> Iterator[str]:
    """Why a certificate may not have issued what it issued."""
    extensions = link.certificate.extensions
    constraints = _find(extensions, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        yield "issues without being a CA"
    elif constraints.path_length is not None and constraints.path_length < cas_below:
        yield f"path length {constraints.path_length} exceeded"
    usage = _find(extensions, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        yield "its key may not sign certificates"
    purposes = _find(extensions, x509.ExtendedKeyUsage)
    if purposes is not None and _SERVER_PURPOSES.isdisjoint(purposes):
        yield "not for TLS servers"
    for extension in extensions:
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            yield f"unknown critical extension {extension.oid.dotted_string}"


def _out_of_bounds(ca: Link, below: tuple[Link, ...]) -> Iterator[str]:
    """The names below a CA that its constraints forbid; those it gives itself are free."""
    constraints = _find(ca.certificate.extensions, x509.NameConstraints)
    if constraints is None:
        return
    if host := forbidden_host(constraints, below[0]):
        yield f"may not issue for {host}"
    for link in below:
        if (link is below[0] or not link.self_issued) and forbids_subject(constraints, link):
            yield f"may not issue for the subject {link.title}"


def _find(extensions: x509.Extensions, kind: type[T]) -> T | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
