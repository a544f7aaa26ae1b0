"""What is known of a night: its day, its world, where each domain comes from, what lists say."""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from scripts.world.model import World

FIRST = dt.date(2026, 11, 1)
"""The day of night 1; days are counted from it, those before are negative."""
CAMPAIGN = "campaign"
"""The kind of domains that send snowshoe spam."""


class Origin(NamedTuple):
    """Where a domain of a night comes from; a row of origins.parquet."""

    domain: str
    kind: str
    """`campaign`, the name of a look-alike, or the archetype in truth.parquet."""
    campaign: str | None
    """Domains of one name belong together."""
    style: str | None
    """What the campaign is like."""
    registered: dt.date
    """For the oldest a day before all nights."""
    listed: tuple[str, ...]
    """Lists that name it tonight, rightly or not."""


class Entry(NamedTuple):
    """A domain on a list."""

    domain: str
    listed: dt.date
    """The day since which."""


class Night(NamedTuple):
    """One night."""

    number: int
    """From 1."""
    day: dt.date
    world: World
    origins: tuple[Origin, ...]
    """In the order of the seeds."""
    lists: Mapping[str, tuple[Entry, ...]]
    """By the name of the list; entries by domain."""


def date_of(day: int) -> dt.date:
    """The date of a day."""
    return FIRST + dt.timedelta(days=day)
