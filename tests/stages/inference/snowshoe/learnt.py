"""Samples of the made-up Internet, and classifiers of them."""

import datetime as dt
import hashlib
from functools import lru_cache

import numpy as np

from schemas.snowshoe import FEATURES
from schemas.table import SCHEMA_VERSION
from stages.inference.snowshoe import tail as tails
from stages.inference.snowshoe.distribution import Distribution
from stages.inference.snowshoe.matrix import Floats, matrix
from stages.inference.snowshoe.model import (
    CLASSIFIER,
    FORMAT,
    LabelsUsed,
    Manifest,
    RunUsed,
    encode_classifier,
    features_sha256,
    versions,
)
from stages.inference.snowshoe.scoring import TierLimits
from stages.inference.snowshoe.tail import Limits
from stages.inference.snowshoe.training import Classifier, Recipe, Samples, fit
from tests.stages.inference.snowshoe.fabric import fabric, night


@lru_cache
def samples() -> Samples:
    """Newsletters and snowshoe domains, those of half the campaigns listed in part."""
    of = fabric()
    here = of.kind > 0
    listed = (of.kind == 2) & (of.listed >= 0)
    alone = np.arange(len(listed)) + 1000
    _, campaign = np.unique(
        np.where(of.campaign >= 0, of.campaign, alone)[here], return_inverse=True
    )
    return Samples(of.x[here], listed[here], campaign.astype(np.int64))


@lru_cache
def trained(algorithm: str) -> Classifier:
    """One of them, with seed 0."""
    return fit(samples(), Recipe(algorithm))


@lru_cache
def encoded(algorithm: str) -> bytes:
    """The same as it is kept."""
    return encode_classifier(trained(algorithm).trained)


def distributions() -> dict[str, Distribution]:
    """Of the features on the last night."""
    columns = matrix(night(fabric(), 29)).T
    return {name: Distribution.of(values) for name, values in zip(FEATURES, columns, strict=True)}


def usual() -> Floats:
    """Medians of that night."""
    return np.array([seen.quantile(0.5) for seen in distributions().values()])


def manifest(algorithm: str, classifier: bytes | None = None) -> Manifest:
    """One that fits a trained classifier."""
    of = trained(algorithm)
    data = encoded(algorithm) if classifier is None else classifier
    return Manifest(
        format=FORMAT,
        made=dt.datetime(2026, 1, 2, tzinfo=dt.UTC).isoformat(),
        versions=versions(),
        schema_version=SCHEMA_VERSION,
        features=list(FEATURES),
        features_sha256=features_sha256(),
        recipe=Recipe(algorithm),
        curve=of.curve,
        tiers=TierLimits(),
        tail=tails.fit(distributions(), Limits(0.95)),
        usual=list(usual()),
        runs=[RunUsed("2026-01-01", "2026-01-01", 600, 60, "ab", None)],
        labels=LabelsUsed(["list"], "cd", "2026-01-01"),
        listed=50,
        unlisted=60,
        campaigns=9,
        cautions=[],
        files={CLASSIFIER: hashlib.sha256(data).hexdigest()},
    )
