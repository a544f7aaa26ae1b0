"""Cautions fire where they must, and are silent where not."""

import numpy as np
import pyarrow as pa
import pytest

from schemas.listings import LISTINGS
from schemas.snowshoe import FEATURES
from stages.inference.snowshoe import cautions
from stages.inference.snowshoe.cautions import FEW_CAMPAIGNS, FEW_LISTED, Caution, Kind

DRAW = np.random.default_rng(5)
LISTED = np.arange(200) < 60
X = DRAW.integers(0, 9, (200, len(FEATURES))).astype(float)


def kinds(found: list[Caution]) -> list[Kind]:
    assert all(each.text for each in found)
    return [each.kind for each in found]


def test_chance_separates_nothing() -> None:
    assert cautions.separating(X, LISTED) == []


@pytest.mark.parametrize("sign", [1, -1])
def test_a_feature_that_tells_all_is_named(sign: int) -> None:
    x = X.copy()
    x[:, 7] = 100 + sign * (LISTED * 10 + DRAW.random(200))
    (found,) = cautions.separating(x, LISTED)
    assert found.kind is Kind.SEPARATES
    assert FEATURES[7] in found.text


def test_so_is_one_that_is_null_for_the_listed_alone() -> None:
    x = X.copy()
    x[LISTED, 9] = np.nan
    assert FEATURES[9] in cautions.separating(x, LISTED)[0].text
    x[~LISTED, 9] = np.nan
    assert cautions.separating(x, LISTED) == []


def test_a_good_feature_is_no_leak() -> None:
    x = X.copy()
    x[:, 7] = LISTED * 3 + DRAW.normal(0, 1, 200)
    assert cautions.separating(x, LISTED) == []


def test_few_rows_are_not_judged() -> None:
    assert cautions.separating(X[:12], X[:12, 0] > 4) == []


def test_few() -> None:
    assert cautions.few(FEW_LISTED, FEW_CAMPAIGNS, "here") == []
    assert kinds(cautions.few(FEW_LISTED - 1, FEW_CAMPAIGNS, "here")) == [Kind.FEW_LISTED]
    assert kinds(cautions.few(FEW_LISTED, FEW_CAMPAIGNS - 1, "here")) == [Kind.FEW_CAMPAIGNS]


def test_siblings_and_giants() -> None:
    assert cautions.siblings(np.array([1, 2]), np.array([3])) == []
    assert kinds(cautions.siblings(np.array([1, 2]), np.array([2]))) == [Kind.SIBLINGS]
    assert cautions.giant(np.arange(50)) == []
    assert kinds(cautions.giant(np.arange(50) % 4)) == [Kind.GIANT]
    assert cautions.giant(np.empty(0, np.int64)) == []


def test_the_others() -> None:
    assert cautions.synthetic([]) == cautions.known_before(0) == cautions.unresolved([]) == []
    assert cautions.drift([]) == cautions.old_labels(10, 10) == []
    assert kinds(cautions.synthetic(["why"])) == [Kind.SYNTHETIC]
    assert kinds(cautions.known_before(2)) == [Kind.KNOWN_BEFORE]
    assert kinds(cautions.unresolved([0.01])) == [Kind.UNRESOLVED]
    assert kinds(cautions.drift(["a"])) == [Kind.DRIFT]
    assert kinds(cautions.old_labels(10, 9)) == [Kind.OLD_LABELS]


def test_days_that_are_guessed() -> None:
    rows = [("a", "s", 5, 5, 9, exact, True, False, None, None) for exact in (True, False)]
    said = pa.Table.from_batches([LISTINGS.batch(rows)])
    assert kinds(cautions.inexact(said, 4)) == [Kind.INEXACT]
    assert cautions.inexact(said, 5) == []
    assert cautions.inexact(said.slice(0, 1), 4) == []
