"""The twelve train, say the same again, and are kept without pickle."""

import numpy as np
import pytest

from schemas.snowshoe import FEATURES
from stages.inference.snowshoe import calibration
from stages.inference.snowshoe.classifiers import ALGORITHMS
from stages.inference.snowshoe.model import decode, encode_manifest
from stages.inference.snowshoe.training import Recipe, Samples, TooFewError, _kept, fit
from tests.stages.inference.snowshoe.learnt import encoded, manifest, samples, trained

NAN = float("nan")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_learns_and_what_is_kept_scores_the_same(algorithm: str) -> None:
    of = samples()
    scores = trained(algorithm).log_odds(of.x)
    assert np.isfinite(scores).all()
    # The listed look otherwise: chance would be a half.
    yes, no = scores[of.listed], scores[~of.listed]
    assert (yes[:, None] > no[None, :]).mean() > 0.7
    said = encode_manifest(manifest(algorithm))
    again = decode(said, encoded(algorithm))
    assert again.classifier.log_odds(of.x).tolist() == scores.tolist()
    assert again.manifest == manifest(algorithm)


@pytest.mark.parametrize("algorithm", ["adaboost", "extra_trees", "mlp"])
def test_the_same_seed_gives_the_same_model(algorithm: str) -> None:
    of = samples()
    again = fit(of, Recipe(algorithm))
    assert again.curve == trained(algorithm).curve
    assert again.log_odds(of.x).tolist() == trained(algorithm).log_odds(of.x).tolist()


@pytest.mark.parametrize("algorithm", ["adaboost", "logistic_regression"])
def test_whatever_is_null_there_is_a_score(algorithm: str) -> None:
    unknown = np.full((1, len(FEATURES)), NAN)
    assert np.isfinite(trained(algorithm).log_odds(unknown)).all()
    assert trained(algorithm).log_odds(np.empty((0, len(FEATURES)))).tolist() == []


def test_a_column_that_nobody_knows_is_borne() -> None:
    of = samples()
    x = of.x.copy()
    x[:, 3] = NAN
    for algorithm in ("decision_tree", "naive_bayes"):
        assert np.isfinite(fit(Samples(x, *of[1:]), Recipe(algorithm)).log_odds(x)).all()


def test_too_little_to_learn_from_is_said() -> None:
    of = samples()
    with pytest.raises(TooFewError, match="0 listed domains in 0 campaigns"):
        fit(of.of(~of.listed), Recipe("adaboost"))
    one = of.campaign == of.campaign[of.listed][0]
    with pytest.raises(TooFewError, match="in 1 campaigns"):
        fit(of.of(one | ~of.listed), Recipe("adaboost"))


def test_too_many_rows_are_thinned_but_for_half_of_the_listed() -> None:
    listed = np.arange(1000) < 30
    kept = _kept(listed, 100, seed=1)
    assert len(kept) == 100 == len(set(kept.tolist()))
    assert listed[kept].sum() == 30
    assert kept.tolist() == _kept(listed, 100, seed=1).tolist()
    assert kept.tolist() != _kept(listed, 100, seed=2).tolist()
    assert listed[_kept(np.arange(1000) < 900, 100, seed=1)].sum() <= 50


def test_the_curve_gives_back_the_odds_it_was_made_from() -> None:
    draw = np.random.default_rng(3)
    scores = draw.normal(0, 2, 40_000)
    listed = draw.random(40_000) < 1 / (1 + np.exp(-(1.5 * scores - 2)))
    curve = calibration.fit(scores, listed)
    assert curve.slope == pytest.approx(1.5, abs=0.06)
    assert curve.intercept == pytest.approx(-2, abs=0.08)
    assert curve.probability(scores).mean() == pytest.approx(listed.mean(), abs=0.002)


def test_the_curve_stays_finite_and_never_turns_round() -> None:
    scores = np.array([1.0, 2, 3, 4])
    apart = calibration.fit(scores, scores > 2)
    assert 0 < apart.slope < 100
    assert calibration.fit(scores, scores < 3).slope == 0
    assert np.isfinite(calibration.fit(np.zeros(4), scores > 2).intercept)
