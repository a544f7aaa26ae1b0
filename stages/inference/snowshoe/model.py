"""A model as it is kept: a manifest anyone can read, and a classifier loaded without trust.

The manifest is JSON. The classifier is skops, a zip of JSON and arrays: unlike a pickle, it names
what it holds before anything is made of it, and only types that our own models have are let in.
"""

import hashlib
import zipfile
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import sklearn
import skops.io
from pydantic import ConfigDict, TypeAdapter, ValidationError
from sklearn.pipeline import Pipeline

from schemas.snowshoe import FEATURES, Snowshoe
from schemas.table import SCHEMA_VERSION, hints, resolve
from stages.inference.snowshoe.calibration import Curve
from stages.inference.snowshoe.cautions import Caution
from stages.inference.snowshoe.classifiers import ALGORITHMS, pipeline
from stages.inference.snowshoe.matrix import Floats
from stages.inference.snowshoe.scoring import TierLimits
from stages.inference.snowshoe.tail import COUNTS, Tail
from stages.inference.snowshoe.training import Classifier, Recipe
from stages.inference.snowshoe.trees import check_trees

FORMAT = 1
CLASSIFIER = "classifier.skops"
TRUSTED = (
    "numpy.dtype",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.tree._tree.Tree",
)
"""Types of the twelve algorithms beyond those that skops takes for harmless."""
_LIBRARIES = ("mailcensus", "scikit-learn", "skops", "numpy")
_STRICT = ConfigDict(extra="forbid")


class ModelError(ValueError):
    """A model that cannot be used; the message is one line that says why."""


@dataclass(frozen=True)
class RunUsed:
    """A run that a model or an evaluation is made from."""

    __pydantic_config__ = _STRICT
    id: str
    day: str
    """ISO date."""
    domains: int
    candidates: int
    sha256: str
    """Of the file of features."""
    synthetic: str | None
    """Why it is taken for made up; None for a measurement."""


@dataclass(frozen=True)
class LabelsUsed:
    """The labels that a model or an evaluation rests on."""

    __pydantic_config__ = _STRICT
    sources: list[str]
    sha256: str
    """Of the listings, sorted."""
    until: str
    """ISO date: listings after it were not known."""


@dataclass(frozen=True)
class Manifest:
    """All that is known of a model beside its classifier."""

    __pydantic_config__ = _STRICT
    format: int
    made: str
    """ISO moment, UTC."""
    versions: dict[str, str]
    schema_version: int
    features: list[str]
    features_sha256: str
    """Of their names and types."""
    recipe: Recipe
    curve: Curve
    tiers: TierLimits
    tail: Tail
    usual: list[float | None]
    """Median of each feature over the reference window: what reasons compare with."""
    runs: list[RunUsed]
    labels: LabelsUsed
    listed: int
    """Samples that a list names."""
    unlisted: int
    campaigns: int
    """Campaigns of listed samples."""
    cautions: list[Caution]
    files: dict[str, str]
    """SHA-256 of each file beside the manifest."""

    def check(self, name: str, data: bytes) -> None:
        """ModelError if a file is not the one that was written with the manifest."""
        if hashlib.sha256(data).hexdigest() != self.files.get(name):
            raise ModelError(f"{name} is not the file that the manifest names")


_MANIFEST = TypeAdapter(Manifest)


@dataclass(frozen=True)
class Model:
    """A model in use."""

    manifest: Manifest
    classifier: Classifier

    @property
    def usual(self) -> Floats:
        """Values that reasons compare with, NaN where none is known."""
        return np.array(self.manifest.usual, np.float64)


def features_sha256() -> str:
    """A digest of what the features are called and which types they have."""
    types = hints(Snowshoe)
    lines = [f"{name} {resolve(types[name])[0]}" for name in FEATURES]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def versions() -> dict[str, str]:
    """Of what a model is made with."""
    return {name: version(name) for name in _LIBRARIES}


def encode_classifier(trained: Pipeline) -> bytes:
    """A trained pipeline as a skops file."""
    data: bytes = skops.io.dumps(trained, compression=zipfile.ZIP_DEFLATED)
    return data


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON."""
    return _MANIFEST.dump_json(manifest, indent=1) + b"\n"


def decode(manifest: bytes, classifier: bytes) -> Model:
    """A model back; ModelError if it is damaged, foreign or made for other features."""
    said = decode_manifest(manifest)
    said.check(CLASSIFIER, classifier)
    return Model(said, Classifier(_load(classifier, said.recipe), said.curve))


def decode_manifest(data: bytes) -> Manifest:
    """A manifest that fits this program; ModelError otherwise."""
    try:
        said = _MANIFEST.validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelError(f"the manifest is none: {where or 'it'}: {first['msg']}") from error
    _check(said)
    return said


def _check(said: Manifest) -> None:
    if said.format != FORMAT:
        raise ModelError(f"the manifest has format {said.format}, this program reads {FORMAT}")
    if said.schema_version != SCHEMA_VERSION:
        raise ModelError(
            f"it was made for schema version {said.schema_version}, tables have {SCHEMA_VERSION}"
        )
    if said.features != list(FEATURES) or said.features_sha256 != features_sha256():
        raise ModelError("it was made for other features than the tables have: train again")
    if [cutoff.feature for cutoff in said.tail.cutoffs] != list(COUNTS):
        raise ModelError("its cut-offs are of other counts than the tail has: train again")
    if len(said.usual) != len(FEATURES) or said.recipe.algorithm not in ALGORITHMS:
        raise ModelError("the manifest does not fit itself")
    made, here = said.versions.get("scikit-learn", "none"), sklearn.__version__
    if made.split(".")[:2] != here.split(".")[:2]:
        raise ModelError(f"it was made with scikit-learn {made}, here is {here}: train again")


def _load(data: bytes, recipe: Recipe) -> Pipeline:
    try:
        foreign = set(skops.io.get_untrusted_types(data=data)) - set(TRUSTED)
        loaded = None if foreign else skops.io.loads(data, trusted=list(TRUSTED))
    except Exception as error:  # the library fails in any way on what it did not write
        raise ModelError(f"the classifier cannot be read: {type(error).__name__}") from error
    if foreign:
        raise ModelError(
            f"the classifier holds what none of ours does: {', '.join(sorted(foreign))}"
        )
    if not _is_made_by(loaded, recipe):
        raise ModelError(f"the classifier is no {recipe.algorithm} over {len(FEATURES)} features")
    try:
        check_trees(loaded)
    except ValueError as error:
        raise ModelError(f"the classifier is damaged: {error}") from error
    return loaded


def _is_made_by(loaded: object, recipe: Recipe) -> bool:
    if not isinstance(loaded, Pipeline):
        return False
    shape = [(name, type(step)) for name, step in pipeline(recipe.algorithm, recipe.seed).steps]
    same = [(name, type(step)) for name, step in loaded.steps] == shape
    return same and getattr(loaded, "n_features_in_", None) == len(FEATURES)
