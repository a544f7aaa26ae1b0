"""The protocol: trained on the past, tested on later days and on other campaigns.

The training window ends before the test window begins, with a gap between them. Campaigns, over
both windows, are dealt into folds; what is tested in one fold is scored by a classifier trained
without that fold's campaigns on earlier days alone. So neither a later listing nor a sibling helps.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from stages.inference.snowshoe.campaigns import ALWAYS, LINKS, campaigns, folds
from stages.inference.snowshoe.matrix import Bools, Floats, Ints, matrix, positions
from stages.inference.snowshoe.training import Recipe, Samples, TooFewError, fit

FOLDS = 3
_COLUMNS = (*ALWAYS, *LINKS)


class Past(NamedTuple):
    """What is known when training ends."""

    sightings: pa.Table
    """One a domain, with the columns of `links` and the features."""
    listed: Bools


class Split(NamedTuple):
    """Both windows, dealt."""

    past: Samples
    later: Floats
    """Features of every sighting of the test window."""
    past_fold: Ints
    later_fold: Ints
    later_campaign: Ints


def numbered(past: pa.Table, later: pa.Table) -> tuple[Ints, Ints]:
    """Campaigns of two windows' sightings, numbered together."""
    both = pa.concat_tables([past.select(_COLUMNS), later.select(_COLUMNS)])
    numbers = campaigns(both)
    return numbers[: past.num_rows], numbers[past.num_rows :]


def split(past: Past, later: pa.Table) -> Split:
    """Deal the sightings of both windows; TooFewError without three campaigns to deal."""
    here, there = numbered(past.sightings, later)
    if len(np.unique(here[past.listed])) < FOLDS:
        raise TooFewError(
            f"the training window has {past.listed.sum()} listed candidates in "
            f"{len(np.unique(here[past.listed]))} campaigns: an evaluation needs {FOLDS} campaigns"
        )
    everyone = np.concatenate([here, there])
    positive = np.concatenate([past.listed, np.zeros(len(there), bool)])
    fold = folds(everyone, positive, FOLDS)
    samples = Samples(matrix(past.sightings), past.listed, here)
    return Split(samples, matrix(later), fold[: len(here)], fold[len(here) :], there)


def cross_fitted(halves: Split, recipe: Recipe) -> Floats:
    """Calibrated log-odds of every sighting of the test window, by the protocol."""
    scores = np.empty(len(halves.later))
    for each in range(FOLDS):
        tested = halves.later_fold == each
        classifier = fit(halves.past.of(halves.past_fold != each), recipe)
        scores[tested] = classifier.log_odds(halves.later[tested])
    return scores


def of_domains(scores: Floats, sightings: pa.Table, first: Ints, domains: pa.Table) -> Floats:
    """Scores of a window's domains: that of the first sighting, -inf for those without."""
    at = positions(domains["domain"], sightings["domain"].take(pa.array(first)))
    return np.where(at >= 0, scores[first][np.maximum(at, 0)] if len(first) else -np.inf, -np.inf)
