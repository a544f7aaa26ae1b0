"""Drift: how far features have moved since the reference window, by population stability index.

PSI is the sum over bins of (now - then) * ln(now / then); bins are tenths of the reference, as far
as ties let it be cut, and one for null. Usual reading: under 0.1 stable, over 0.25 shifted.
"""

from typing import NamedTuple

import numpy as np

from stages.inference.snowshoe.distribution import Distribution
from stages.inference.snowshoe.matrix import Floats

_TENTHS = np.arange(1, 10) / 10
_HALF = 0.5
"""Added to every bin, so that an empty one is rare and not impossible."""


class Bins(NamedTuple):
    """Bins of one feature's reference, and its parts in them."""

    edges: Floats
    """A value belongs below the first edge that it does not exceed."""
    parts: Floats
    """The last is that of null."""

    @classmethod
    def of(cls, reference: Distribution) -> "Bins":
        """The bins of a reference window."""
        known = reference.known
        edges = np.unique([reference.quantile(q) for q in _TENTHS] if known else [])
        return cls(edges, _parts(reference, edges))

    def psi(self, now: Distribution) -> float:
        """The index of another distribution of the same feature."""
        parts = _parts(now, self.edges)
        return float(((parts - self.parts) * np.log(parts / self.parts)).sum())


def _parts(seen: Distribution, edges: Floats) -> Floats:
    counts = np.full(len(edges) + 2, _HALF)
    np.add.at(counts, np.searchsorted(edges, seen.values, side="left"), seen.counts)
    counts[-1] += seen.unknown
    return np.asarray(counts / counts.sum(), np.float64)
