"""`snowshoe train`: from runs and listings to a model."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from rich.console import Console

from pipeline.errors import ConfigError
from pipeline.forecast import Times
from pipeline.snowshoe import listings as labels
from pipeline.snowshoe import reference
from pipeline.snowshoe.folder import vacant
from pipeline.snowshoe.reference import Read
from pipeline.snowshoe.runs import nights
from pipeline.snowshoe.storage import contents, digests, save
from pipeline.steps import Steps
from pipeline.warehouse import Warehouse
from schemas.snowshoe import FEATURES
from schemas.table import SCHEMA_VERSION
from stages.inference.snowshoe import cautions
from stages.inference.snowshoe.campaigns import campaigns
from stages.inference.snowshoe.evaluation.pictures import tails
from stages.inference.snowshoe.labels import first_listed
from stages.inference.snowshoe.matrix import Bools, matrix
from stages.inference.snowshoe.model import (
    FORMAT,
    Manifest,
    RunUsed,
    encode_classifier,
    features_sha256,
    versions,
)
from stages.inference.snowshoe.scoring import TierLimits
from stages.inference.snowshoe.tail import Limits
from stages.inference.snowshoe.training import Recipe, Samples, TooFewError, fit


class Order(NamedTuple):
    """What is to be trained."""

    window: str
    """A..B."""
    recipe: Recipe
    limits: Limits
    sources: tuple[str, ...] = ()
    """Lists to learn from; all for none."""
    until: int | None = None
    """Day of the last listing to know, in days since 1970; that of the last run for None."""


def train(warehouse: Warehouse, order: Order, out: Path, console: Console) -> Manifest:
    """Train a model and put it in place; ConfigError if there is not enough to learn from."""
    vacant(out)
    chosen = nights(warehouse, order.window)
    until = chosen[-1].day if order.until is None else order.until
    listings = labels.needed(warehouse, order.sources)
    found = reference.distributions(chosen, console)
    tail, usual = reference.fit(found, order.limits)
    past = reference.read(chosen, tail, console)
    sightings, listed = known_samples(past, listings, until)
    samples = Samples(matrix(sightings), listed, campaigns(sightings))
    times = Times.load(warehouse, "snowshoe train", len(listed))
    with Steps(console, times) as steps:
        steps.begin(f"training {order.recipe.algorithm}")
        try:
            classifier = fit(samples, order.recipe)
        except TooFewError as error:
            raise ConfigError(f"cannot train: {error}") from error
        steps.begin("writing")
        table = sightings.append_column("listed", pa.array(listed))
        files = contents(encode_classifier(classifier.trained), table, found)
        manifest = Manifest(
            format=FORMAT,
            made=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            versions=versions(),
            schema_version=SCHEMA_VERSION,
            features=list(FEATURES),
            features_sha256=features_sha256(),
            recipe=order.recipe,
            curve=classifier.curve,
            tiers=TierLimits(),
            tail=tail,
            usual=usual,
            runs=past.runs,
            labels=labels.used(listings, until),
            listed=int(listed.sum()),
            unlisted=int((~listed).sum()),
            campaigns=len(np.unique(samples.campaign[listed])),
            cautions=beware(past.runs, samples, "to train on"),
            files=digests(files),
        )
        made_up = any(run.synthetic for run in past.runs)
        save(out, manifest, files, tails(found, tail, made_up=made_up))
    return manifest


def known_samples(past: Read, listings: pa.Table, until: int) -> tuple[pa.Table, Bools]:
    """First sightings of a window's candidates, and which of them were listed by a day."""
    sightings = past.window.sightings
    first = sightings.take(pa.array(past.window.first_sightings()))
    listed: Bools = first_listed(first["domain"], listings) <= until
    return first, listed


def beware(runs: list[RunUsed], samples: Samples, where: str) -> list[cautions.Caution]:
    """Cautions about samples."""
    listed = samples.campaign[samples.listed]
    return [
        *cautions.synthetic([run.synthetic for run in runs if run.synthetic]),
        *cautions.few(len(listed), len(np.unique(listed)), where),
        *cautions.separating(samples.x, samples.listed),
        *cautions.giant(samples.campaign),
    ]
