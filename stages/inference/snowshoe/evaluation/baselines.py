"""Detections that need no classifier: what any classifier must beat."""

import numpy as np
import pyarrow as pa

from stages.inference.snowshoe.matrix import Floats, column
from stages.inference.snowshoe.window import SPF_COUNT

TAIL = "the long tail alone"
SPF = "SPF addresses alone"
NEW = "new domains only"


def baselines(domains: pa.Table) -> dict[str, Floats]:
    """Scores of a window's ``domains``; -inf is never flagged.

    Number of counts beyond their cut-offs, addresses of the SPF record, and days that the domain
    has been known, fewest first.
    """
    beyond = column(domains, "beyond")
    spf = column(domains, SPF_COUNT)
    return {
        TAIL: np.where(beyond > 0, beyond, -np.inf),
        SPF: np.where(spf > 0, spf, -np.inf),
        NEW: -column(domains, "days_seen"),
    }
