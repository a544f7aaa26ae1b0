"""The nights of a world, one after the other.

    for night in nights(size=1000, seed=1, count=6): …

A night does not depend on how many follow. What it is made of is kept between nights, so that
addresses of those who do not move stay.
"""

import itertools
from collections.abc import Iterator

from scripts.world.given import Given
from scripts.world.market import truth_of_own
from scripts.world.model import Record, Truth, World
from scripts.world.naming import Names, a_labels
from scripts.world.nights.blacklists import BLACKLISTS, entries
from scripts.world.nights.campaigns import Campaign, Member, plan
from scripts.world.nights.lookalikes import KINDS, Lookalike, Lookalikes
from scripts.world.nights.lots import lots
from scripts.world.nights.model import CAMPAIGN, Entry, Night, Origin, date_of
from scripts.world.nights.settlers import OLD, Settlers
from scripts.world.nights.snowshoes import Snowshoes

RATE = 0.01
"""Part of a night's domains that belong to campaigns; a few in a thousand are natural."""
_LISTED = 1_000_000
"""Length of the list that the ranks are of: every so-and-so-many-th of it is there."""
_LOOKALIKES = 0.012
_LOOKALIKE_JOINS = 0.0001
"""New ones a day, for each domain of the first night."""


def nights(
    size: int, seed: int, count: int, *, rate: float = RATE, apart: int = 1
) -> Iterator[Night]:
    """The nights, so many days apart; size: domains of the first night, about."""
    timeline = _Timeline(size, seed, rate, (count - 1) * apart)
    for number in range(count):
        yield timeline.night(number + 1, number * apart)


class _Timeline:
    """Everybody there is, until a last day."""

    def __init__(self, size: int, seed: int, rate: float, last: int) -> None:
        self._seed = seed
        self._step = max(1, _LISTED // size)
        self._campaigns = plan(seed, last, rate * size)
        self._alike = _lookalikes(seed, size, last)
        given = Given(seed, size)
        first = sum(one.registered <= 0 for one in self._alike)
        self._settlers = Settlers(seed, given, max(0, size - round(rate * size) - first))
        self._given = given
        self._lookalikes = Lookalikes(seed, given.market, given.apex)
        self._snowshoes = Snowshoes(seed, given.builder, given.apex)

    def night(self, number: int, day: int) -> Night:
        """The night of a day later than the last one's."""
        self._settlers.advance(day)
        rows = [
            *((s.name, _origin(s.truth, s.registered), s.truth, s.records) for s in self._settlers),
            *(self._lookalike(one, day) for one in self._alike if one.registered <= day),
            *(self._member(*pair, day) for pair in _alive(self._campaigns, day)),
        ]
        names, origins, truth, records = zip(*rows, strict=True)
        lists = self._lists(origins, day)
        listed = _by_domain(lists)
        return Night(
            number,
            date_of(day),
            self._world(names, truth, list(itertools.chain.from_iterable(records))),
            tuple(o._replace(listed=tuple(listed.get(o.domain, ()))) for o in origins),
            lists,
        )

    def _lookalike(self, one: Lookalike, day: int) -> "_Row":
        self._given.builder.begin(one.domain)
        truth = self._lookalikes.publish(one, day)
        own = self._settlers.keep(self._given.taken(), one.domain)
        return one.domain, _origin(truth, one.registered), truth, own

    def _member(self, campaign: Campaign, member: Member, day: int) -> "_Row":
        self._given.builder.begin(member.domain)
        live = self._snowshoes.publish(campaign, member, day)
        own = self._settlers.keep(self._given.taken(), member.domain)
        truth = truth_of_own(member.domain, CAMPAIGN, live=live)
        origin = _origin(truth, member.registered)
        return (
            member.domain,
            origin._replace(campaign=campaign.name, style=campaign.style.value),
            truth,
            own,
        )

    def _world(self, names: tuple[str, ...], truth: tuple[Truth, ...], own: list[Record]) -> World:
        """All that is there: of those who live tonight, and what is nobody's."""
        settlers, shared = self._settlers, self._given.shared()
        faults = {name: fault for s in settlers for name, fault in s.faults.items()}
        return World(
            seeds=tuple(zip(itertools.count(self._step, self._step), names, strict=False)),
            records=(*settlers.records, *shared.records, *own),
            faults=faults,
            servers=(*settlers.servers, *shared.servers),
            certificates=tuple({**settlers.certificates, **shared.certificates}.values()),
            networks=tuple(self._given.networks),
            truth=truth,
        )

    def _lists(self, origins: tuple[Origin, ...], day: int) -> dict[str, tuple[Entry, ...]]:
        legitimate = [(o.domain, o.kind) for o in origins if o.campaign is None]
        return {
            one.name: entries(self._seed, one, self._campaigns, legitimate, day)
            for one in BLACKLISTS
        }


_Row = tuple[str, Origin, Truth, list[Record]]
"""A domain as typed, and what there is of it."""


def _origin(truth: Truth, registered: int) -> Origin:
    return Origin(truth.domain, truth.archetype, None, None, date_of(registered), ())


def _alive(campaigns: list[Campaign], day: int) -> Iterator[tuple[Campaign, Member]]:
    return ((campaign, member) for campaign in campaigns for member in campaign.alive(day))


def _by_domain(lists: dict[str, tuple[Entry, ...]]) -> dict[str, list[str]]:
    """The lists that name each domain."""
    found: dict[str, list[str]] = {}
    for name, listed in lists.items():
        for entry in listed:
            found.setdefault(entry.domain, []).append(name)
    return found


def _lookalikes(seed: int, size: int, last: int) -> list[Lookalike]:
    """Those there at the beginning, a few of which are new, and those that come."""
    random = lots(seed, "lookalikes")
    names = Names(lots(seed, "lookalike names"), set())
    first = max(len(KINDS), round(_LOOKALIKES * size))
    found = []
    for number in range(first):
        registered = -random.randrange(60) if random.random() < 0.15 else OLD
        found.append(Lookalike(_name(names), KINDS[number % len(KINDS)], registered))
    for day in range(1, last + 1):
        coming = lots(seed, "lookalikes", day)
        if coming.random() < _LOOKALIKE_JOINS * size:
            found.append(Lookalike(_name(names), coming.choice(KINDS), day))
    return found


def _name(names: Names) -> str:
    """Names in front keep them apart from those of settlers."""
    return f"the{a_labels(names.domain()).removeprefix('xn--')}"
