"""The names that crawls are measured with: a real list where there is one, else as many made up."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

from scripts.world.files import read_names
from scripts.world.naming import Names

NAMES = 1_394_833
"""How many names the real list has."""
REAL = Path(__file__).parents[3] / "shared" / "data" / "seeds" / "top-domains.txt.gz"
"""Registered domains of Tranco and the Chrome UX Report."""


def seed_names(path: Path | None, count: int) -> Iterator[str]:
    """The first names of a file, of the real list if none is given, or made up without it."""
    if path is None and not REAL.exists():
        names = Names(Random(1), set())
        return (names.domain() for _ in range(count))
    return islice(read_names(path or REAL), count)
