"""A classifier from samples: trained, calibrated, and the same again for evaluation.

A sample is a candidate of the long tail, once a domain: as it looked when the window first had it
as one, whether it was listed or not. Calibration scores every sample by a classifier that saw
none of its campaign.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline

from stages.inference.snowshoe import calibration
from stages.inference.snowshoe.calibration import Curve
from stages.inference.snowshoe.campaigns import folds
from stages.inference.snowshoe.classifiers import ALGORITHMS, pipeline, raw_scores
from stages.inference.snowshoe.matrix import Bools, Floats, Ints

FOLDS = 3


class TooFewError(ValueError):
    """There is not enough to learn from; the message is one line that says what is missing."""


class Samples(NamedTuple):
    """What is learnt from."""

    x: Floats
    """Features, shape (samples, 37), NaN for null."""
    listed: Bools
    campaign: Ints

    def of(self, rows: Bools) -> "Samples":
        """Those of a mask."""
        return Samples(self.x[rows], self.listed[rows], self.campaign[rows])


@dataclass(frozen=True)
class Recipe:
    """By what a classifier is made."""

    algorithm: str
    seed: int = 0


class Classifier(NamedTuple):
    """A trained pipeline and its curve."""

    trained: Pipeline
    curve: Curve

    def log_odds(self, x: Floats) -> Floats:
        """Calibrated, of rows of features."""
        return self.curve.log_odds(raw_scores(self.trained, x))


def fit(samples: Samples, recipe: Recipe) -> Classifier:
    """A classifier; TooFewError without two campaigns of each class."""
    curve = calibration.fit(_cross_fitted(samples, recipe), samples.listed)
    return Classifier(_trained(samples, recipe), curve)


def _cross_fitted(samples: Samples, recipe: Recipe) -> Floats:
    """Raw scores, each by a classifier that saw none of the campaign."""
    fold = folds(samples.campaign, samples.listed, dealable(samples))
    scores = np.empty(len(fold))
    for each in np.unique(fold):
        held = fold == each
        scores[held] = raw_scores(_trained(samples.of(~held), recipe), samples.x[held])
    return scores


def dealable(samples: Samples) -> int:
    """Folds that each leave both classes to the others: 2 or 3; TooFewError if there are none."""
    listed = len(np.unique(samples.campaign[samples.listed]))
    unlisted = len(np.unique(samples.campaign[~samples.listed]))
    if min(listed, unlisted) < 2:  # noqa: PLR2004 - one to train on, one to test on
        raise TooFewError(
            f"the tail has {samples.listed.sum()} listed domains in {listed} campaigns and "
            f"{(~samples.listed).sum()} unlisted ones in {unlisted}: "
            "two campaigns of each are needed"
        )
    return min(FOLDS, listed)


def _trained(samples: Samples, recipe: Recipe) -> Pipeline:
    if samples.listed.all() or not samples.listed.any():
        raise TooFewError("listed and unlisted domains belong to one campaign: nothing to compare")
    kept = _kept(samples.listed, ALGORITHMS[recipe.algorithm].most, recipe.seed)
    return pipeline(recipe.algorithm, recipe.seed).fit(samples.x[kept], samples.listed[kept])


def _kept(listed: Bools, most: int, seed: int) -> Ints:
    """Rows to train on: all if they are not too many, else as many of the listed as half."""
    if len(listed) <= most:
        return np.arange(len(listed))
    draw = np.random.default_rng(seed)
    yes = draw.permutation(np.flatnonzero(listed))[: most // 2]
    no = draw.permutation(np.flatnonzero(~listed))[: most - len(yes)]
    return np.sort(np.concatenate([yes, no]))
