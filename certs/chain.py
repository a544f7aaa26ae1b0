"""Paths from a certificate up to a trust anchor: each link named and signed by the next.

A signature that cannot be checked (SHA-1, algorithms nobody implements) does not end a path,
for it must be told apart from an issuer that is unknown; ``Search.unverified`` finds it.

Names are compared as DER (RFC 5280 section 7.1 permits more; issuers in use repeat the bytes).
A server may send a hundred certificates of one name, or CAs that sign each other in circles: a
path is at most MAX_LENGTH long, and all searches in one chain together take MAX_STEPS looks at
an issuer. A look costs at most one signature check; no pair is checked twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from certs.der import DerError, Outline, authority_key_id, key_id, outline

MAX_LENGTH = 8
MAX_STEPS = 100
"""Per chain. Of the 3,207 real intermediates none needs more than six."""

UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What reading a part of a certificate may raise; cryptography's errors have no common base."""


@dataclass(frozen=True, eq=False)
class Link:
    """A certificate that may be part of a path; parsed in full only when it comes to that."""

    der: bytes
    outline: Outline

    @classmethod
    def of(cls, der: bytes) -> "Link | None":
        """A certificate as a link; None if it has not even an outline."""
        try:
            return cls(der, outline(der))
        except DerError:
            return None

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The whole certificate; one of ``UNREADABLE`` if it does not parse."""
        return x509.load_der_x509_certificate(self.der)

    @cached_property
    def title(self) -> str:
        """Its subject for people: the common name, or the whole."""
        try:
            subject = self.certificate.subject
            names = subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            return str(names[-1].value) if names else subject.rfc4514_string() or "no name"
        except UNREADABLE:
            return "unreadable name"

    @property
    def self_issued(self) -> bool:
        """Whether it names itself as its issuer."""
        return self.outline.issuer == self.outline.subject


Index = Mapping[bytes, Iterable[Link]]
"""Certificates by the DER of their subject."""


def by_subject(links: Iterable[Link]) -> dict[bytes, list[Link]]:
    """Certificates indexed for a search, in the order given."""
    index: dict[bytes, list[Link]] = defaultdict(list)
    for link in links:
        index[link.outline.subject].append(link)
    return dict(index)


class DeadEnd(NamedTuple):
    """A path that nothing at hand goes on from."""

    path: tuple[Link, ...]
    impostor: Link | None
    """An issuer of the right name, and by its key identifier the right key, that did not sign."""


class Search:
    """Searches within one chain: what one has found out, the next knows, and all share a budget."""

    def __init__(self, anchors: Index, others: Iterable[Index]) -> None:
        self._anchors = anchors
        self._others = tuple(others)
        self._signed: dict[tuple[int, int], bool | None] = {}
        self._steps = MAX_STEPS
        self.dead_ends: list[DeadEnd] = []
        """Of the latest certificate searched for, once its paths are drawn."""

    @property
    def exhausted(self) -> bool:
        """Whether the search was given up, and with it all that come after."""
        return self._steps < 0

    def paths(self, leaf: Link) -> Iterator[tuple[Link, ...]]:
        """Every path from a certificate to an anchor, both included; an anchor is its own path."""
        self.dead_ends = []
        if any(anchor.der == leaf.der for anchor in self._anchors.get(leaf.outline.subject, ())):
            yield (leaf,)
        else:
            yield from self._extend((leaf,))

    def unverified(self, path: tuple[Link, ...]) -> Link | None:
        """The first link of a path found whose signature could not be told right from wrong."""
        pairs = pairwise(path)
        return next((child for child, issuer in pairs if self.signs(issuer, child) is None), None)

    def _extend(self, path: tuple[Link, ...]) -> Iterator[tuple[Link, ...]]:
        child = path[-1]
        impostor: Link | None = None
        signers = 0
        for issuer, trusted in self._issuers(child, path):
            if not self.step():
                return
            signed = self.signs(issuer, child)
            if not signed and not claims(child, issuer):
                continue
            if signed is False:
                impostor = impostor or issuer
                continue
            signers += 1
            if trusted:
                yield (*path, issuer)
            elif len(path) < MAX_LENGTH - 1:
                yield from self._extend((*path, issuer))
        if not signers:
            self.dead_ends.append(DeadEnd(path, impostor))

    def _issuers(self, child: Link, path: tuple[Link, ...]) -> Iterator[tuple[Link, bool]]:
        """Certificates of the issuer's name, anchors first, without those that close a circle."""
        name = child.outline.issuer
        for anchor in self._anchors.get(name, ()):
            yield anchor, True
        passed = {(link.outline.subject, link.outline.public_key) for link in path}
        for index in self._others:
            for link in index.get(name, ()):
                if (link.outline.subject, link.outline.public_key) not in passed:
                    yield link, False

    def step(self) -> bool:
        """Take one look at an issuer from the budget; whether there was one left."""
        self._steps -= self._steps >= 0
        return not self.exhausted

    def signs(self, issuer: Link, child: Link) -> bool | None:
        """As the function; what was checked before is remembered."""
        pair = id(issuer), id(child)
        if pair not in self._signed:
            self._signed[pair] = signs(issuer, child)
        return self._signed[pair]


def signs(issuer: Link, child: Link) -> bool | None:
    """Whether a certificate's key made the signature on another; None if that cannot be told."""
    try:
        child.certificate.verify_directly_issued_by(issuer.certificate)
    except InvalidSignature:
        return False
    except UNREADABLE:
        return None
    return True


def claims(child: Link, issuer: Link) -> bool:
    """Whether the child means this key of that name; it does if identifiers do not say no."""
    wanted, given = authority_key_id(child.outline), key_id(issuer.outline)
    return wanted is None or given is None or wanted == given
