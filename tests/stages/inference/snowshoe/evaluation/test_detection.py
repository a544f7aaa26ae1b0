"""What thresholds find, by hand and as properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.inference.snowshoe.distribution import Distribution
from stages.inference.snowshoe.evaluation.detection import (
    Field,
    point,
    precision_recall,
    sweep,
)
from stages.inference.snowshoe.evaluation.drift import Bins
from stages.inference.snowshoe.evaluation.reliability import reliability

INF = float("inf")


def field(listed: list[bool], rate: float | None = None) -> Field:
    marks = np.array(listed, bool)
    return Field(marks, np.arange(len(marks)), float(marks.mean()) if rate is None else rate)


SCORES = np.array([9, 8, 8, 7, 3, -INF, -INF, -INF, -INF, -INF])
LISTED = [True, True, False, True, False, True, False, False, False, False]


def test_equal_scores_pass_together_and_the_unscored_never() -> None:
    found = sweep(SCORES, np.array(LISTED))
    assert found.thresholds.tolist() == [9, 8, 7, 3]
    assert found.found.tolist() == [1, 2, 3, 3]
    assert found.false.tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("target", "threshold", "found", "false"),
    [(0.0, 9, 1, 0), (0.16, 9, 1, 0), (0.17, 7, 3, 1), (0.34, 3, 3, 2), (1.0, 3, 3, 2)],
)
def test_points_by_hand(target: float, threshold: float, found: int, false: int) -> None:
    of = point(SCORES, field(LISTED), target)
    assert (of.threshold, of.found, of.false) == (threshold, found, false)
    assert of.recall.value == found / 4
    assert of.false_rate.value == false / 6
    assert of.precision.value == pytest.approx(found / (found + false))
    assert of.campaigns.value == found / 4
    assert of.resolved == (6 * target >= 1)


def test_at_another_base_rate_precision_is_another() -> None:
    of = point(SCORES, field(LISTED, rate=0.01), 0.17)
    assert of.precision.value == pytest.approx(0.01 * 0.75 / (0.01 * 0.75 + 0.99 / 6))


def test_a_field_whose_best_scores_are_false_finds_nothing() -> None:
    of = point(np.array([5.0, 4.0]), field([False, True]), 0.1)
    assert (of.threshold, of.found, of.false) == (None, 0, 0)
    assert of.precision.value is None


@given(
    st.lists(st.tuples(st.sampled_from([-INF, 0, 1, 2, 3]), st.booleans()), min_size=1),
    st.sampled_from([0.01, 0.2, 0.5]),
)
def test_the_false_positive_rate_is_kept_and_used(
    rows: list[tuple[float, bool]], target: float
) -> None:
    scores, listed = np.array([s for s, _ in rows]), np.array([y for _, y in rows])
    of = point(scores, field(listed.tolist()), target)
    unlisted = (~listed).sum()
    assert of.false <= target * unlisted
    below = scores[np.isfinite(scores) & (scores < (INF if of.threshold is None else of.threshold))]
    if len(below):
        assert ((scores >= below.max()) & ~listed).sum() > target * unlisted


def test_precision_over_recall_by_hand() -> None:
    curve = precision_recall(SCORES, field(LISTED))
    assert curve.recall.tolist() == [0.25, 0.5, 0.75, 0.75]
    assert curve.precision == pytest.approx([1, 2 / 3, 3 / 4, 3 / 5])
    assert curve.average == pytest.approx(0.25 * (1 + 2 / 3 + 3 / 4))


def test_drift_by_hand() -> None:
    then = Distribution.of(np.array([0.0] * 50 + [1.0] * 50))
    bins = Bins.of(then)
    assert bins.edges.tolist() == [0, 1]
    assert bins.psi(then) == pytest.approx(0, abs=1e-12)
    now = Distribution.of(np.array([0.0] * 20 + [1.0] * 80))
    parts = np.array([50.5, 50.5, 0.5, 0.5]) / 102, np.array([20.5, 80.5, 0.5, 0.5]) / 102
    assert bins.psi(now) == pytest.approx(
        ((parts[1] - parts[0]) * np.log(parts[1] / parts[0])).sum()
    )
    lost = Distribution.of(np.array([0.0] * 50 + [float("nan")] * 50))
    assert bins.psi(lost) > bins.psi(now) > 0.25
    assert Bins.of(Distribution.of(np.array([float("nan")]))).psi(now) > 0.25


def test_reliability_by_hand() -> None:
    probability = np.repeat([0.2, 0.8], 50)
    listed = np.concatenate([np.arange(50) % 5 == 0, np.arange(50) % 5 != 0])
    found = reliability(probability, listed)
    assert found.error == pytest.approx(0)
    assert found.brier == pytest.approx(0.16)
    assert sum(each.domains for each in found.bins) == 100
    wrong = reliability(1 - probability, listed)
    assert wrong.error == pytest.approx(0.6)
    assert reliability(np.empty(0), np.empty(0, bool)).brier is None
