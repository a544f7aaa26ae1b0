"""Kaplan-Meier by hand and against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from stages.inference.snowshoe.evaluation.pictures import lead_time
from stages.inference.snowshoe.evaluation.survival import kaplan_meier


def test_by_hand() -> None:
    """Days -2, 1, 1, 3+, 4, 4+, 6+: + is censored."""
    days = np.array([4, 1, 3, -2, 1, 6, 4.0])
    listed = np.array([True, True, False, True, True, False, False])
    found = kaplan_meier(days, listed)
    assert found.times.tolist() == [-2, 1, 4]
    assert found.at_risk.tolist() == [7, 6, 3]
    assert found.listed.tolist() == [1, 2, 1]
    assert found.until == 6
    assert found.surviving == pytest.approx([6 / 7, 6 / 7 * 4 / 6, 6 / 7 * 4 / 6 * 2 / 3])
    assert found.median == 4
    assert found.by(0.1) == -2
    assert found.by(0.9) is None
    assert [found.at(day) for day in (-3, -2, 0, 5)] == pytest.approx([1, 6 / 7, 6 / 7, 8 / 21])
    greenwood = 1 / (7 * 6) + 2 / (6 * 4)
    spread = np.sqrt(greenwood) / abs(np.log(4 / 7))
    assert found.low[1] == pytest.approx((4 / 7) ** np.exp(1.959964 * spread), rel=1e-5)
    assert found.high[1] == pytest.approx((4 / 7) ** np.exp(-1.959964 * spread), rel=1e-5)


def test_without_censoring_it_is_the_part_still_to_come() -> None:
    found = kaplan_meier(np.array([1.0, 2, 3, 4]), np.ones(4, bool))
    assert found.surviving == pytest.approx([0.75, 0.5, 0.25, 0])
    assert found.median == 2


def test_nobody_listed_and_nobody_at_all() -> None:
    for days in (np.array([5.0, 9]), np.empty(0)):
        found = kaplan_meier(days, np.zeros(len(days), bool))
        assert found.median is None
        assert found.at(100) == 1


@given(st.lists(st.tuples(st.integers(-5, 20), st.booleans()), min_size=1, max_size=40))
def test_it_is_that_of_scipy(rows: list[tuple[int, bool]]) -> None:
    days = np.array([float(day) for day, _ in rows])
    listed = np.array([is_listed for _, is_listed in rows])
    found = kaplan_meier(days, listed)
    theirs = ecdf(CensoredData(uncensored=days[listed], right=days[~listed])).sf
    for time, part in zip(found.times, found.surviving, strict=True):
        assert part == pytest.approx(theirs.evaluate(time), abs=1e-12)
    assert ((found.low <= found.surviving + 1e-12) & (found.surviving <= found.high + 1e-12)).all()


def test_the_picture_shows_how_long_the_unlisted_were_watched() -> None:
    watched = [kaplan_meier(np.array([days]), np.zeros(1, bool)) for days in (5.0, 9.0)]
    short, long = (lead_time(of, 1, made_up=False) for of in watched)
    assert short != long
