"""Fits what inference weighs by, on worlds whose truth is known: figures to be put into its rules.

Usage: python -m scripts.calibrate PLACE…   (each with world/truth.parquet and warehouse/)

Conditional logit: of the keepers that anything speaks for, and one that nothing does, one keeps the
mailboxes, with odds that are the exponential of the sum of the weights of what speaks for it. A
small ridge keeps weights finite where the worlds never contradict a signal.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from schemas.mailbox_evidence import Signal
from stages.inference.mailbox.keepers import SELF

RIDGE = 0.5
GIVEN = {Signal.SPF_OTHER: 1.0, Signal.SPF_SOFT: 0.7, Signal.SPF_RANGE: 1.0}
"""Not fitted: worlds lack them, or, of other names in SPF, the many senders that no map has."""
RUN = "night"
"""The run that the places' warehouses hold."""
_KEEPERS = """
    SELECT domain, keeper, list(signal) AS signals, coalesce(any_value(
        CASE WHEN keeper = $self THEN mailbox_id = domain
             ELSE keeper IN (mailbox_company, mailbox_id) END), false) AS keeps
    FROM read_parquet($evidence) AS found JOIN read_parquet($truth) AS truth USING (domain)
    WHERE live GROUP BY domain, keeper ORDER BY domain, keeper
"""


class Choice(NamedTuple):
    """One domain: the candidates' signals, and which it is; the last is that nobody is told of."""

    features: np.ndarray
    """Candidates by signals, 0 or 1; the last column is 1 for nobody alone."""
    chosen: int


def choices(place: Path) -> list[Choice]:
    """The domains of one world that anything speaks for."""
    rows = duckdb.execute(
        _KEEPERS,
        {
            "self": SELF,
            "evidence": f"{place}/warehouse/mailbox_evidence/run={RUN}/*.parquet",
            "truth": f"{place}/world/truth.parquet",
        },
    ).fetchall()
    by_domain: dict[str, list[tuple[list[str], bool]]] = {}
    for domain, _, signals, keeps in rows:
        by_domain.setdefault(domain, []).append((signals, keeps))
    return [_choice(candidates) for candidates in by_domain.values()]


def _choice(candidates: Sequence[tuple[list[str], bool]]) -> Choice:
    names = [*map(str, Signal)]
    features = np.zeros((len(candidates) + 1, len(names) + 1))
    for row, (signals, _) in enumerate(candidates):
        features[row, [names.index(signal) for signal in signals]] = 1
    features[-1, -1] = 1
    kept = [row for row, (_, keeps) in enumerate(candidates) if keeps]
    return Choice(features, kept[0] if kept else len(candidates))


def fitted(found: Sequence[Choice]) -> np.ndarray:
    """The weights of all signals, and last that of nobody.

    What speaks for a keeper never speaks against it, and what says nothing names nobody: no weight
    is negative.
    """

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = RIDGE * float(weights @ weights) / 2, RIDGE * weights
        for features, chosen in found:
            scores = features @ weights
            odds = np.exp(scores - logsumexp(scores))
            total -= np.log(odds[chosen])
            slope = slope + features.T @ odds - features[chosen]
        return total, slope

    bounds = [(GIVEN.get(s, 0.0), GIVEN.get(s)) for s in Signal] + [(0.0, None)]
    start = np.array([low or 0.0 for low, _ in bounds])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


if __name__ == "__main__":
    found = [choice for place in sys.argv[1:] for choice in choices(Path(place))]
    print(f"{len(found):,} domains")
    for name, weight in zip([*Signal, "unknown"], fitted(found), strict=True):
        uses = sum(bool(one.features[:, [*Signal, "unknown"].index(name)].any()) for one in found)
        print(f"{name:20}{weight:6.1f}{uses:8,}")
