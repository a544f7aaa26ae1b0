"""A benchmark over a census that is made first.

    with prepared(__doc__, make, 100_000) as (options, folder):
        for _ in range(options.runs): …

The making has a process of its own, so that its memory is not counted as that of what is measured.
"""

import argparse
import resource
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from scripts.bench.machine import description

Make = Callable[[int, int, Path], Mapping[str, int]]
"""Writes the tables of so many domains, by a seed, into a folder; rows by table."""


@contextmanager
def prepared(
    what: str | None, make: Make, domains: int
) -> Iterator[tuple[argparse.Namespace, Path]]:
    """The options of the command line (domains, runs, seed) and the folder of the tables.

    ``domains`` is how many unless the options say. Prints the machine and the rows.
    """
    parser = argparse.ArgumentParser(
        description=what, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--domains", type=int, default=domains)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(description())
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            rows = pool.submit(make, options.domains, options.seed, Path(place)).result()
        print(", ".join(f"{number:,} {table}" for table, number in rows.items()))
        yield options, Path(place)


def peak() -> float:
    """The most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
