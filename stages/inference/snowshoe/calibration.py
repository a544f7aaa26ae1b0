"""Scores as probabilities: a logistic curve through the scores of rows that were not trained on.

Platt's method, with his targets that keep the curve finite where scores separate the classes. It
keeps the order, and log-odds are linear in the score: what adds up in the one does in the other.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from stages.inference.snowshoe.matrix import Bools, Floats


@dataclass(frozen=True)
class Curve:
    """log-odds = slope * score + intercept; the slope is not negative."""

    slope: float
    intercept: float

    def log_odds(self, scores: Floats) -> Floats:
        """Of raw scores."""
        return self.slope * scores + self.intercept

    def probability(self, scores: Floats) -> Floats:
        """Of raw scores."""
        return np.asarray(expit(self.log_odds(scores)), np.float64)


def fit(scores: Floats, positive: Bools) -> Curve:
    """The curve of highest likelihood; both classes must occur."""
    yes, no = int(positive.sum()), int((~positive).sum())
    target = np.where(positive, (yes + 1) / (yes + 2), 1 / (no + 2))
    middle, spread = float(scores.mean()), float(scores.std()) or 1.0
    scaled = (scores - middle) / spread

    def loss(curve: Floats) -> tuple[float, Floats]:
        odds = curve[0] * scaled + curve[1]
        error = expit(odds) - target
        value = np.logaddexp(0, odds) - target * odds
        return float(value.mean()), np.array([(error * scaled).mean(), error.mean()])

    start = np.array([1.0, np.log((yes + 1) / (no + 1))])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)])
    slope = float(found.x[0]) / spread
    return Curve(slope, float(found.x[1]) - slope * middle)
