"""Snowshoe campaigns as plans: what each is like, and when its domains come and go.

A campaign registers domains in waves; each lives some days to weeks. As many are alive as is
asked for: whenever too few are, an active campaign or a new one sends another wave. What new
campaigns are like drifts: fewer records, more that pass for newsletters. A day's plan does not
depend on how many days follow.
"""

import enum
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from scripts.world.nights.lots import lots

EARLIEST = -120
"""The first day of the first campaign."""
_ACTIVE = 0.75
"""Waves that belong to a campaign already there, if one is active."""
_ENDURANCE = range(10, 50)
"""Days for which a campaign sends waves."""
_SHORTEST, _LONGEST, _MEDIAN, _SPREAD = 2, 45, 10.0, 0.7
"""Days that a domain lives: a log-normal distribution, cut."""
_WORDS = [
    "best",
    "daily",
    "deal",
    "offer",
    "promo",
    "save",
    "smart",
    "home",
    "life",
    "health",
    "loan",
    "solar",
    "credit",
    "insure",
    "travel",
    "fresh",
    "news",
    "club",
    "bonus",
    "gift",
    "prime",
    "quick",
    "today",
    "auto",
    "vita",
    "slim",
    "wealth",
    "market",
    "trend",
    "plus",
    "guide",
]
_SUFFIXES = (("com", 30), ("info", 14), ("xyz", 14), ("top", 10), ("icu", 8), ("club", 8),
             ("online", 6), ("site", 5), ("us", 5))  # fmt: skip


class Style(enum.StrEnum):
    """What a campaign's domains have many of, or whom they imitate."""

    ADDRESSES = "addresses"
    EXCHANGES = "exchanges"
    POLICY = "policy"
    SERVERS = "servers"
    SMALL = "small"
    NEWSLETTER = "newsletter"


_EARLY = {"addresses": 22, "exchanges": 26, "policy": 24, "servers": 8, "small": 12,
          "newsletter": 8}  # fmt: skip
_LATE = {"addresses": 12, "exchanges": 14, "policy": 22, "servers": 6, "small": 24,
         "newsletter": 22}  # fmt: skip
_CHANGED_AFTER = 240
"""Days from the first until the shares are those of _LATE."""


class Member(NamedTuple):
    """A domain of a campaign."""

    domain: str
    registered: int
    """Day."""
    gone: int
    """The first day without it."""


class Campaign(NamedTuple):
    """What its domains share."""

    name: str
    style: Style
    started: int
    ends: int
    """No wave from this day on."""
    size: float
    """How many records it has, beside others of its style: falls with the years."""
    members: list[Member]

    def alive(self, day: int) -> Iterator[Member]:
        """Its domains of a day."""
        return (member for member in self.members if member.registered <= day < member.gone)


def plan(seed: int, last: int, alive: float) -> list[Campaign]:
    """All campaigns until a day; alive: how many domains there are at least, each day."""
    campaigns: list[Campaign] = []
    taken: set[str] = set()
    for day in range(EARLIEST, last + 1):
        random = lots(seed, "campaigns", day)
        now = sum(1 for campaign in campaigns for _ in campaign.alive(day))
        while now < alive:
            campaign = _sender(campaigns, day, random)
            for _ in range(min(random.randrange(2, 9), max(1, round(alive)))):
                campaign.members.append(_member(random, day, taken))
                now += 1
    return campaigns


def _sender(campaigns: list[Campaign], day: int, random: Random) -> Campaign:
    """Who sends the next wave."""
    active = [campaign for campaign in campaigns if day < campaign.ends]
    if active and random.random() < _ACTIVE:
        return random.choice(active)
    progress = min(1.0, (day - EARLIEST) / _CHANGED_AFTER)
    weights = [_EARLY[style] + progress * (_LATE[style] - _EARLY[style]) for style in Style]
    style = random.choices(list(Style), weights)[0]
    size = random.lognormvariate(0, 0.35) * (1 - 0.4 * progress)
    ends = day + random.choice(_ENDURANCE)
    campaigns.append(Campaign(f"c{len(campaigns) + 1:04}", style, day, ends, size, []))
    return campaigns[-1]


def _member(random: Random, day: int, taken: set[str]) -> Member:
    days = round(_MEDIAN * random.lognormvariate(0, _SPREAD))
    return Member(_name(random, taken), day, day + min(max(days, _SHORTEST), _LONGEST))


def _name(random: Random, taken: set[str]) -> str:
    suffix = random.choices([s for s, _ in _SUFFIXES], [w for _, w in _SUFFIXES])[0]
    digits = str(random.randrange(100)) if random.random() < 0.3 else ""
    name = "".join(random.sample(_WORDS, random.choice((2, 2, 3)))) + digits + f".{suffix}"
    if name in taken:
        return _name(random, taken)
    taken.add(name)
    return name
