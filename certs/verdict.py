"""Whether a certificate is trusted: the paper's ``browser_trusted`` (IMC'21).

A certificate is trusted if a path leads from it to one of Mozilla's roots, by what the server
sent and the intermediates known beforehand, and the path keeps to certs.rules. The host name is
not checked, nor revocation, nor the leaf's key usage: the question is not whether to deliver
mail there, but whether a CA has vouched that the names in the certificate belong together. So
a leaf with nothing but a common name passes, and the CAs of a chain are judged like leaves.

The verdict is a function of the certificate, the chain it came in, the moment and the store.
Intermediates met during a crawl are not remembered: a verdict would then depend on what came
earlier, and a resumed run would differ from an undisturbed one. Give a bundle of known
intermediates instead.

A chain may be made to keep us busy: CAs that sign each other in circles, a hundred of one name.
So only its first MAX_SENT certificates are looked at, they are judged in the order sent, and
all share one search and its budget. What comes after is ``not_judged``.
"""

import warnings
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from certs.chain import UNREADABLE, DeadEnd, Index, Link, Search, by_subject, claims
from certs.rules import Breach, breach, validity
from schemas.outcomes import Verdict
from schemas.provenance import one_line

MAX_SENT = 32
"""Certificates of a sent chain that are looked at; honest chains have three or four."""

_RANK = (Verdict.EXPIRED, Verdict.NOT_YET_VALID, Verdict.INVALID)


class Judgement(NamedTuple):
    """A verdict and what it rests on, in words."""

    verdict: Verdict
    reason: str


class Chain:
    """Certificates sent together, and the verdicts on them."""

    def __init__(self, roots: Index, known: Index, sent: Sequence[bytes], at: int) -> None:
        self._at = at
        looked_at = list(islice(dict.fromkeys(sent), MAX_SENT))
        self._links = {der: Link.of(der) for der in looked_at}
        company = by_subject(link for link in self._links.values() if link is not None)
        self._search = Search(roots, (company, known))
        self._judged: dict[bytes, Judgement] = {}
        self._rest = iter(looked_at)

    def judge(self, der: bytes) -> Judgement:
        """The verdict on one of the certificates sent.

        Those sent before it are judged first if they were not yet: so that what is left of the
        budget does not depend on which of them had been met elsewhere.
        """
        if der not in self._links:
            return Judgement(Verdict.NOT_JUDGED, f"sent after {MAX_SENT} others")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a negative serial is no reason to be silent or loud
            while der not in self._judged:
                each = next(self._rest)
                self._judged[each] = self._judge(self._links[each])
        return self._judged[der]

    def _judge(self, leaf: Link | None) -> Judgement:
        if leaf is None:
            return Judgement(Verdict.UNPARSABLE, "not the structure of a certificate")
        try:
            age = next(validity(leaf, _moment(self._at)), None)
        except UNREADABLE as error:
            return Judgement(Verdict.UNPARSABLE, one_line(error))
        breaches: list[Breach] = []
        for path, broken in self._paths(leaf):
            if broken is None:
                return Judgement(Verdict.TRUSTED, _route(path))
            breaches.append(broken)
        if breaches and not self._search.exhausted:
            return Judgement(*min(breaches, key=lambda b: _RANK.index(b.verdict)))
        verdict, reason = _unchained(leaf, self._search)
        return Judgement(verdict, f"{reason}; {age.reason}" if age else reason)

    def _paths(self, leaf: Link) -> Iterator[tuple[tuple[Link, ...], Breach | None]]:
        """Every path to a root, and the first rule it breaks."""
        for path in self._search.paths(leaf):
            yield path, breach(path, self._at) or _unverified(self._search.unverified(path))


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
    selfish = leaf.self_issued and claims(leaf, leaf)
    if search.exhausted or (selfish and not search.step()):
        return Judgement(Verdict.NOT_JUDGED, "too many possible issuers; search given up")
    if selfish:
        return _self_issued(leaf, search)
    end = max(search.dead_ends, key=lambda end: len(end.path), default=DeadEnd((leaf,), None))
    last = end.path[-1]
    whose = "" if last is leaf else f"issuer {last.title}: "
    if end.impostor is not None:
        return Judgement(Verdict.BAD_SIGNATURE, f"{whose}not signed by {end.impostor.title}")
    if last.self_issued and last is not leaf:
        return Judgement(Verdict.UNKNOWN_ISSUER, f"{whose}a root that is not trusted")
    return Judgement(Verdict.UNKNOWN_ISSUER, f"{whose}its issuer was neither sent nor is known")


def _self_issued(leaf: Link, search: Search) -> Judgement:
    """A leaf that names itself as issuer and is no trusted root."""
    if search.signs(leaf, leaf) is False:
        return Judgement(Verdict.BAD_SIGNATURE, "names itself as issuer, but did not sign")
    return Judgement(Verdict.SELF_SIGNED, "names itself as issuer, and is no trusted root")
