"""Scores and their reasons.

A reason is a feature and by how much its value raises the log-odds: those of the row less those of
the same row with the feature as it usually is, the others as they are. For AdaBoost of stumps,
whose log-odds are a sum over features, the reasons are exact shares of that sum; of an algorithm
with interactions they are what the feature does in this row, and do not add up.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy.special import expit

from schemas.snowshoe import FEATURES
from schemas.snowshoe_scores import Tier
from stages.inference.snowshoe.matrix import Bools, Floats, Ints
from stages.inference.snowshoe.training import Classifier

REASONS = 5
"""At most, of a score."""
_BATCH = 50_000


@dataclass(frozen=True)
class TierLimits:
    """Probability from which on a suspect is of each tier."""

    low: float = 0.5
    medium: float = 0.8
    high: float = 0.95

    def tiers(self, probability: Floats) -> pa.Array:
        """Words of `Tier`; a probability that is NaN is of none."""
        step = np.searchsorted(astuple(self), np.nan_to_num(probability), side="right")
        words = pa.array([str(tier) for tier in (Tier.NONE, Tier.LOW, Tier.MEDIUM, Tier.HIGH)])
        return words.take(pa.array(step))


class Scores(NamedTuple):
    """What a classifier says of rows."""

    probability: Floats
    weights: Floats
    """By how much each feature raises the log-odds: shape (rows, 37)."""


def score(classifier: Classifier, x: Floats, usual: Floats) -> Scores:
    """Scores of rows of features, shape (rows, 37); ``usual`` has one value a feature."""
    log_odds = classifier.log_odds(x)
    weights = np.zeros(x.shape)
    for feature in range(x.shape[1]):
        unknown = np.isnan(x[:, feature]) & np.isnan(usual[feature])
        differs = ~(unknown | (x[:, feature] == usual[feature]))
        weights[differs, feature] = log_odds[differs] - _without(
            classifier, x[differs], feature, usual[feature]
        )
    return Scores(expit(log_odds), weights)


def _without(classifier: Classifier, x: Floats, feature: int, usual: float) -> Floats:
    """Log-odds with one feature as it usually is."""
    parts = [np.empty(0)]
    for start in range(0, len(x), _BATCH):
        changed = x[start : start + _BATCH].copy()
        changed[:, feature] = usual
        parts.append(classifier.log_odds(changed))
    return np.concatenate(parts)


def reasons(x: Floats, found: Scores, at: Ints, rows: int, kind: pa.DataType) -> pa.Array:
    """The strongest reasons as lists of structs, strongest first; for ``rows`` rows.

    ``found`` and features ``x`` are those of the rows ``at``, ascending; others have no reasons.
    ``kind`` is the type of the column in the table of scores.
    """
    order = np.argsort(-found.weights, axis=1, kind="stable")[:, :REASONS]
    strength = np.take_along_axis(found.weights, order, axis=1)
    raising: Bools = strength > 0
    of_row, _ = np.nonzero(raising)
    features: Ints = order[raising]
    columns = [
        pa.array(FEATURES).take(pa.array(features)),
        pa.array(x[of_row, features], from_pandas=True),
        pa.array(strength[raising]),
    ]
    fields: Sequence[pa.Field] = list(kind.value_type)
    structs = pa.StructArray.from_arrays(columns, fields=fields)
    counts = np.bincount(at[of_row], minlength=rows)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), structs, type=kind)
