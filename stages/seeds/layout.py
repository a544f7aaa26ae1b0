"""Lines of a seed list: bytes in, entries out.

A list is plain (a name a line) or has columns, parted by comma, semicolon or tab: with a header
(Majestic, CrUX) or without one, the rank first (Tranco, Umbrella) or the name first. The first
line that is neither blank nor a comment decides. ``#`` begins a comment.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from stages.seeds.entry import Entry, Reason, Reject, Rejected

LINE_MAX = 4096
"""Bytes; a longer line is rejected."""

NAME_COLUMNS = ("domain", "name", "host", "hostname", "origin")
RANK_COLUMNS = ("globalrank", "rank", "popularity")

_BOM = b"\xef\xbb\xbf"
_SEPARATOR = re.compile(r"[,;\t]")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[^]]*\]|[^/:]*)(?::[0-9]+)?/?", re.IGNORECASE)
_RANK_DIGITS = 18


class Layout(NamedTuple):
    """Where a line has what."""

    name: int = 0
    rank: int | None = None
    columns: bool = False
    """Whether lines are to be split."""

    def entry(self, line: int, text: str) -> Entry:
        """The entry on a line; raises Rejected for a rank that is none."""
        if not self.columns:
            return Entry(line, text, host(text), None)
        cells = _cells(text)
        name = "" if self.name >= len(cells) else cells[self.name]
        rank = "" if self.rank is None or self.rank >= len(cells) else cells[self.rank]
        return Entry(line, text, host(name), _rank(rank))


def column(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Index of the first wanted column that there is, by lower-case name."""
    return next((names.index(name) for name in wanted if name in names), None)


def host(cell: str) -> str:
    """The host of an origin (https://host:port); anything else as it is."""
    origin = _ORIGIN.fullmatch(cell) if "://" in cell else None
    return origin[1] if origin else cell


def entries(list_name: str, lines: Iterable[bytes]) -> Iterator[Entry | Reject]:
    """What the lines of a list hold, in their order."""
    layout: Layout | None = None
    for number, line in enumerate(lines, start=1):
        raw = line.removeprefix(_BOM) if number == 1 else line
        try:
            text = _text(raw)
            if not text:
                continue
            if layout is None:
                layout, is_header = _layout(text)
                if is_header:
                    continue
            yield layout.entry(number, text)
        except Rejected as rejected:
            text = raw.decode(errors="backslashreplace").strip()
            yield Reject.of(list_name, number, rejected.reason, text)


def _text(line: bytes) -> str:
    if len(line) > LINE_MAX:
        raise Rejected(Reason.TOO_LONG)
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise Rejected(Reason.NOT_UTF8) from None
    return text.partition("#")[0].strip()


def _layout(first: str) -> tuple[Layout, bool]:
    """The layout that the first line shows, and whether that line is a header."""
    cells = [cell.lower() for cell in _cells(first)]
    name = column(cells, NAME_COLUMNS)
    if name is not None:
        return Layout(name, column(cells, RANK_COLUMNS), columns=True), True
    if len(cells) == 1:
        return Layout(), False
    rank_first = "." not in cells[0]
    return Layout(int(rank_first), int(not rank_first), columns=True), False


def _cells(text: str) -> list[str]:
    return [cell.strip().strip('"') for cell in _SEPARATOR.split(text)]


def _rank(cell: str) -> int | None:
    if not cell:
        return None
    if not (cell.isascii() and cell.isdigit() and len(cell) <= _RANK_DIGITS and int(cell) > 0):
        raise Rejected(Reason.BAD_RANK)
    return int(cell)
