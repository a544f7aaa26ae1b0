"""From scores to entries: what is a suspect, what stays from before, what is withheld and why."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from certs.registered import registered_domain
from schemas.blacklist import BlacklistEntry, Withheld
from schemas.snowshoe_scores import Reason, Tier

RANKED = (Tier.LOW, Tier.MEDIUM, Tier.HIGH)
"""Tiers that can be published, the least sure first."""
CODES: Mapping[Tier, str] = {
    Tier.HIGH: "127.0.0.2", Tier.MEDIUM: "127.0.0.3", Tier.LOW: "127.0.0.4",
}  # fmt: skip
"""What a query for a listed domain gets (RFC 5782 section 2.3 leaves the meaning to the list)."""
_NAME_MAX = 253


class Suspect(NamedTuple):
    """A domain that a run scored high enough."""

    domain: str
    tier: Tier
    probability: float
    reasons: tuple[Reason, ...]


class Thresholds(NamedTuple):
    """Least probability of each tier; None leaves the tier to the model."""

    low: float | None = None
    medium: float | None = None
    high: float | None = None

    def tier(self, model: Tier, probability: float) -> Tier:
        """The tier of a probability, or that of the model if no threshold is set."""
        if all(limit is None for limit in self):
            return model
        limits = zip(self, RANKED, strict=True)
        reached = [tier for limit, tier in limits if limit is not None and probability >= limit]
        return reached[-1] if reached else Tier.NONE


class Protection(NamedTuple):
    """Domains that must not be listed, each with all below it."""

    delisted: Collection[str] = frozenset()
    allowed: Collection[str] = frozenset()
    popular: Collection[str] = frozenset()
    shared: Collection[str] = frozenset()

    def of(self, domain: str) -> Withheld | None:
        """Why a domain is withheld, if it is."""
        names = tuple(lineage(domain))
        words = (Withheld.DELISTED, Withheld.ALLOWED, Withheld.POPULAR, Withheld.SHARED)
        for word, protected in zip(words, self, strict=True):
            if any(name in protected for name in names):
                return word
        return None

    def inside(self, published: Collection[str]) -> list[str]:
        """Protected names below published ones: exceptions that the zones must state, sorted."""
        names = {name for protected in self for name in protected}
        return sorted(name for name in names if any(above in published for above in lineage(name)))


def lineage(domain: str) -> Iterator[str]:
    """A domain and all above it but the top-level domain.

    >>> list(lineage("a.b.example"))
    ['a.b.example', 'b.example']
    """
    while "." in domain:
        yield domain
        domain = domain.partition(".")[2]


def suspects(scored: Iterable[Suspect], thresholds: Thresholds, least: Tier) -> list[Suspect]:
    """Those that reach the least tier that is published, with the tier that thresholds give."""
    wanted = RANKED[RANKED.index(least) :]
    judged = (one._replace(tier=thresholds.tier(one.tier, one.probability)) for one in scored)
    return [one for one in judged if one.tier in wanted]


def retained(
    before: Iterable[BlacklistEntry], thresholds: Thresholds, least: Tier
) -> Iterator[BlacklistEntry]:
    """Entries of before with the tier that thresholds give now, if it is one that is published."""
    wanted = RANKED[RANKED.index(least) :]
    for one in before:
        tier = thresholds.tier(one.tier, one.probability)
        if tier in wanted:
            yield one._replace(tier=tier, code=CODES[tier])


def entries(
    found: Iterable[Suspect],
    before: Iterable[BlacklistEntry],
    day: int,
    expire_days: int,
    zone: str,
) -> list[BlacklistEntry]:
    """Suspects of a run of ``day`` and those of before that have not expired, by domain.

    An entry stays for ``expire_days`` after the last run that found it. Nothing is withheld yet.
    """
    kept = {one.domain: one for one in before if day - one.last_found <= expire_days}
    for one in found:
        since = kept[one.domain].first_found if one.domain in kept else day
        kept[one.domain] = BlacklistEntry(
            domain=one.domain, zone=zone, published=True, withheld=None, tier=one.tier,
            code=CODES[one.tier], probability=one.probability, reasons=one.reasons,
            first_found=since, last_found=day,
        )  # fmt: skip
    return [kept[domain] for domain in sorted(kept)]


def judged(
    standing: Iterable[BlacklistEntry], protection: Protection, zone: str
) -> list[BlacklistEntry]:
    """The entries, each with whether it is published or why not."""
    return [_judged(one, protection, zone) for one in standing]


def _judged(entry: BlacklistEntry, protection: Protection, zone: str) -> BlacklistEntry:
    withheld = _withheld(entry.domain, protection, zone)
    return entry._replace(published=withheld is None, withheld=withheld)


def _withheld(domain: str, protection: Protection, zone: str) -> Withheld | None:
    """A name that anybody can register has a registered domain, which is itself or above it."""
    if registered_domain(domain) is None:
        return Withheld.SUFFIX
    if len(domain) + 3 + len(zone) > _NAME_MAX:  # "*." before it and "." between
        return Withheld.TOO_LONG
    return protection.of(domain)
