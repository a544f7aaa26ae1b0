"""What is tested never helps to train."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import expit

from schemas.snowshoe import FEATURES
from stages.inference.snowshoe.campaigns import links
from stages.inference.snowshoe.evaluation.protocol import (
    FOLDS,
    Past,
    Split,
    cross_fitted,
    numbered,
    split,
)
from stages.inference.snowshoe.training import Recipe, Samples, TooFewError
from tests.stages.inference.snowshoe.fabric import fabric, night

MADE = fabric()
ROWS = night(MADE, 29)
SIGHTINGS = links(ROWS)
for name in ROWS.column_names:
    if name not in SIGHTINGS.column_names:
        SIGHTINGS = SIGHTINGS.append_column(name, ROWS[name])
AT = [MADE.names.index(name) for name in ROWS["domain"].to_pylist()]
KIND, CAMPAIGN = MADE.kind[AT], MADE.campaign[AT]
SUSPECTS = SIGHTINGS.filter(pa.array(KIND > 0))
LISTED = KIND[KIND > 0] == 2
NOBODY = SUSPECTS.slice(0, 0)


def test_a_score_does_not_depend_on_what_its_fold_says_of_the_past() -> None:
    numbers = numbered(SUSPECTS, SUSPECTS, NOBODY)
    assert numbers.past.tolist() == numbers.later.tolist()
    halves = split(Past(SUSPECTS, LISTED), SUSPECTS, numbers)
    assert halves.past_fold.tolist() == halves.later_fold.tolist()
    assert set(halves.past_fold.tolist()) == set(range(FOLDS))
    scores = cross_fitted(halves, Recipe("decision_tree"))
    held = halves.past_fold == 0
    x = halves.past.x.copy()
    x[held] = np.random.default_rng(2).permutation(x[held])[:, ::-1]
    other = halves._replace(past=halves.past._replace(x=x))
    again = cross_fitted(other, Recipe("decision_tree"))
    assert again[held].tolist() == scores[held].tolist()
    assert again[~held].tolist() != scores[~held].tolist()


def test_two_campaigns_are_too_few() -> None:
    two = np.isin(CAMPAIGN[KIND > 0], (0, 1)) | ~LISTED
    some = SUSPECTS.filter(pa.array(two))
    with pytest.raises(TooFewError, match="2 campaigns: an evaluation needs 3"):
        split(Past(some, LISTED[two]), some, numbered(some, some, NOBODY))


def test_scores_of_all_folds_are_of_one_base_rate() -> None:
    """Features that say nothing leave the base rate: not that of the samples without a fold."""
    past = Samples(
        np.zeros((400, len(FEATURES))),
        np.arange(400) % 20 < np.repeat([1, 10, 10], [300, 50, 50]),  # 15 of 300, 50 of 100
        np.repeat(np.arange(40), [30] * 10 + [5] * 10 + [2] * 10 + [3] * 10),
    )
    fold = np.repeat([0, 1, 2], [300, 50, 50])
    halves = Split(past, np.zeros((3, len(FEATURES))), fold, np.arange(3))
    scores = cross_fitted(halves, Recipe("decision_tree"))
    assert expit(scores) == pytest.approx(past.listed.mean(), abs=0.02)
