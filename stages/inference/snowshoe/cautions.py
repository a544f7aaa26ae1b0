"""What to beware of: a report says by itself where its figures are not what they seem."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict
from scipy.stats import rankdata

from schemas.snowshoe import FEATURES
from schemas.vocabulary import Vocabulary
from stages.inference.snowshoe.campaigns import straddling
from stages.inference.snowshoe.matrix import Bools, Floats, Ints, column

FEW_LISTED = 100
"""Fewer listed domains than this: intervals span a tenth and more."""
FEW_CAMPAIGNS = 20
PERFECT = 0.999
"""Area under the ROC curve of one feature from which on it is a leak rather than a finding."""
_ENOUGH = 10
GIANT = 0.2
DRIFTED = 0.25
"""Population stability index that is usually taken for a shift."""


class Kind(Vocabulary):
    """Kinds of cautions."""

    SYNTHETIC = "synthetic", "made-up data: figures test the code and say nothing of the Internet"
    FEW_LISTED = "few_listed", "too few listed domains for figures of any precision"
    FEW_CAMPAIGNS = (
        "few_campaigns",
        "the listed domains are of too few campaigns to speak for others",
    )
    SEPARATES = "separates", "one feature tells listed from unlisted alone: a leak of labels?"
    SIBLINGS = "siblings", "campaigns on both sides of the split: it may know them by heart"
    KNOWN_BEFORE = "known_before", "tested on domains that were listed before training ended"
    OLD_LABELS = "old_labels", "lists were last imported before the test window ended"
    INEXACT = "inexact", "days of listings that are those of the import: lead times are too long"
    UNRESOLVED = "unresolved", "too few unlisted domains to tell so low a false-positive rate"
    GIANT = "giant", "one campaign holds a large part of the samples"
    DRIFT = "drift", "features have moved since the reference window"


@dataclass(frozen=True)
class Caution:
    """One thing to beware of."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    kind: Kind
    text: str
    """With the numbers."""


def synthetic(reasons: Sequence[str]) -> list[Caution]:
    """For runs that are made up, each with its reason."""
    if not reasons:
        return []
    why = "; ".join(sorted(set(reasons)))
    text = f"{len(reasons)} runs are made up ({why}): nothing here is detection performance"
    return [Caution(Kind.SYNTHETIC, text)]


def few(listed: int, campaigns: int, where: str) -> list[Caution]:
    """For numbers of listed domains and their campaigns."""
    found = []
    if listed < FEW_LISTED:
        found.append(Caution(Kind.FEW_LISTED, f"{listed} listed domains {where}"))
    if campaigns < FEW_CAMPAIGNS:
        found.append(Caution(Kind.FEW_CAMPAIGNS, f"{campaigns} listed campaigns {where}"))
    return found


def separating(x: Floats, listed: Bools) -> list[Caution]:
    """For features, null as a value below all others, that separate the classes alone."""
    yes, no = int(listed.sum()), int((~listed).sum())
    if min(yes, no) < _ENOUGH:
        return []
    ranks = rankdata(np.nan_to_num(x, nan=-1.0), axis=0)
    area = (ranks[listed].sum(axis=0) - yes * (yes + 1) / 2) / (yes * no)
    found = np.flatnonzero(np.maximum(area, 1 - area) >= PERFECT)
    return [
        Caution(Kind.SEPARATES, f"{FEATURES[at]} alone separates them (area {area[at]:.4f})")
        for at in found
    ]


def siblings(trained: Ints, tested: Ints) -> list[Caution]:
    """For campaigns, by number, that are in training and in test."""
    both = straddling(trained.tolist(), tested.tolist())
    return [Caution(Kind.SIBLINGS, f"{both} campaigns on both sides")] if both else []


def known_before(count: int) -> list[Caution]:
    """For domains in the test that a list named before training ended."""
    text = f"{count} domains of the test were listed before training ended"
    return [Caution(Kind.KNOWN_BEFORE, text)] if count else []


def old_labels(last_night: int, last_import: int) -> list[Caution]:
    """For lists that nobody looked at when the test window ended; days since 1970."""
    days = last_night - last_import
    text = f"lists were last imported {days} days before the last night of the test"
    return [Caution(Kind.OLD_LABELS, text)] if days > 0 else []


def inexact(listings: pa.Table, known_until: int) -> list[Caution]:
    """For listings after training whose day is that of an import."""
    later = column(listings, "first_listed") > known_until
    guessed = later & (column(listings, "exact") == 0)
    text = f"{guessed.sum()} of {later.sum()} later listings have the day of their import"
    return [Caution(Kind.INEXACT, text)] if guessed.any() else []


def unresolved(targets: Sequence[float]) -> list[Caution]:
    """For false-positive rates that there are too few unlisted domains for."""
    text = "of no meaning at " + ", ".join(f"{target:g}" for target in targets)
    return [Caution(Kind.UNRESOLVED, text)] if targets else []


def drift(features: Sequence[str]) -> list[Caution]:
    """For features that have moved, those that moved most first."""
    text = f"{len(features)} features have PSI over {DRIFTED}: {', '.join(features[:5])}"
    return [Caution(Kind.DRIFT, text)] if features else []


def giant(campaign: Ints) -> list[Caution]:
    """For one campaign that holds much of all samples."""
    most = int(np.bincount(campaign).max(initial=0))
    if len(campaign) < _ENOUGH or most <= GIANT * len(campaign):
        return []
    return [Caution(Kind.GIANT, f"{most} of {len(campaign)} samples are of one campaign")]
