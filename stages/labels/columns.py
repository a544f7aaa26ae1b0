"""CSV: a name in one column, perhaps the day of its first listing in another.

With a header (domain, name, host…; first_listed, first_seen, date, added…) or without one: then the
first line shows which cell is a name and which a day. Comma, semicolon, tab or bar part the cells.
"""

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stages.labels.entry import Entry, Reason, Refused, listed_name, wildcard
from stages.labels.line import entry

NAMES = ("domain", "name", "host", "hostname", "fqdn", "domain_name", "ioc", "indicator")
DAYS = (
    *("first_listed", "firstlisted", "listed", "listed_since", "first_seen", "firstseen"),
    *("first_seen_utc", "dateadded", "date_added", "added", "since", "date", "created"),
)
_SEPARATORS = (",", ";", "\t", "|")
_EPOCH_DIGITS = 10


class _Layout(NamedTuple):
    separator: str
    name: int
    day: int | None


class Columns:
    """Reads lines; the first that is neither blank nor a comment sets the layout."""

    def __init__(self) -> None:
        self._layout: _Layout | None = None

    def read(self, number: int, line: str) -> Iterator[Entry]:
        """The entry of a line; Refused if there is none."""
        text = line.strip()
        if not text or text.startswith("#"):
            return
        if self._layout is None:
            self._layout, is_header = _layout(text)
            if is_header:
                return
        separator, name, day = self._layout
        found = cells(text, separator)
        if name >= len(found):
            raise Refused(Reason.SYNTAX)
        stated = found[day] if day is not None and day < len(found) else ""
        yield entry(number, found[name], since=date(stated) if stated else None)


def cells(text: str, separator: str) -> list[str]:
    """The cells of a line, without quotes and space around; Refused for a quote that never ends."""
    try:
        (row,) = csv.reader([text], delimiter=separator, strict=True)
    except (csv.Error, ValueError):
        raise Refused(Reason.SYNTAX) from None
    return [cell.strip().strip('"') for cell in row]


def date(text: str) -> dt.date:
    """A day from an ISO date or moment, or from seconds since 1970; Refused if it is none."""
    try:
        if len(text) == _EPOCH_DIGITS and text.isdecimal():
            return dt.datetime.fromtimestamp(int(text), dt.UTC).date()
        return dt.datetime.fromisoformat(text).date()
    except (ValueError, OverflowError):
        raise Refused(Reason.BAD_DATE) from None


def separator_of(text: str) -> str | None:
    """What parts the cells of a line, if anything does."""
    return next((each for each in _SEPARATORS if each in text), None)


def _layout(text: str) -> tuple[_Layout, bool]:
    """The layout that the first line shows, and whether that line is a header."""
    separator = separator_of(text) or ","
    found = [cell.lower() for cell in cells(text, separator)]
    name, day = _first(found, NAMES), _first(found, DAYS)
    if name is not None:
        return _Layout(separator, name, day), True
    name = next((index for index, cell in enumerate(found) if _is_name(cell)), None)
    if name is None:
        raise Refused(Reason.SYNTAX)
    day = next((index for index, cell in enumerate(found) if _is_date(cell)), None)
    return _Layout(separator, name, day), False


def _first(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _is_name(cell: str) -> bool:
    try:
        listed_name(wildcard(cell)[0])
    except Refused:
        return False
    return True


def _is_date(cell: str) -> bool:
    try:
        date(cell)
    except Refused:
        return False
    return True
