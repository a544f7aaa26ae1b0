"""Fits what inference weighs by, on worlds whose truth is known: figures to be put into its rules.

Usage: python -m scripts.calibrate PLACE…   (each with world/truth.parquet and warehouse/)

Conditional logit: of some candidates one is right, with odds that are the exponential of the sum of
the weights of what speaks for it. Candidates for the mailboxes are the keepers that anything speaks
for, and one that nothing does; for the operator the label by priority, the hint, and neither. A
small ridge keeps weights finite where the worlds never contradict a sign.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import ibis
import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from schemas.mailbox_evidence import Signal
from stages.inference.mailbox.keepers import SELF
from stages.inference.providers.probability import FOR_HINT, FOR_LABEL, number

Bound = tuple[float | None, float | None]
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
    """Candidates, of which the last is nobody of the others, and which it is."""

    features: np.ndarray
    """Candidates by what speaks for them."""
    chosen: int


def mailbox_choices(place: Path) -> list[Choice]:
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


def fitted(found: Sequence[Choice], bounds: Sequence[Bound]) -> np.ndarray:
    """The weight of each column."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = RIDGE * float(weights @ weights) / 2, RIDGE * weights
        for features, chosen in found:
            scores = features @ weights
            odds = np.exp(scores - logsumexp(scores))
            total -= np.log(odds[chosen])
            slope = slope + features.T @ odds - features[chosen]
        return total, slope

    start = np.array([low or 0.0 for low, _ in bounds])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def print_mailboxes(places: Iterable[Path]) -> None:
    """Weights of signals. What speaks for a keeper never speaks against it: none is negative."""
    found = [choice for place in places for choice in mailbox_choices(place)]
    bounds: list[Bound] = [(GIVEN.get(s, 0.0), GIVEN.get(s)) for s in Signal]
    _print([*Signal, "unknown"], found, fitted(found, [*bounds, (0.0, None)]))


def operator_choices(place: Path) -> list[Choice]:
    """The exchanges of one world: the label by priority, the hint if there is one, neither."""
    truth = ibis.read_parquet(place / "world" / "truth.parquet")
    truth = truth.filter(truth.live).select(
        "domain", "second_operator_id", true_id="operator_id", true_company="operator_company"
    )
    rows = ibis.read_parquet(place / "warehouse" / "mx_providers" / f"run={RUN}" / "*.parquet")
    rows = rows.filter(rows.provider_id.notnull()).join(truth, "domain")
    sides = (("label", FOR_LABEL), ("hint", FOR_HINT))
    numbers = {f"{side} {t.id}": number(t, rows) for side, terms in sides for t in terms}
    right = (rows.provider_id == rows.true_id) | (rows.company == rows.true_company)
    right = right.fill_null(False) | (rows.provider_id == rows.second_operator_id).fill_null(False)  # noqa: FBT003
    table = rows.select(
        **numbers,
        hinted=rows.hint_id.notnull(),
        right=right,
        hint_right=(rows.hint_id == rows.true_id).fill_null(False),  # noqa: FBT003
    ).to_pandas()
    width = len(FOR_LABEL)
    found = []
    for values, hinted, label_right, hint_right in zip(
        table[[*numbers]].to_numpy(float), table.hinted, table.right, table.hint_right, strict=True
    ):
        features = np.zeros((3 if hinted else 2, len(values)))
        features[0, :width] = values[:width]
        if hinted:
            features[1, width:] = values[width:]
        chosen = 0 if label_right else 1 if hinted and hint_right else len(features) - 1
        found.append(Choice(features, chosen))
    return found


def print_operators(places: Iterable[Path]) -> None:
    """Weights of what speaks for the label by priority, and for the hint."""
    found = [choice for place in places for choice in operator_choices(place)]
    names = [
        f"{side} {t.id}"
        for side, terms in (("label", FOR_LABEL), ("hint", FOR_HINT))
        for t in terms
    ]
    _print(names, found, fitted(found, [(None, None)] * len(names)))


def _print(names: Sequence[str], found: Sequence[Choice], weights: np.ndarray) -> None:
    print(f"{len(found):,} choices")
    for column, (name, weight) in enumerate(zip(names, weights, strict=True)):
        uses = sum(bool(one.features[:, column].any()) for one in found)
        print(f"{name:24}{weight:6.1f}{uses:8,}")


if __name__ == "__main__":
    given = [Path(place) for place in sys.argv[1:]]
    print_operators(given)
    print_mailboxes(given)
