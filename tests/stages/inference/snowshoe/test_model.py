"""What is not a model of ours is refused, in one line."""

import dataclasses
import json
import os
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from schemas.snowshoe import FEATURES
from stages.inference.snowshoe.card import card
from stages.inference.snowshoe.cautions import Caution, Kind
from stages.inference.snowshoe.model import (
    ModelError,
    decode,
    decode_manifest,
    encode_classifier,
    encode_manifest,
)
from tests.stages.inference.snowshoe.learnt import encoded, manifest, trained


def refused(said: bytes, classifier: bytes) -> str:
    """The one line of the refusal."""
    with pytest.raises(ModelError) as error:
        decode(said, classifier)
    assert "\n" not in str(error.value)
    return str(error.value)


def with_digest(classifier: bytes, algorithm: str = "adaboost") -> bytes:
    """A manifest that vouches for a classifier: its maker can write one, too."""
    return encode_manifest(manifest(algorithm, classifier))


def test_a_byte_changed_is_found() -> None:
    good = encoded("adaboost")
    bad = good[:1000] + bytes([good[1000] ^ 1]) + good[1001:]
    assert "is not the file" in refused(with_digest(good), bad)


class Harm:
    """What a pickle may do."""

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return os.system, ("false",)


def test_a_pickle_is_refused_unread() -> None:
    for thing in (trained("adaboost").trained, Harm()):
        data = pickle.dumps(thing)
        assert "cannot be read" in refused(with_digest(data), data)


def test_types_that_no_model_of_ours_has_are_refused() -> None:
    steps = trained("adaboost").trained.steps
    harm = Pipeline([("harm", FunctionTransformer(os.system)), *steps])
    data = skops.io.dumps(harm)
    assert "posix.system" in refused(with_digest(data), data)


@pytest.mark.parametrize("other", ["random_forest", "mlp"])
def test_another_algorithm_than_the_manifest_says_is_refused(other: str) -> None:
    data = encode_classifier(trained(other).trained)
    assert "no adaboost" in refused(with_digest(data), data)


def test_something_else_in_skops_is_refused() -> None:
    for thing in ({"a": 1}, np.arange(3), Pipeline(trained("adaboost").trained.steps[:1])):
        data = skops.io.dumps(thing)
        assert "no adaboost over 37 features" in refused(with_digest(data), data)


def test_a_classifier_of_fewer_features_is_refused() -> None:
    x = np.random.default_rng(1).random((30, 5))
    few = Pipeline(trained("adaboost").trained.steps)
    data = encode_classifier(_clone(few).fit(x, x[:, 0] > 0.5))
    assert "37 features" in refused(with_digest(data), data)


def _clone(pipeline: Pipeline) -> Pipeline:
    from sklearn.base import clone  # noqa: PLC0415

    return clone(pipeline)


@pytest.mark.parametrize("node", [{"left_child": 0}, {"right_child": 99}, {"feature": 5000}])
def test_a_tree_that_leads_nowhere_is_refused(node: dict[str, int]) -> None:
    broken = pickle.loads(pickle.dumps(trained("decision_tree").trained))
    tree = broken.steps[-1][1].tree_
    state = tree.__getstate__()
    nodes = state["nodes"].copy()
    for name, value in node.items():
        nodes[name][0] = value
    tree.__setstate__({**state, "nodes": nodes})
    data = skops.io.dumps(broken)
    assert "leads nowhere" in refused(with_digest(data, "decision_tree"), data)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update(format=2), "format 2"),
        (lambda m: m.update(schema_version=7), "schema version 7"),
        (lambda m: m["features"].reverse(), "other features"),
        (lambda m: m["features"].pop(), "other features"),
        (lambda m: m.update(features_sha256="0"), "other features"),
        (lambda m: m["tail"]["cutoffs"].pop(), "other counts"),
        (lambda m: m["usual"].pop(), "does not fit itself"),
        (lambda m: m["recipe"].update(algorithm="oracle"), "does not fit itself"),
        (lambda m: m["versions"].update({"scikit-learn": "0.24.2"}), "scikit-learn 0.24.2"),
        (lambda m: m.pop("curve"), "curve"),
        (lambda m: m.update(more=1), "more"),
        (lambda m: m["curve"].update(slope="steep"), "curve.slope"),
        (lambda m: m["cautions"].append({"kind": "cheer", "text": ""}), "cautions.0.kind"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(change: Change, words: str) -> None:
    fields = json.loads(encode_manifest(manifest("adaboost")))
    change(fields)
    said = json.dumps(fields).encode()
    assert words in refused(said, encoded("adaboost"))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", pickle.dumps({})])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="the manifest is none"):
        decode_manifest(data)


def test_a_manifest_is_read_back_as_it_was() -> None:
    said = dataclasses.replace(
        manifest("adaboost"),
        cautions=[Caution(Kind.SYNTHETIC, "text")],
        usual=[None, *manifest("adaboost").usual[1:]],
    )
    assert decode_manifest(encode_manifest(said)) == said


def test_the_card_says_what_it_was_made_from_and_what_to_beware_of() -> None:
    said = dataclasses.replace(manifest("adaboost"), cautions=[Caution(Kind.SYNTHETIC, "1 run")])
    text = card(said)
    assert text.index("made-up data") < text.index("What it is")
    for words in ("2026-01-01", "reconstruction", "50 listed candidates of 9 campaigns", "list,"):
        assert words in text
    assert len(FEATURES) == 37
