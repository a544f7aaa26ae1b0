"""What a score finds, at fixed false-positive rates and the natural base rate.

Scores of domains that are no suspects are -inf: they are never flagged, at no threshold.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stages.inference.snowshoe.evaluation.intervals import (
    Interval,
    clopper_pearson,
    precision_interval,
    wilson,
)
from stages.inference.snowshoe.matrix import Bools, Floats, Ints

TARGETS = (0.01, 0.001, 0.0001)
"""False-positive rates among the unlisted."""
_ROUNDING = 1e-9


class Field(NamedTuple):
    """The domains that scores are tested on."""

    listed: Bools
    campaign: Ints
    """-1 for those of none."""
    rate: float
    """Natural base rate: part of all domains of the window that came to be listed."""


class Sweep(NamedTuple):
    """Counts at every threshold that some domain has as its score, the highest first."""

    thresholds: Floats
    found: Ints
    false: Ints


@dataclass(frozen=True)
class Point:
    """What one threshold finds."""

    target: float
    """False-positive rate that was asked for."""
    threshold: float | None
    """None if even the highest score flags too many."""
    found: int
    false: int
    recall: Interval
    """Of the listed (Wilson)."""
    false_rate: Interval
    """Of the unlisted (Clopper-Pearson)."""
    precision: Interval
    """At the natural base rate."""
    campaigns: Interval
    """Campaigns of which a domain is found (Wilson): siblings are no independent successes."""
    resolved: bool
    """Whether there are unlisted domains enough for so low a rate."""


def sweep(scores: Floats, listed: Bools) -> Sweep:
    """Counts of flagged domains by threshold; equal scores pass together."""
    finite = np.isfinite(scores)
    thresholds, at = np.unique(-scores[finite], return_inverse=True)
    found = np.bincount(at, weights=listed[finite], minlength=len(thresholds))
    every = np.bincount(at, minlength=len(thresholds))
    true = np.cumsum(found).astype(np.int64)
    return Sweep(-thresholds, true, np.cumsum(every).astype(np.int64) - true)


def point(scores: Floats, field: Field, target: float) -> Point:
    """The lowest threshold that keeps to a false-positive rate, and what it finds."""
    swept = sweep(scores, field.listed)
    unlisted = int((~field.listed).sum())
    within = np.flatnonzero(swept.false <= target * unlisted + _ROUNDING)
    threshold = float(swept.thresholds[within[-1]]) if len(within) else None
    return at_threshold(scores, field, threshold, target)


def at_threshold(scores: Floats, field: Field, threshold: float | None, target: float) -> Point:
    """What flagging from a threshold on finds; nothing for None."""
    flagged = np.zeros(len(scores), bool) if threshold is None else scores >= threshold
    yes, no = int(field.listed.sum()), int((~field.listed).sum())
    found, false = int((flagged & field.listed).sum()), int((flagged & ~field.listed).sum())
    every = np.unique(field.campaign[field.listed & (field.campaign >= 0)])
    some = np.unique(field.campaign[flagged & field.listed & (field.campaign >= 0)])
    return Point(
        target,
        threshold,
        found,
        false,
        wilson(found, yes),
        clopper_pearson(false, no),
        precision_interval((found, yes), (false, no), field.rate),
        wilson(len(some), len(every)),
        resolved=no * target >= 1 - _ROUNDING,
    )


class PrecisionRecall(NamedTuple):
    """The curve over all thresholds, at the natural base rate."""

    recall: Floats
    precision: Floats

    @property
    def average(self) -> float:
        """Mean precision over recall (steps, no interpolation); what is never flagged adds 0."""
        steps = np.diff(self.recall, prepend=0.0)
        return float((steps * self.precision).sum())


def precision_recall(scores: Floats, field: Field) -> PrecisionRecall:
    """The curve of a score; empty without listed or unlisted domains."""
    swept = sweep(scores, field.listed)
    yes, no = int(field.listed.sum()), int((~field.listed).sum())
    if not yes or not no:
        return PrecisionRecall(np.empty(0), np.empty(0))
    true, wrong = swept.found / yes, swept.false / no
    passed = field.rate * true + (1 - field.rate) * wrong
    part = np.divide(field.rate * true, passed, out=np.zeros_like(true), where=passed > 0)
    return PrecisionRecall(true, part)
