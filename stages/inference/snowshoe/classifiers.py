"""The twelve algorithms that are compared, as scikit-learn pipelines over the 37 features.

Which twelve "Melting the Snow" compared, and how, is not public to us but for AdaBoost,
which it chose; these are a reconstruction. Parameters are plain ones, the same for every data set:
nothing is tuned on what evaluates it. A null becomes the median of the known, and a column of its
own says that it was null, so that an algorithm may learn from failure too.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from stages.inference.snowshoe.matrix import Floats

_CLIP = 1e-6


class Algorithm(NamedTuple):
    """A kind of classifier."""

    text: str
    """What to call it in a report."""
    make: Callable[[int], ClassifierMixin]
    """From a seed."""
    metric: bool = False
    """Whether it measures distances: then counts are taken as logarithms and scaled."""
    most: int = 100_000
    """Rows that it is trained on at most; beyond, unlisted ones are left out by lot."""


def _stump_boost(seed: int) -> ClassifierMixin:
    stump = DecisionTreeClassifier(max_depth=1)
    return AdaBoostClassifier(stump, n_estimators=100, random_state=seed)


ALGORITHMS: dict[str, Algorithm] = {
    "adaboost": Algorithm("AdaBoost of stumps", _stump_boost),
    "random_forest": Algorithm(
        "random forest",
        lambda seed: RandomForestClassifier(100, min_samples_leaf=2, random_state=seed),
    ),
    "extra_trees": Algorithm(
        "extra trees",
        lambda seed: ExtraTreesClassifier(100, min_samples_leaf=2, random_state=seed),
    ),
    "gradient_boosting": Algorithm(
        "gradient boosting",
        lambda seed: GradientBoostingClassifier(random_state=seed),
    ),
    "decision_tree": Algorithm(
        "decision tree",
        lambda seed: DecisionTreeClassifier(max_depth=6, min_samples_leaf=5, random_state=seed),
    ),
    "bagging": Algorithm(
        "bagged trees",
        lambda seed: BaggingClassifier(
            DecisionTreeClassifier(min_samples_leaf=2), 50, random_state=seed
        ),
    ),
    "k_neighbours": Algorithm(
        "k nearest neighbours",
        lambda _: KNeighborsClassifier(15, weights="distance"),
        metric=True,
        most=20_000,
    ),
    "logistic_regression": Algorithm(
        "logistic regression",
        lambda seed: LogisticRegression(max_iter=5_000, random_state=seed),
        metric=True,
    ),
    "linear_svm": Algorithm(
        "linear SVM",
        lambda seed: LinearSVC(C=0.1, max_iter=20_000, random_state=seed),
        metric=True,
        most=50_000,
    ),
    "rbf_svm": Algorithm(
        "SVM with RBF kernel",
        lambda seed: SVC(random_state=seed),
        metric=True,
        most=10_000,
    ),
    "naive_bayes": Algorithm("naive Bayes", lambda _: GaussianNB(var_smoothing=1e-3), metric=True),
    "mlp": Algorithm(
        "multilayer perceptron",
        lambda seed: MLPClassifier((32,), alpha=0.01, max_iter=2_000, random_state=seed),
        metric=True,
        most=50_000,
    ),
}
DEFAULT = "adaboost"


def pipeline(name: str, seed: int) -> Pipeline:
    """An untrained pipeline; input of shape (rows, 37), NaN for null."""
    algorithm = ALGORITHMS[name]
    impute = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    steps: list[tuple[str, object]] = [("impute", impute)]
    if algorithm.metric:
        logarithm = FunctionTransformer(np.log1p, feature_names_out="one-to-one")
        steps = [("logarithm", logarithm), *steps, ("scale", StandardScaler())]
    return Pipeline([*steps, ("classify", algorithm.make(seed))])


def raw_scores(trained: Pipeline, x: Floats) -> Floats:
    """How much each row looks like the listed, on a scale of its own: higher is more."""
    if not len(x):
        return np.empty(0)
    if hasattr(trained, "decision_function"):
        return np.asarray(trained.decision_function(x), np.float64)
    part = np.clip(trained.predict_proba(x)[:, 1], _CLIP, 1 - _CLIP)
    return np.asarray(np.log(part / (1 - part)))
