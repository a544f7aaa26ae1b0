"""The table of scores of a run."""

import numpy as np
import pyarrow as pa

from schemas.snowshoe_scores import SNOWSHOE_SCORES
from stages.inference.snowshoe.labels import standing
from stages.inference.snowshoe.matrix import Bools, matrix
from stages.inference.snowshoe.model import Model
from stages.inference.snowshoe.scoring import reasons, score
from stages.inference.snowshoe.tail import COUNTS, judge


def scores(rows: pa.Table, model: Model, listings: pa.Table, day: int) -> pa.Table:
    """snowshoe_scores of a run's features on its day; candidates alone have a probability."""
    verdict = judge(rows, model.manifest.tail)
    x, at = matrix(rows), np.flatnonzero(verdict.candidate)
    found = score(model.classifier, x[at], model.usual)
    probability = np.full(len(x), np.nan)
    probability[at] = found.probability
    now = standing(rows["domain"], listings, day)
    schema = SNOWSHOE_SCORES.schema
    columns = {
        "domain": rows["domain"],
        "candidate": pa.array(verdict.candidate),
        "beyond": _names(verdict.beyond),
        "filtered": verdict.filtered,
        "probability": pa.array(probability, from_pandas=True),
        "tier": model.manifest.tiers.tiers(probability),
        "reasons": reasons(x[at], found, at, len(x), schema.field("reasons").type),
        "missing": pa.array(np.isnan(x).sum(axis=1)),
        "listed": now.sources,
        "listed_since": now.since,
    }
    return pa.table(columns).select(schema.names).cast(schema)


def _names(beyond: Bools) -> pa.Array:
    """The counts that are beyond, row by row."""
    rows, which = np.nonzero(beyond)
    counts = np.bincount(rows, minlength=len(beyond))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.array(COUNTS).take(pa.array(which)))
