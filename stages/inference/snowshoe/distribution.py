"""How often each value of a feature occurs: what quantiles, tails and drift are told from."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from stages.inference.snowshoe.matrix import Floats, Ints


class Distribution(NamedTuple):
    """Distinct values, ascending, and how often each occurs."""

    values: Floats
    counts: Ints
    unknown: int
    """How often the value was null."""

    @classmethod
    def of(cls, values: Floats) -> "Distribution":
        """That of a column; NaN is unknown."""
        known = values[~np.isnan(values)]
        distinct, counts = np.unique(known, return_counts=True)
        return cls(distinct, counts.astype(np.int64), len(values) - len(known))

    @classmethod
    def merged(cls, parts: Iterable["Distribution"]) -> "Distribution":
        """That of several columns together."""
        parts = list(parts)
        values = np.concatenate([part.values for part in parts] or [np.empty(0)])
        counts = np.concatenate([part.counts for part in parts] or [np.empty(0, np.int64)])
        distinct, where = np.unique(values, return_inverse=True)
        sums = np.zeros(len(distinct), np.int64)
        np.add.at(sums, where, counts)
        return cls(distinct, sums, sum(part.unknown for part in parts))

    @property
    def known(self) -> int:
        """How often the value was known."""
        return int(self.counts.sum())

    def quantile(self, q: float) -> float:
        """The smallest value that at least the part ``q`` does not exceed.

        So at most 1 - q lies above it, less where values tie: never more than was asked for.
        ValueError without known values.
        """
        if not self.known:
            raise ValueError("no known value")
        reached = np.cumsum(self.counts) >= q * self.known * (1 - 1e-12)
        return float(self.values[np.argmax(reached)])

    def above(self, value: float) -> int:
        """How often a known value exceeds ``value``."""
        return int(self.counts[np.searchsorted(self.values, value, side="right") :].sum())
