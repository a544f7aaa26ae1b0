"""`snowshoe evaluate`: the report of an experiment, as JSON, Markdown and pictures."""

import datetime as dt
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from scipy.special import expit

from pipeline.snowshoe import listings as labels
from pipeline.snowshoe.experiment import Experiment, Plan
from pipeline.snowshoe.folder import put_folder
from pipeline.steps import Steps
from schemas.snowshoe import FEATURES
from stages.inference.snowshoe import cautions
from stages.inference.snowshoe.cautions import DRIFTED, Caution
from stages.inference.snowshoe.evaluation import pictures
from stages.inference.snowshoe.evaluation.baselines import baselines
from stages.inference.snowshoe.evaluation.detection import point, precision_recall
from stages.inference.snowshoe.evaluation.drift import Bins
from stages.inference.snowshoe.evaluation.page import page
from stages.inference.snowshoe.evaluation.reliability import Reliability, reliability
from stages.inference.snowshoe.evaluation.result import (
    LEAD_TARGET,
    Line,
    Result,
    drifted,
    encode,
    lead_time,
    line,
    population,
)
from stages.inference.snowshoe.evaluation.survival import kaplan_meier
from stages.inference.snowshoe.evaluation.trial import Lead, lead
from stages.inference.snowshoe.labels import last_import
from stages.inference.snowshoe.matrix import Floats
from stages.inference.snowshoe.model import versions

Drift = dict[str, dict[str, float]]


class Findings(NamedTuple):
    """What is found, and what only its pictures need."""

    result: Result
    scores: dict[str, Floats]
    """Of the domains of the trial, by classifier and baseline."""
    lead: Lead


def report(experiment: Experiment, plan: Plan, out: Path, console: Console) -> Result:
    """Write report.md, report.json and the pictures to a new folder."""
    with Steps(console) as steps:
        steps.begin("figures")
        found = findings(experiment, plan)
        steps.begin("pictures")
        files = {"report.json": encode(found.result), "report.md": page(found.result).encode()}
        put_folder(out, {**files, **_pictures(experiment, found)})
    return found.result


def findings(experiment: Experiment, plan: Plan) -> Findings:
    """All figures of a report."""
    sight = last_import(plan.listings) or 0
    scores = _scores(experiment)
    lines = [
        line(name, experiment.trial, of, classifier=name in experiment.scores,
             seconds=experiment.seconds.get(name))
        for name, of in scores.items()
    ]  # fmt: skip
    field = experiment.trial.field
    threshold = point(scores[experiment.algorithm], field, LEAD_TARGET).threshold
    found = _lead(experiment, threshold, sight)
    drift = _drift(experiment)
    result = Result(
        made=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        versions=versions(),
        protocol=experiment.protocol,
        algorithm=experiment.algorithm,
        training=experiment.training,
        testing=experiment.later.runs,
        gap_days=plan.test[0].day - experiment.known_until,
        labels=labels.used(plan.listings, experiment.known_until),
        sight_until=labels.date(sight),
        tail=experiment.tail,
        population=population(experiment.trial),
        lines=lines,
        lead=lead_time(threshold, found),
        calibration=_calibration(experiment),
        drift=drift,
        cautions=_beware(experiment, plan, lines, drift, sight),
    )
    return Findings(result, scores, found)


def _scores(experiment: Experiment) -> dict[str, Floats]:
    of_classifiers = {
        name: experiment.trial.scores(scores) for name, scores in experiment.scores.items()
    }
    return {**of_classifiers, **baselines(experiment.trial.domains)}


def _lead(experiment: Experiment, threshold: float | None, sight: int) -> Lead:
    if threshold is None:
        none = np.empty(0)
        return Lead(none, none > 0, kaplan_meier(none, none > 0))
    return lead(experiment.trial, experiment.scores[experiment.algorithm], threshold, sight)


def _calibration(experiment: Experiment) -> Reliability:
    """Of the candidates: the others have no probability."""
    scores = experiment.trial.scores(experiment.scores[experiment.algorithm])
    scored = np.isfinite(scores)
    return reliability(expit(scores[scored]), experiment.trial.field.listed[scored])


def _drift(experiment: Experiment) -> Drift:
    bins = {name: Bins.of(experiment.reference[name]) for name in FEATURES}
    return {
        run.id: {name: bins[name].psi(seen[name]) for name in FEATURES}
        for run, seen in zip(experiment.later.runs, experiment.later.distributions, strict=True)
    }


def _beware(
    experiment: Experiment, plan: Plan, lines: list[Line], drift: Drift, sight: int
) -> list[Caution]:
    """All cautions, each once."""
    trial = experiment.trial
    runs = [*experiment.training, *experiment.later.runs]
    who = population(trial)
    found = [
        *cautions.synthetic([run.synthetic for run in runs if run.synthetic]),
        *cautions.known_before(int((trial.listed_day <= experiment.known_until).sum())),
        *(each for each in experiment.cautions if each.kind is not cautions.Kind.SYNTHETIC),
        *cautions.few(who.listed, who.campaigns, "in the test"),
        *cautions.separating(*trial.candidates()),
        *cautions.old_labels(plan.test[-1].day, sight),
        *cautions.inexact(plan.listings, experiment.known_until),
        *cautions.unresolved([p.target for p in lines[0].points if not p.resolved]),
        *cautions.drift(drifted(drift, DRIFTED)),
    ]
    return list(dict.fromkeys(found))


def _pictures(experiment: Experiment, found: Findings) -> dict[str, bytes]:
    field, (result, scores, lead_) = experiment.trial.field, found
    curves = {name: precision_recall(of, field) for name, of in scores.items()}
    best = max(experiment.scores, key=lambda name: curves[name].average)
    named = {
        experiment.algorithm,
        best,
        "logistic_regression",
        *(scores.keys() - experiment.scores.keys()),
    }
    psi = np.array([[of_run[name] for name in FEATURES] for of_run in result.drift.values()])
    made_up = any(each.kind is cautions.Kind.SYNTHETIC for each in result.cautions)
    draw = {
        "tails.png": partial(pictures.tails, experiment.reference, experiment.tail),
        "precision-recall.png": partial(pictures.precision_recall, curves, named, field.rate),
        "calibration.png": partial(pictures.calibration, result.calibration),
        "lead-time.png": partial(pictures.lead_time, lead_.survival, len(lead_.days)),
        "drift.png": partial(pictures.drift, FEATURES, list(result.drift), psi),
    }
    return {name: picture(made_up=made_up) for name, picture in draw.items()}
