"""Reliability: whether what is said with probability p is right p of the time.

Brier score: mean squared difference of probability and outcome; expected calibration error: mean
difference of probability and share right over ten bins of equal width, weighted by their size.
"""

from collections.abc import Sequence
from typing import NamedTuple

import duckdb

from scripts.accuracy.finished import Finished
from scripts.accuracy.mailboxes import Mailbox
from stages.inference.providers.companies import bundled_companies

_OPERATORS = """
    SELECT probability, p.operator_id, p.operator_id IN (t.operator_id, second_operator_id),
           t.operator_company
    FROM read_parquet($truth) AS t JOIN read_parquet($found) AS p USING (domain)
    WHERE live AND probability IS NOT NULL ORDER BY domain
"""


class Bin(NamedTuple):
    """Probabilities of one tenth."""

    domains: int
    mean: float
    right: float
    """Share of them."""


class Reliability(NamedTuple):
    """Of a probability."""

    bins: tuple[Bin, ...]
    """Those that are not empty, from the least probable."""
    brier: float
    error: float
    """Expected calibration error."""


def reliability(said: Sequence[tuple[float, bool]]) -> Reliability:
    """Of at least one (probability, whether it was right)."""
    tenths: dict[int, list[tuple[float, bool]]] = {}
    for one in sorted(said):
        tenths.setdefault(min(int(one[0] * 10), 9), []).append(one)
    bins = tuple(
        Bin(len(ones), sum(p for p, _ in ones) / len(ones), sum(r for _, r in ones) / len(ones))
        for ones in tenths.values()
    )
    return Reliability(
        bins,
        sum((p - r) ** 2 for p, r in said) / len(said),
        sum(b.domains * abs(b.mean - b.right) for b in bins) / len(said),
    )


def of_operators(finished: Finished) -> Reliability:
    """Of ``probability`` in providers, over live domains."""
    companies = bundled_companies()
    given = {"truth": str(finished.truth), "found": finished.table("providers")}
    said = []
    for probability, found, same, real in duckdb.execute(_OPERATORS, given).fetchall():
        company = companies.of(found)
        said.append((probability, bool(same) or (company is not None and company.name == real)))
    return reliability(said)


def of_mailboxes(found: Sequence[Mailbox]) -> Reliability:
    """Of ``mailbox_probability`` in providers, over all domains for which one is named."""
    return reliability([(m.probability, m.verdict == "right") for m in found if m.probability])


def text(what: str, found: Reliability) -> str:
    """The table."""
    lines = [f"{what:26}{'domains':>9}{'mean probability':>18}{'share right':>13}"]
    lines += [f"{'':26}{b.domains:9,}{b.mean:18.3f}{b.right:13.3f}" for b in found.bins]
    lines.append(f"Brier score {found.brier:.4f}, expected calibration error {found.error:.4f}")
    return "\n".join(lines)
