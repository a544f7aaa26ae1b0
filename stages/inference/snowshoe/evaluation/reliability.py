"""Whether probabilities mean what they say: predicted against listed, bin by bin."""

from dataclasses import dataclass

import numpy as np

from stages.inference.snowshoe.evaluation.intervals import Interval, wilson
from stages.inference.snowshoe.matrix import Bools, Floats

_BINS = 10


@dataclass(frozen=True)
class Bin:
    """Domains of similar probability."""

    domains: int
    predicted: float
    """Mean."""
    listed: Interval


@dataclass(frozen=True)
class Reliability:
    """All bins, and how far off they are."""

    bins: list[Bin]
    brier: float | None
    """Mean squared error of the probability."""
    error: float | None
    """Mean distance of predicted and listed part, bins by their size."""


def reliability(probability: Floats, listed: Bools) -> Reliability:
    """Bins of equal numbers of domains, by rank of probability."""
    if not len(probability):
        return Reliability([], None, None)
    bins = []
    for rows in np.array_split(np.argsort(probability, kind="stable"), _BINS):
        if len(rows):
            part = wilson(int(listed[rows].sum()), len(rows))
            bins.append(Bin(len(rows), float(probability[rows].mean()), part))
    off = sum(b.domains * abs(b.predicted - (b.listed.value or 0.0)) for b in bins)
    brier = float(((probability - listed) ** 2).mean())
    return Reliability(bins, brier, off / len(probability))
