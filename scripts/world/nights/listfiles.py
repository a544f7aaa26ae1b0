"""Blacklists as files, in the formats that they are handed out in; a file a list, by its name.

swift.dnset      rbldnsd's dnset: names and all below them, `!` for exceptions
broad.txt        a domain a line
careful.rpz      a response policy zone
community.hosts  a hosts file
archive.csv      domain,first_listed,reason
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from scripts.world.nights.model import Entry

Lines = Callable[[Sequence[Entry], dt.date], Iterator[str]]


def write_lists(
    lists: Mapping[str, Sequence[Entry]], day: dt.date, directory: Path
) -> dict[str, Path]:
    """The files of a day; their paths by list."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, listed in lists.items():
        suffix, lines = FORMATS[name]
        paths[name] = directory / f"{name}.{suffix}"
        text = "".join(f"{line}\n" for line in lines(listed, day))
        paths[name].write_text(text, encoding="ascii")
    return paths


def _dnset(listed: Sequence[Entry], day: dt.date) -> Iterator[str]:
    yield f"$SOA 3000 ns.lists.example hostmaster.lists.example {day:%Y%m%d}01 600 300 86400 300"
    yield "$NS 3000 ns.lists.example"
    yield "$TTL 300"
    yield ":127.0.0.2:Listed as snowshoe, $"
    yield ".test"
    yield "!lists.example"
    yield from (f".{entry.domain}" for entry in listed)


def _plain(listed: Sequence[Entry], day: dt.date) -> Iterator[str]:
    yield f"# Spam domains of {day}"
    yield from (entry.domain for entry in listed)


def _rpz(listed: Sequence[Entry], day: dt.date) -> Iterator[str]:
    yield "$TTL 300"
    yield f"@ IN SOA localhost. hostmaster.localhost. {day:%Y%m%d}01 3600 600 604800 300"
    yield "@ IN NS localhost."
    for entry in listed:
        yield f"{entry.domain} IN CNAME ."
        yield f"*.{entry.domain} IN CNAME ."


def _hosts(listed: Sequence[Entry], day: dt.date) -> Iterator[str]:
    yield f"# Updated {day}"
    yield "127.0.0.1 localhost"
    yield "::1 localhost"
    yield from (f"0.0.0.0 {entry.domain}" for entry in listed)


def _csv(listed: Sequence[Entry], day: dt.date) -> Iterator[str]:
    del day
    yield "domain,first_listed,reason"
    yield from (f"{entry.domain},{entry.listed},snowshoe" for entry in listed)


FORMATS: dict[str, tuple[str, Lines]] = {
    "swift": ("dnset", _dnset),
    "broad": ("txt", _plain),
    "careful": ("rpz", _rpz),
    "community": ("hosts", _hosts),
    "archive": ("csv", _csv),
}
"""File name suffix and lines, by list."""
