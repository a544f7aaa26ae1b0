"""Lead time: how long before a list named them domains were detected (Kaplan and Meier 1958).

Over all detections: one that was listed earlier has a negative time, one that is not listed when
the lists end is censored then, for it may be listed yet, or never. Leaving these out, as if all
detections came to be listed, is what makes lead times look better than they are.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from stages.inference.snowshoe.evaluation.intervals import CONFIDENCE
from stages.inference.snowshoe.matrix import Bools, Floats, Ints


class Survival(NamedTuple):
    """Part of the detections not yet listed, by days since detection; a step at each time."""

    times: Floats
    """Distinct days with a listing, ascending."""
    at_risk: Ints
    listed: Ints
    surviving: Floats
    """From this time on, until the next."""
    low: Floats
    high: Floats
    """Pointwise bounds on the log-log scale, by Greenwood's variance."""
    until: float
    """The longest time that any was watched, listed or not; 0 without any."""

    @property
    def median(self) -> float | None:
        """Days by which half were listed; None if fewer ever are, as far as one can see."""
        return self.by(0.5)

    def by(self, part: float) -> float | None:
        """Days by which a part was listed; None if it is not reached."""
        reached = np.flatnonzero(self.surviving <= 1 - part + 1e-12)
        return float(self.times[reached[0]]) if len(reached) else None

    def at(self, day: float) -> float:
        """Part not listed by the end of a day."""
        passed = int(np.searchsorted(self.times, day, side="right"))
        return float(self.surviving[passed - 1]) if passed else 1.0


def kaplan_meier(days: Floats, listed: Bools, confidence: float = CONFIDENCE) -> Survival:
    """The estimate from days to listing, or to the end of sight where ``listed`` is false.

    Who is censored on a day was at risk on it.
    """
    times, events = np.unique(days[listed], return_counts=True)
    at_risk = len(days) - np.searchsorted(np.sort(days), times, side="left")
    surviving: Floats = np.cumprod(1 - events / at_risk, dtype=np.float64)
    low, high = _bounds(at_risk, events, surviving, confidence)
    counts = at_risk.astype(np.int64), events.astype(np.int64)
    return Survival(times, *counts, surviving, low, high, float(days.max(initial=0.0)))


def _bounds(
    at_risk: Ints, events: Ints, surviving: Floats, confidence: float
) -> tuple[Floats, Floats]:
    """Kalbfleisch and Prentice's: inside 0 and 1; at 0 there is no variance, the bounds are 0."""
    left = at_risk - events
    inside = (surviving > 0) & (left > 0)
    terms = np.divide(events, at_risk * left, out=np.zeros(len(events)), where=left > 0)
    low, high = np.zeros(len(events)), np.zeros(len(events))
    part = surviving[inside]
    spread = np.sqrt(np.cumsum(terms)[inside]) / np.abs(np.log(part))
    z = float(norm.ppf((1 + confidence) / 2))
    low[inside] = part ** np.exp(z * spread)
    high[inside] = part ** np.exp(-z * spread)
    return low, high
