"""Whether decision trees that came from a file can be walked.

scikit-learn walks a tree's arrays in C without looking: a child that points outside, or back, reads
foreign memory or never ends. A file that was tampered with may hold such.
"""

from collections.abc import Iterator

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.tree import BaseDecisionTree


def check_trees(model: Pipeline) -> None:
    """ValueError if a tree of the last step cannot be walked safely."""
    for fitted in _trees(model.steps[-1][1]):
        tree = fitted.tree_
        left, right = tree.children_left, tree.children_right
        at = np.arange(tree.node_count)
        inner = left != -1
        ahead = (left > at) & (right > at) & (np.maximum(left, right) < tree.node_count)
        split = (tree.feature >= 0) & (tree.feature < tree.n_features)
        if not tree.node_count or not (ahead & split)[inner].all():
            raise ValueError("a tree leads nowhere")


def _trees(estimator: BaseEstimator) -> Iterator[BaseDecisionTree]:
    if isinstance(estimator, BaseDecisionTree):
        yield estimator
    members = getattr(estimator, "estimators_", ())
    for member in np.ravel(np.asarray(members, object)):
        yield from _trees(member)
