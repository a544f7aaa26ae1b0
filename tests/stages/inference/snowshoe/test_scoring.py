"""Probabilities, tiers and reasons."""

import numpy as np
import pyarrow as pa
import pytest

from schemas.listings import LISTINGS
from schemas.snowshoe import FEATURES
from schemas.snowshoe_scores import SNOWSHOE_SCORES
from stages.inference.snowshoe.matrix import Floats
from stages.inference.snowshoe.model import Model
from stages.inference.snowshoe.scored import scores
from stages.inference.snowshoe.scoring import TierLimits, score
from stages.inference.snowshoe.tail import COUNTS, judge
from tests.stages.inference.snowshoe.fabric import DAY, fabric, listings, night
from tests.stages.inference.snowshoe.learnt import manifest, samples, trained, usual


def stumps(x: Floats) -> Floats:
    """What each feature adds to AdaBoost's score, from its stumps: shape (rows, 37)."""
    trained_pipeline = trained("adaboost").trained
    boost, impute = trained_pipeline.named_steps["classify"], trained_pipeline.named_steps["impute"]
    filled = impute.transform(x)
    masks = impute.indicator_.features_
    total = np.zeros((len(x), len(FEATURES)))
    for stump, weight in zip(boost.estimators_, boost.estimator_weights_, strict=False):
        column = int(stump.tree_.feature[0])
        feature = column if column < len(FEATURES) else int(masks[column - len(FEATURES)])
        says = np.where(stump.predict(filled), 1, -1)
        total[:, feature] += weight * says
    return np.asarray(2 * total / boost.estimator_weights_.sum(), np.float64)


def test_reasons_of_adaboost_are_exactly_what_its_stumps_add() -> None:
    x, typical = samples().x, usual()
    classifier = trained("adaboost")
    found = score(classifier, x, typical)
    exact = stumps(x) - stumps(typical[None])
    whole = classifier.curve.log_odds(stumps(x).sum(axis=1))
    assert classifier.log_odds(x) == pytest.approx(whole)  # the sum is the score
    assert found.weights == pytest.approx(classifier.curve.slope * exact, abs=1e-9)
    whole = classifier.log_odds(x) - classifier.log_odds(typical[None])
    assert found.weights.sum(axis=1) == pytest.approx(whole, abs=1e-9)


@pytest.mark.parametrize("algorithm", ["random_forest", "rbf_svm"])
def test_a_reason_is_what_the_odds_lose_without_it(algorithm: str) -> None:
    x, typical = samples().x[:20], usual()
    found = score(trained(algorithm), x, typical)
    for feature in (FEATURES.index("spf_v4_addresses"), 0):
        without = x.copy()
        without[:, feature] = typical[feature]
        lost = trained(algorithm).log_odds(x) - trained(algorithm).log_odds(without)
        assert found.weights[:, feature] == pytest.approx(lost, abs=1e-9)


def test_who_is_as_usual_has_no_reasons() -> None:
    typical = usual()
    typical[4] = np.nan
    found = score(trained("adaboost"), typical[None], typical)
    assert not found.weights.any()


def test_tiers_begin_at_their_limits() -> None:
    limits = TierLimits(0.5, 0.8, 0.95)
    probability = np.array([0, 0.49, 0.5, 0.79, 0.8, 0.95, 1, np.nan])
    assert limits.tiers(probability).to_pylist() == [
        "none", "none", "low", "low", "medium", "high", "high", "none",
    ]  # fmt: skip


def test_the_table_of_scores() -> None:
    made = fabric()
    rows, said = night(made, 29), listings(made)
    model = Model(manifest("adaboost"), trained("adaboost"))
    table = scores(rows, model, said, DAY + 29)
    assert table.schema == SNOWSHOE_SCORES.schema
    table.validate(full=True)
    verdict = judge(rows, model.manifest.tail)
    assert verdict.candidate.any()
    listed = dict(zip(made.names, made.listed, strict=True))
    for at, row in enumerate(table.to_pylist()):
        assert row["domain"] == rows["domain"][at].as_py()
        assert row["candidate"] == verdict.candidate[at] == (row["probability"] is not None)
        assert row["beyond"] == [COUNTS[i] for i in np.flatnonzero(verdict.beyond[at])]
        assert row["missing"] == sum(rows[name][at].as_py() is None for name in FEATURES)
        weights = [reason["weight"] for reason in row["reasons"]]
        assert weights == sorted(weights, reverse=True)
        assert all(weight > 0 for weight in weights)
        assert row["candidate"] or not weights
        for reason in row["reasons"]:
            assert reason["value"] == rows[reason["feature"]][at].as_py()
        since = listed[row["domain"]]
        assert row["listed"] == (["list"] if 0 <= since <= DAY + 29 else [])
    suspects = table.filter(pa.array(np.array(table["tier"].to_pylist()) != "none"))
    assert suspects.num_rows > 10
    assert "spf_v4_addresses" in {
        r["feature"] for rs in suspects["reasons"].to_pylist() for r in rs
    }


def test_a_run_without_candidates_or_lists_has_scores_too() -> None:
    rows = night(fabric(ordinary=20, letters=0, campaigns=1), 0).slice(0, 20)
    model = Model(manifest("adaboost"), trained("adaboost"))
    table = scores(rows, model, LISTINGS.schema.empty_table(), DAY)
    assert table["probability"].null_count == 20
    assert table["listed"].to_pylist() == [[]] * 20
    assert scores(rows.slice(0, 0), model, LISTINGS.schema.empty_table(), DAY).num_rows == 0
