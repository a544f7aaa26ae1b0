"""Blacklists of the nights: late, partial, and wrong now and then.

A list knows some campaigns and never hears of others; of those it knows it lists most domains,
each some days after it was registered, and takes it off after some weeks. Of legitimate domains
it lists a few for some days, more often those that look alike.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scripts.world.nights.campaigns import EARLIEST, Campaign
from scripts.world.nights.lookalikes import KINDS
from scripts.world.nights.lots import lot, lots
from scripts.world.nights.model import Entry, date_of

_LATEST = 110
"""Days after registration until which any list has one that it will have."""
_DEAD = 0.6
"""Domains that are listed although they were gone by then: somebody had their mail."""
_WRONG_LOOKALIKE = 12
"""Times as many wrong listings of those that look alike."""
_WRONG_SPAN, _WRONG_DAYS = 240, (3, 25)
"""Days over which wrong listings are spread, and how long they last."""


class Blacklist(NamedTuple):
    """How a list comes about; times in days."""

    name: str
    campaigns: float
    """Part of the campaigns that it ever hears of."""
    members: float
    """Part of their domains."""
    delay: float
    """Median from registration to listing."""
    spread: float
    """Of the logarithm of the delay."""
    kept: int
    """Until it is taken off."""
    wrong: float
    """Part of legitimate domains that are listed at some time."""


BLACKLISTS = (
    Blacklist("swift", 0.70, 0.90, 4.0, 0.7, 60, 0.006),
    Blacklist("broad", 0.85, 0.80, 9.0, 0.9, 90, 0.010),
    Blacklist("careful", 0.45, 0.75, 18.0, 0.8, 120, 0.001),
    Blacklist("community", 0.50, 0.60, 12.0, 1.0, 40, 0.014),
    Blacklist("archive", 0.65, 0.85, 14.0, 0.9, 400, 0.002),
)
"""Their formats are in listfiles."""


def entries(
    seed: int,
    blacklist: Blacklist,
    campaigns: Iterable[Campaign],
    legitimate: Iterable[tuple[str, str]],
    day: int,
) -> tuple[Entry, ...]:
    """What a list names on a day, by domain; legitimate: domain and kind."""
    found = [*_right(seed, blacklist, campaigns, day), *_wrong(seed, blacklist, legitimate, day)]
    return tuple(sorted(found))


def _right(seed: int, one: Blacklist, campaigns: Iterable[Campaign], day: int) -> Iterator[Entry]:
    for campaign in campaigns:
        if lot(seed, one.name, campaign.name) >= one.campaigns:
            continue
        for member in campaign.members:
            random = lots(seed, one.name, member.domain)
            delay = min(round(one.delay * random.lognormvariate(0, one.spread)), _LATEST)
            listed = member.registered + delay
            heard = random.random() < one.members
            seen = listed < member.gone or random.random() < _DEAD
            if heard and seen and listed <= day < listed + one.kept:
                yield Entry(member.domain, date_of(listed))


def _wrong(
    seed: int, one: Blacklist, legitimate: Iterable[tuple[str, str]], day: int
) -> Iterator[Entry]:
    for domain, kind in legitimate:
        rate = one.wrong * (_WRONG_LOOKALIKE if kind in KINDS else 1)
        if lot(seed, one.name, domain, "wrong") < rate:
            random = lots(seed, one.name, domain, "when")
            listed = EARLIEST // 2 + random.randrange(_WRONG_SPAN)
            if listed <= day < listed + random.randint(*_WRONG_DAYS):
                yield Entry(domain, date_of(listed))
