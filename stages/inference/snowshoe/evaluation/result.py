"""What an evaluation found, as it is written to report.json."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pydantic import TypeAdapter

from stages.inference.snowshoe.cautions import Caution
from stages.inference.snowshoe.evaluation.detection import (
    TARGETS,
    Point,
    point,
    precision_recall,
)
from stages.inference.snowshoe.evaluation.reliability import Reliability
from stages.inference.snowshoe.evaluation.trial import Lead, Trial
from stages.inference.snowshoe.matrix import Floats
from stages.inference.snowshoe.model import LabelsUsed, RunUsed
from stages.inference.snowshoe.tail import Tail

LEAD_TARGET = 0.001
"""False-positive rate at which lead times are told."""


@dataclass(frozen=True)
class Line:
    """A way to detect, and what it finds."""

    name: str
    classifier: bool
    """False for what needs none."""
    points: list[Point]
    average_precision: float
    cpu_seconds: float | None


@dataclass(frozen=True)
class LeadTime:
    """How long before a list detections came."""

    target: float
    threshold: float | None
    detections: int
    listed: int
    median_days: float | None
    """By when half are listed; None if that is not reached."""
    quarter_days: float | None
    listed_before: float | None
    """Part that a list named on an earlier day."""
    never_yet: float | None
    """Part that no list has at the end of the curve."""


@dataclass(frozen=True)
class Population:
    """Who was tested."""

    domains: int
    listed: int
    candidates: int
    listed_candidates: int
    campaigns: int
    """Of the listed."""
    known_before: int
    siblings: int
    drawn: int
    """Left out by lot, so that candidates are as large a part of the unlisted as they were."""
    base_rate: float


@dataclass(frozen=True)
class Result:
    """A whole evaluation."""

    made: str
    versions: dict[str, str]
    protocol: str
    """`procedure` (trained anew, campaign by campaign) or `model` (one that is kept)."""
    algorithm: str
    """That probabilities, lead times and calibration are of."""
    training: list[RunUsed]
    testing: list[RunUsed]
    gap_days: int
    labels: LabelsUsed
    sight_until: str
    """ISO date of the last import of all lists: later listings are not known."""
    tail: Tail
    population: Population
    lines: list[Line]
    lead: LeadTime
    calibration: Reliability
    drift: dict[str, dict[str, float]]
    """PSI by run and feature."""
    cautions: list[Caution]


_RESULT = TypeAdapter(Result)


def encode(result: Result) -> bytes:
    """The result as JSON."""
    return _RESULT.dump_json(result, indent=1) + b"\n"


def line(
    name: str, trial: Trial, scores: Floats, *, classifier: bool, seconds: float | None = None
) -> Line:
    """What scores of a trial's domains find."""
    points = [point(scores, trial.field, target) for target in TARGETS]
    average = precision_recall(scores, trial.field).average
    return Line(name, classifier, points, average, seconds)


def population(trial: Trial) -> Population:
    """Numbers of a trial."""
    listed, candidate = trial.field.listed, trial.domains["candidate"].to_numpy()
    campaigns = np.unique(trial.field.campaign[listed])
    return Population(
        domains=len(listed),
        listed=int(listed.sum()),
        candidates=int(candidate.sum()),
        listed_candidates=int((listed & candidate).sum()),
        campaigns=len(campaigns),
        known_before=trial.known_before,
        siblings=trial.siblings,
        drawn=trial.drawn,
        base_rate=trial.field.rate,
    )


def lead_time(threshold: float | None, found: Lead | None) -> LeadTime:
    """The figures of lead times; without any where there is no threshold or no detection."""
    if found is None or not len(found.days):
        return LeadTime(LEAD_TARGET, threshold, 0, 0, None, None, None, None)
    curve = found.survival
    return LeadTime(
        LEAD_TARGET,
        threshold,
        len(found.days),
        int(found.listed.sum()),
        curve.median,
        curve.by(0.25),
        1 - curve.at(-1.0),
        float(curve.surviving[-1]) if len(curve.surviving) else 1.0,
    )


def drifted(drift: Mapping[str, Mapping[str, float]], limit: float) -> list[str]:
    """Features beyond a limit in any run, those that moved most first."""
    most: dict[str, float] = {}
    for of_run in drift.values():
        for name, psi in of_run.items():
            most[name] = max(psi, most.get(name, 0.0))
    return sorted((n for n, psi in most.items() if psi > limit), key=lambda n: -most[n])
