"""Intervals of proportions, and precision at any base rate."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, norm

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """An estimate and its bounds; all None where nothing was counted."""

    value: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        """As per cent."""
        if self.value is None or self.low is None or self.high is None:
            return "unknown"
        return f"{self.value:.1%} ({self.low:.1%}-{self.high:.1%})"


UNKNOWN = Interval(None, None, None)


def wilson(k: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's score interval of k among n: close to its confidence on average."""
    if not n:
        return UNKNOWN
    z = float(norm.ppf((1 + confidence) / 2))
    share = k / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    low = 0.0 if k == 0 else middle - half
    return Interval(share, low, 1.0 if k == n else middle + half)


def clopper_pearson(k: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """The exact interval of k among n: at least its confidence, always."""
    if not n:
        return UNKNOWN
    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, k, n - k + 1)) if k else 0.0
    high = float(beta.ppf(1 - tail, k + 1, n - k)) if k < n else 1.0
    return Interval(k / n, low, high)


def precision(found: float, false: float, rate: float) -> float | None:
    """Precision of a test at a base rate, of its true and false-positive rates; None if 0 pass."""
    passed = rate * found + (1 - rate) * false
    return rate * found / passed if passed > 0 else None


def precision_interval(
    found: tuple[int, int], false: tuple[int, int], rate: float, confidence: float = CONFIDENCE
) -> Interval:
    """Precision at a base rate from counts (k of n) of true and of false positives.

    The bounds join the exact ones of both rates, each at the root of the confidence, so that both
    hold together with it: they are wide rather than wrong.
    """
    if not found[1] or not false[1]:
        return UNKNOWN
    value = precision(found[0] / found[1], false[0] / false[1], rate)
    each = float(np.sqrt(confidence))
    true, wrong = clopper_pearson(*found, each), clopper_pearson(*false, each)
    assert true.low is not None and true.high is not None  # noqa: PT018 - both or none
    assert wrong.low is not None and wrong.high is not None  # noqa: PT018 - same
    if value is None:
        return UNKNOWN
    return Interval(
        value,
        precision(true.low, wrong.high, rate) or 0.0,
        precision(true.high, wrong.low, rate) or 0.0,
    )
