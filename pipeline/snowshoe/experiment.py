"""What an evaluation rests on: a training window or a model, a test window, and scores of it."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from rich.console import Console

from pipeline.errors import ConfigError
from pipeline.snowshoe import reference
from pipeline.snowshoe.listings import day_of
from pipeline.snowshoe.reference import Distributions, Read
from pipeline.snowshoe.runs import Night
from pipeline.snowshoe.storage import Kept
from pipeline.snowshoe.train import known_samples
from pipeline.steps import Steps
from stages.inference.snowshoe import cautions
from stages.inference.snowshoe.cautions import Caution
from stages.inference.snowshoe.evaluation.protocol import FOLDS, Past, Split, cross_fitted, split
from stages.inference.snowshoe.evaluation.trial import Rules, Trial, trial
from stages.inference.snowshoe.matrix import Floats, matrix
from stages.inference.snowshoe.model import RunUsed
from stages.inference.snowshoe.tail import Limits, Tail
from stages.inference.snowshoe.training import Recipe, TooFewError


class Plan(NamedTuple):
    """What is to be tested, and how."""

    listings: pa.Table
    test: Sequence[Night]
    gap: int
    """Days at least from the last listing that training knows to the test."""
    known_until: int
    """Day of that listing."""
    keep_known: bool = False


class Experiment(NamedTuple):
    """Scores of a test window, by one or more classifiers."""

    protocol: str
    algorithm: str
    """The one that matters most."""
    training: list[RunUsed]
    known_until: int
    """Day of the last listing that training knew."""
    tail: Tail
    reference: Distributions
    later: Read
    trial: Trial
    scores: dict[str, Floats]
    """Calibrated log-odds of every sighting, by algorithm."""
    seconds: dict[str, float]
    """CPU time of training and scoring."""
    cautions: list[Caution]


def of_procedure(
    past: Sequence[Night], recipes: Sequence[Recipe], limits: Limits, plan: Plan, console: Console
) -> Experiment:
    """Train on one window and test on another, for each recipe; the first matters most."""
    known_until = plan.known_until
    _check_gap(past[-1].day, plan)
    found = reference.distributions(past, console)
    tail, _ = reference.fit(found, limits)
    earlier = reference.read(past, tail, console)
    later = reference.read(plan.test, tail, console)
    sightings, listed = known_samples(earlier, plan.listings, known_until)
    rules = Rules(known_until, unseen_only=False, keep_known=plan.keep_known)
    tested = trial(later.window, plan.listings, sightings, rules)
    scores, seconds = {}, {}
    try:
        halves = split(Past(sightings, listed), later.window.sightings, tested.numbers)
        with Steps(console, alike=len(recipes)) as steps:
            for recipe in recipes:
                steps.begin(recipe.algorithm)
                since = time.process_time()
                scores[recipe.algorithm] = cross_fitted(halves, recipe)
                seconds[recipe.algorithm] = time.process_time() - since
    except TooFewError as error:
        raise ConfigError(f"cannot evaluate: {error}") from error
    return Experiment(
        "procedure", recipes[0].algorithm, earlier.runs, known_until, tail, found, later, tested,
        scores, seconds, _of_halves(halves, tested),
    )  # fmt: skip


def of_model(kept: Kept, plan: Plan, console: Console) -> Experiment:
    """Test a model on runs after its own."""
    manifest = kept.model.manifest
    known_until = plan.known_until
    _check_gap(day_of(manifest.runs[-1].day), plan)
    later = reference.read(plan.test, manifest.tail, console)
    rules = Rules(known_until, unseen_only=True, keep_known=plan.keep_known)
    tested = trial(later.window, plan.listings, kept.samples, rules)
    since = time.process_time()
    scores = kept.model.classifier.log_odds(matrix(later.window.sightings))
    seconds = time.process_time() - since
    campaign = tested.field.campaign
    beware = cautions.siblings(tested.numbers.past, campaign[campaign >= 0])
    return Experiment(
        "model", manifest.recipe.algorithm, manifest.runs, known_until, manifest.tail,
        kept.reference, later, tested, {manifest.recipe.algorithm: scores},
        {manifest.recipe.algorithm: seconds}, [*beware, *manifest.cautions],
    )  # fmt: skip


def _of_halves(halves: Split, tested: Trial) -> list[Caution]:
    """Cautions about what was trained on; a fold's campaigns are on one side of it only."""
    listed = halves.past.campaign[halves.past.listed]
    found = [
        *cautions.few(len(listed), len(np.unique(listed)), "to train on"),
        *cautions.separating(halves.past.x, halves.past.listed),
        *cautions.giant(halves.past.campaign),
    ]
    for each in range(FOLDS):
        trained = halves.past.campaign[halves.past_fold != each]
        found += cautions.siblings(trained, tested.numbers.later[halves.later_fold == each])
    return found


def _check_gap(last_night: int, plan: Plan) -> None:
    days = plan.test[0].day - max(last_night, plan.known_until)
    if days < plan.gap:
        raise ConfigError(
            f"the test window begins {days} days after training and its labels end: "
            f"it must be {plan.gap} or more (--gap)"
        )
