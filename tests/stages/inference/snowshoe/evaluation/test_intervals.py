"""Intervals against scipy's, precision against the facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from stages.inference.snowshoe.evaluation.intervals import (
    UNKNOWN,
    clopper_pearson,
    precision,
    precision_interval,
    wilson,
)

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.sampled_from([0.9, 0.95, 0.99]))
def test_intervals_are_those_of_scipy(of: tuple[int, int], confidence: float) -> None:
    k, n = of
    for ours, method in ((wilson, "wilson"), (clopper_pearson, "exact")):
        theirs = binomtest(k, n).proportion_ci(confidence, method=method)  # type: ignore[arg-type]
        found = ours(k, n, confidence)
        assert found.value == k / n
        assert found.low == pytest.approx(theirs.low, abs=1e-9)
        assert found.high == pytest.approx(theirs.high, abs=1e-9)


def test_of_nothing_nothing_is_known() -> None:
    assert (
        wilson(0, 0) == clopper_pearson(0, 0) == precision_interval((0, 0), (1, 9), 0.1) == UNKNOWN
    )
    assert str(UNKNOWN) == "unknown"
    assert precision_interval((0, 5), (0, 9), 0.1) == UNKNOWN


def test_precision_falls_with_the_base_rate() -> None:
    """98 % at 41 % positives and a false-positive rate of 1 % is 6.6 % at 0.1 %."""
    found = 0.98 * 0.59 * 0.01 / (0.02 * 0.41)
    assert precision(found, 0.01, 0.41) == pytest.approx(0.98)
    assert precision(found, 0.01, 0.001) == pytest.approx(0.066, abs=0.0005)


@given(counts, counts, st.sampled_from([0.001, 0.1, 0.5]))
def test_bounds_of_precision_hold_the_estimate(
    found: tuple[int, int], false: tuple[int, int], rate: float
) -> None:
    of = precision_interval(found, false, rate)
    if of.value is not None:
        assert of.low is not None
        assert of.high is not None
        assert 0 <= of.low <= of.value + 1e-12
        assert of.value <= of.high + 1e-12 <= 1 + 2e-12
        found_rate, false_rate = found[0] / found[1], false[0] / false[1]
        assert of.value == precision(found_rate, false_rate, rate)
