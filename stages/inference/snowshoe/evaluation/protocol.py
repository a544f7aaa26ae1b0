"""The protocol: trained on the past, tested on later days and on other campaigns.

The training window ends before the test window begins, with a gap between them. Campaigns, over
both windows, are dealt into folds; what is tested in one fold is scored by a classifier trained
without that fold's campaigns on earlier days alone. So neither a later listing nor a sibling helps.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy.special import logit

from stages.inference.snowshoe.campaigns import ALWAYS, LINKS, campaigns, folds
from stages.inference.snowshoe.matrix import Bools, Floats, Ints, matrix
from stages.inference.snowshoe.training import Recipe, Samples, TooFewError, fit

FOLDS = 3
_COLUMNS = (*ALWAYS, *LINKS)


class Past(NamedTuple):
    """What is known when training ends."""

    sightings: pa.Table
    """One a domain, with the columns of `links` and the features."""
    listed: Bools


class Numbers(NamedTuple):
    """Campaigns, numbered together."""

    past: Ints
    later: Ints
    others: Ints


def numbered(past: pa.Table, later: pa.Table, others: pa.Table) -> Numbers:
    """Campaigns of both windows' sightings, and of domains that have none but count."""
    both = pa.concat_tables([each.select(_COLUMNS) for each in (past, later, others)])
    numbers = campaigns(both)
    ends = past.num_rows, past.num_rows + later.num_rows
    return Numbers(*np.split(numbers, ends))


class Split(NamedTuple):
    """Both windows, dealt."""

    past: Samples
    later: Floats
    """Features of every sighting of the test window."""
    past_fold: Ints
    later_fold: Ints


def split(past: Past, later: pa.Table, numbers: Numbers) -> Split:
    """Deal the sightings of both windows; TooFewError without three campaigns to deal."""
    listed = len(np.unique(numbers.past[past.listed]))
    if listed < FOLDS:
        raise TooFewError(
            f"the training window has {past.listed.sum()} listed candidates in {listed} "
            f"campaigns: an evaluation needs {FOLDS} campaigns"
        )
    everyone = np.concatenate([numbers.past, numbers.later])
    positive = np.concatenate([past.listed, np.zeros(len(numbers.later), bool)])
    fold = folds(everyone, positive, FOLDS)
    samples = Samples(matrix(past.sightings), past.listed, numbers.past)
    return Split(samples, matrix(later), *np.split(fold, [len(numbers.past)]))


def cross_fitted(halves: Split, recipe: Recipe) -> Floats:
    """Calibrated log-odds of every sighting of the test window, by the protocol.

    What is left without a fold may have another part of listed samples, much so without a large
    campaign. The log-odds are moved to the part of the whole past, as a model of all of it has it
    (Elkan 2001), or scores of different folds could not be compared.
    """
    scores = np.empty(len(halves.later))
    for each in range(FOLDS):
        tested = halves.later_fold == each
        others = halves.past.of(halves.past_fold != each)
        moved = logit(halves.past.listed.mean()) - logit(others.listed.mean())
        scores[tested] = fit(others, recipe).log_odds(halves.later[tested]) + moved
    return scores
