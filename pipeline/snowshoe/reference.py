"""A window of runs read twice: for how features are distributed, then for who is in the tail."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from rich.console import Console

from pipeline.snowshoe.runs import Night
from pipeline.steps import Steps
from schemas.snowshoe import FEATURES
from stages.inference.snowshoe import tail as tails
from stages.inference.snowshoe.distribution import Distribution
from stages.inference.snowshoe.matrix import column
from stages.inference.snowshoe.model import RunUsed
from stages.inference.snowshoe.tail import Limits, Tail
from stages.inference.snowshoe.window import Window, gather

Distributions = dict[str, Distribution]


def distributions(nights: Sequence[Night], console: Console) -> Distributions:
    """How the values of each feature are distributed over runs, all together."""
    found: Distributions = {name: Distribution.merged([]) for name in FEATURES}
    with Steps(console, alike=len(nights)) as steps:
        for night in nights:
            steps.begin(f"values of {night.run.id}")
            now = of_run(night.features())
            found = {name: Distribution.merged([found[name], now[name]]) for name in FEATURES}
    return found


def of_run(rows: pa.Table) -> Distributions:
    """The same of one table of features."""
    return {name: Distribution.of(column(rows, name)) for name in FEATURES}


class Read(NamedTuple):
    """A window that was read."""

    window: Window
    runs: list[RunUsed]
    distributions: list[Distributions]
    """Of each run."""


def read(nights: Sequence[Night], tail: Tail, console: Console) -> Read:
    """Gather a window by a tail."""
    steps = Steps(console, alike=len(nights))
    runs: list[RunUsed] = []
    seen: list[Distributions] = []

    def tables() -> Iterator[tuple[int, pa.Table]]:
        for night in nights:
            steps.begin(f"tail of {night.run.id}")
            rows = night.features()
            candidates = int(np.count_nonzero(tails.judge(rows, tail).candidate))
            runs.append(night.used(rows, candidates))
            seen.append(of_run(rows))
            yield night.day, rows

    with steps:
        window = gather(tables(), tail)
    return Read(window, runs, seen)


def fit(found: Distributions, limits: Limits) -> tuple[Tail, list[float | None]]:
    """The tail, and the usual value of each feature."""
    usual = [found[name].quantile(0.5) if found[name].known else None for name in FEATURES]
    return tails.fit(found, limits), usual
