"""Seed lists in, seeds and rejects out, one by one: memory does not grow with the lists."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from stages.seeds.entry import Reject, Rejected, Seed, SeedError
from stages.seeds.name import domain
from stages.seeds.source import list_name, read_source


def read(sources: Sequence[str | Path], *, exact: bool) -> Iterator[Seed | Reject]:
    """What the lists hold, in their order; "-" is standard input.

    A name that several lists or lines have comes as often. Raises SeedError for two lists of one
    name at once, for a list that cannot be read when its turn comes.
    """
    names = Counter(list_name(source) for source in sources)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise SeedError(f"two seed lists are called {twice[0]!r}: give one another file name")
    return _read(sources, exact=exact)


def _read(sources: Sequence[str | Path], *, exact: bool) -> Iterator[Seed | Reject]:
    for source in sources:
        name = list_name(source)
        for entry in read_source(source):
            if isinstance(entry, Reject):
                yield entry
                continue
            try:
                yield Seed(domain(entry.name, exact=exact), name, entry.rank)
            except Rejected as rejected:
                yield Reject.of(name, entry.line, rejected.reason, entry.text)
