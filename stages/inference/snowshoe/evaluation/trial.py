"""The domains that scores are tested on, and what each came to.

A domain is tested as the window first had it as a candidate. Listed is who came to be listed after
training ended; whom a list named before is known and nothing to detect. Unlisted is not benign:
what counts as a false positive may be spam that no list has found.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from stages.inference.snowshoe.evaluation.detection import Field
from stages.inference.snowshoe.evaluation.protocol import Numbers, numbered
from stages.inference.snowshoe.evaluation.survival import Survival, kaplan_meier
from stages.inference.snowshoe.labels import NEVER, first_listed
from stages.inference.snowshoe.matrix import Bools, Floats, Ints, column, matrix, positions
from stages.inference.snowshoe.window import Window, earliest


class Trial(NamedTuple):
    """A test window, the domains of it that count, and their labels."""

    window: Window
    domains: pa.Table
    field: Field
    listed_day: Ints
    numbers: Numbers
    """Campaigns of the past, of the window's sightings, of the listed without a sighting."""
    known_before: int
    """Domains that were listed before training ended: left out, or not."""
    siblings: int
    """Candidates of campaigns that were trained on: left out, or not."""
    drawn: int
    """Unlisted domains that are no candidates, left out by lot in the same part as candidates."""

    def scores(self, of_sightings: Floats) -> Floats:
        """Scores of the domains: those of their first sightings, -inf without one."""
        first = self.window.first_sightings()
        names = self.window.sightings["domain"].take(pa.array(first))
        at = positions(self.domains["domain"], names)
        scores = np.append(of_sightings[first], -np.inf)  # the last is for -1
        return np.asarray(scores[at], np.float64)

    def candidates(self) -> tuple[Floats, Bools]:
        """Features of the domains that have a sighting, as they first looked, and their labels."""
        first = self.window.sightings.take(pa.array(self.window.first_sightings()))
        at = positions(first["domain"], self.domains["domain"])
        return matrix(first)[at >= 0], self.field.listed[at[at >= 0]]


class Rules(NamedTuple):
    """Whom a trial counts."""

    known_until: int
    """Day of the last listing that training knew."""
    unseen_only: bool
    """Leave out candidates whose campaign has a sample in training."""
    keep_known: bool = False
    """Leave out nobody, which is not honest; the cautions say so."""


def trial(window: Window, listings: pa.Table, past: pa.Table, rules: Rules) -> Trial:
    """A trial; ``past`` are the sightings of training, with the columns of `links`."""
    domains = window.domains
    day = first_listed(domains["domain"], listings)
    known, listed = day <= rules.known_until, day < NEVER
    candidate = column(domains, "candidate") == 1
    others = listed & ~candidate
    numbers = numbered(past, window.sightings, domains.filter(pa.array(others)))
    campaign = _campaigns(domains, window.sightings, others, numbers)
    seen = np.isin(campaign, numbers.past) & (campaign >= 0)
    out = known | (seen & rules.unseen_only)
    kept = np.ones(len(day), bool) if rules.keep_known else ~out
    surplus = _surplus(~listed, candidate, kept)
    kept[surplus] = False
    population = listed & ~known
    rate = float(population.sum() / max(1, (~known).sum()))
    if rules.keep_known:
        rate = float(listed.mean())
    return Trial(
        window,
        domains.filter(pa.array(kept)),
        Field(listed[kept], campaign[kept], rate),
        day[kept],
        numbers,
        int(known.sum()),
        int((seen & ~known).sum()) if rules.unseen_only else 0,
        len(surplus),
    )


def _surplus(unlisted: Bools, candidate: Bools, kept: Bools) -> Ints:
    """Rows of unlisted domains beside the candidates that must go where candidates went.

    A false-positive rate is a part of all unlisted domains. Were only their candidates left out,
    who alone can be flagged, one could flag all that remain and still seem to keep to a low rate.
    So of the others the same part stays, by lot.
    """
    suspects, others = unlisted & candidate, np.flatnonzero(unlisted & ~candidate)
    if (kept | ~suspects).all():
        return others[:0]
    stay = round(len(others) * (suspects & kept).sum() / suspects.sum())
    return np.random.default_rng(0).permutation(others)[stay:]


def _campaigns(domains: pa.Table, sightings: pa.Table, others: Bools, numbers: Numbers) -> Ints:
    """The campaign of each domain; -1 for those that are neither candidates nor listed."""
    at = positions(domains["domain"], sightings["domain"])
    campaign = np.append(numbers.later, -1)[at]
    campaign[others] = numbers.others
    return np.asarray(campaign, np.int64)


class Lead(NamedTuple):
    """Days from detection to listing, of all detections."""

    days: Floats
    """To the listing, or to the end of sight."""
    listed: Bools
    survival: Survival


def lead(trial: Trial, of_sightings: Floats, threshold: float, last_import: int) -> Lead:
    """Lead times of the domains that any sighting flags from a threshold on."""
    flagged = of_sightings >= threshold
    detected = earliest(trial.window.sightings, flagged, trial.domains["domain"])
    found = ~np.isnan(detected)
    listed = trial.listed_day[found] <= last_import
    end = np.where(listed, trial.listed_day[found], last_import)
    days = end - detected[found]
    return Lead(days, listed, kaplan_meier(days, listed))
