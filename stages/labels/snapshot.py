"""What a list says on a day: its entries brought together, a row a name.

An exception beats a listing of the same name, whichever comes first. Where a list is silent on a
name or on those below it, the closest parent with an entry decides, as it does for a DNS wildcard.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from stages.labels.entry import Entry


class Stand(NamedTuple):
    """A name and what a list says of it."""

    name: str
    itself: bool
    below: bool
    since: dt.date | None
    """The earliest day that the list states."""


def snapshot(entries: Iterable[Entry]) -> list[Stand]:
    """A row a name, sorted; exceptions only where a parent is listed with all below it."""
    said: dict[str, Entry] = {}
    for entry in entries:
        before = said.get(entry.name)
        said[entry.name] = _both(before, entry) if before else entry
    return list(_stands(said))


def _both(one: Entry, other: Entry) -> Entry:
    since = min(filter(None, (one.since, other.since)), default=None)
    itself, below = _and(one.itself, other.itself), _and(one.below, other.below)
    return Entry(one.line, one.name, itself, below, since)


def _and(*verdicts: bool | None) -> bool | None:
    """False if one is, else True if one is."""
    return min((each for each in verdicts if each is not None), default=None)


def _stands(said: dict[str, Entry]) -> Iterator[Stand]:
    wild = {name: entry.below for name, entry in said.items() if entry.below is not None}
    for name in sorted(said):
        entry = said[name]
        inherited = _inherited(name, wild) if wild else False
        itself = inherited if entry.itself is None else entry.itself
        below = inherited if entry.below is None else entry.below
        if itself or below or inherited:
            yield Stand(name, itself, below, entry.since)


def _inherited(name: str, wild: dict[str, bool]) -> bool:
    """Whether the closest parent that speaks of all below it lists them."""
    parent = name
    while parent:
        parent = parent.partition(".")[2]
        if parent in wild:
            return wild[parent]
    return False
