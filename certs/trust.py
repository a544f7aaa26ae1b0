"""Whether a certificate is trusted: the paper's ``browser_trusted`` (IMC'21).

A certificate is trusted if a path leads from it to one of Mozilla's roots, by what the server
sent and the intermediates known beforehand, and the path keeps to certs.rules. The host name is
not checked, nor revocation, nor the leaf's key usage: the question is not whether to deliver
mail there, but whether a CA has vouched that the names in the certificate belong together. So
a leaf with nothing but a common name passes, and the CAs of a chain are judged like leaves.

The verdict is a function of the certificate, the chain it came in, the moment and the files the
store was opened from. Intermediates met during a crawl are not remembered: a verdict would then
depend on what came earlier, and a resumed run would differ from an undisturbed one. Give a
bundle of known intermediates instead.
"""

import base64
import binascii
import gzip
import re
import warnings
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import certifi

from certs.chain import UNREADABLE, DeadEnd, Link, Search, by_subject, claims, signs
from certs.rules import Breach, breach, validity
from schemas.outcomes import Verdict
from schemas.provenance import Provenance, TableError, file_date, file_sha256, one_line

MAX_SENT = 64
"""Certificates of a sent chain that are looked at; honest chains have three or four."""

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")
_RANK = (Verdict.EXPIRED, Verdict.NOT_YET_VALID, Verdict.INVALID)


class Judgement(NamedTuple):
    """A verdict and what it rests on, in words."""

    verdict: Verdict
    reason: str


class TrustStore:
    """Roots that are trusted, and intermediates that are known but must chain to a root."""

    def __init__(
        self,
        roots: Iterable[Link],
        intermediates: Iterable[Link] = (),
        provenance: tuple[Provenance, ...] = (),
    ) -> None:
        self._roots = by_subject(roots)
        self._intermediates = by_subject(intermediates)
        self.provenance = provenance

    @classmethod
    def open(cls, roots: Path | None = None, intermediates: Sequence[Path] = ()) -> "TrustStore":
        """The store of PEM files, gzipped if they end in .gz; certifi's roots if none are given.

        ``TableError`` for a file that holds no certificate. Certificates are parsed when a path
        leads to them, not here.
        """
        trusted = _read(roots or Path(certifi.where()))
        known = [link for path in intermediates for link in _read(path)]
        first = _provenance("roots", roots) if roots else _certifi()
        others = (_provenance("intermediates", path) for path in intermediates)
        return cls(trusted, known, (first, *others))

    def judge(self, der: bytes, sent: Sequence[bytes], at: int) -> Judgement:
        """The verdict on a certificate that came in a chain, at a moment (us since 1970)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a negative serial is no reason to be silent or loud
            return self._judge(der, sent, at)

    def _judge(self, der: bytes, sent: Sequence[bytes], at: int) -> Judgement:
        leaf = Link.of(der)
        if leaf is None:
            return Judgement(Verdict.UNPARSABLE, "not the structure of a certificate")
        try:
            age = next(validity(leaf, _moment(at)), None)
        except UNREADABLE as error:
            return Judgement(Verdict.UNPARSABLE, one_line(error))
        links = (Link.of(other) for other in islice(dict.fromkeys(sent), MAX_SENT))
        company = by_subject(link for link in links if link is not None and link.der != der)
        search = Search(self._roots, (company, self._intermediates))
        breaches: list[Breach] = []
        for path in search.paths(leaf):
            broken = breach(path, at) or _unverified(search.unverified(path))
            if broken is None:
                return Judgement(Verdict.TRUSTED, _route(path))
            breaches.append(broken)
        if breaches:
            return Judgement(*min(breaches, key=lambda b: _RANK.index(b.verdict)))
        verdict, reason = _unchained(leaf, search)
        return Judgement(verdict, f"{reason}; {age.reason}" if age else reason)


def _unverified(link: Link | None) -> Breach | None:
    if link is None:
        return None
    return Breach(Verdict.INVALID, f"{link.title}: signature cannot be verified")


def _moment(at: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)


def _route(path: tuple[Link, ...]) -> str:
    if len(path) == 1:
        return "is a trusted root"
    return "chains to " + " by ".join(link.title for link in reversed(path[1:]))


def _unchained(leaf: Link, search: Search) -> Judgement:
    """Why no path leads to a root."""
    if leaf.self_issued and claims(leaf, leaf):
        return _self_issued(leaf)
    if search.exhausted:
        return Judgement(Verdict.UNKNOWN_ISSUER, "too many possible issuers; search given up")
    end = max(search.dead_ends, key=lambda end: len(end.path), default=DeadEnd((leaf,), None))
    last = end.path[-1]
    whose = "" if last is leaf else f"issuer {last.title}: "
    if end.impostor is not None:
        return Judgement(Verdict.BAD_SIGNATURE, f"{whose}not signed by {end.impostor.title}")
    if last.self_issued and last is not leaf:
        return Judgement(Verdict.UNKNOWN_ISSUER, f"{whose}a root that is not trusted")
    return Judgement(Verdict.UNKNOWN_ISSUER, f"{whose}its issuer was neither sent nor is known")


def _self_issued(leaf: Link) -> Judgement:
    """A leaf that names itself as issuer and is no trusted root."""
    if signs(leaf, leaf) is False:
        return Judgement(Verdict.BAD_SIGNATURE, "names itself as issuer, but did not sign")
    return Judgement(Verdict.SELF_SIGNED, "names itself as issuer, and is no trusted root")


def _read(path: Path) -> list[Link]:
    """The certificates of a PEM file."""
    try:
        raw = path.read_bytes()
        links = list(_links(gzip.decompress(raw) if path.suffix == ".gz" else raw))
    except (OSError, EOFError, zlib.error, binascii.Error) as error:
        raise TableError(f"certificates {path}: {one_line(error)}") from error
    if not links:
        raise TableError(f"certificates {path}: no PEM certificate in it")
    return links


def _provenance(name: str, path: Path) -> Provenance:
    return Provenance(name, str(path), file_date(path), "file system", file_sha256(path))


def _certifi() -> Provenance:
    """Certifi's roots; its releases are dates: 2026.2.25."""
    own = Path(certifi.where())
    date = "-".join(f"{int(part):02}" for part in certifi.__version__.split(".")[:3])
    source = f"certifi {certifi.__version__}"
    return Provenance("roots", source, date, "package", file_sha256(own))


def _links(pem: bytes) -> Iterator[Link]:
    """The certificates of a PEM text that have an outline."""
    for block in _PEM.findall(pem):
        link = Link.of(base64.b64decode(block))
        if link is not None:
            yield link
