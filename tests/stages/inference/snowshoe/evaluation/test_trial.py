"""Whom a trial counts."""

import numpy as np
import pyarrow as pa
import pytest

from stages.inference.snowshoe.evaluation.detection import point
from stages.inference.snowshoe.evaluation.trial import Rules, Trial, trial
from stages.inference.snowshoe.matrix import column
from stages.inference.snowshoe.tail import COUNTS, Cutoff, Limits, Tail
from stages.inference.snowshoe.window import Window, gather
from tests.stages.inference.snowshoe.fabric import DAY, Fabric, fabric, listings, nights

TAIL = Tail(Limits(), tuple(Cutoff(name, 5.0, 100, 1) for name in COUNTS))
MADE = fabric(letters=200)


def window(of: Fabric, first: int, last: int) -> Window:
    return gather(nights(of, first, last), TAIL)


def later(*, unseen_only: bool, keep_known: bool = False) -> Trial:
    """Nights 20 to 29, those to 9 trained on but for half of the newsletters."""
    past = window(MADE, 0, 9).sightings
    known = np.array([name[1:].removesuffix(".example") for name in past["domain"].to_pylist()])
    past = past.filter(pa.array(known.astype(int) % 2 == 0))
    rules = Rules(DAY + 9, unseen_only, keep_known)
    return trial(window(MADE, 20, 29), listings(MADE), past, rules)


def shares(of: Trial) -> tuple[int, int]:
    """Candidates among the unlisted, and all unlisted."""
    candidate = column(of.domains, "candidate") == 1
    return int((candidate & ~of.field.listed).sum()), int((~of.field.listed).sum())


def test_strangers_are_as_large_a_part_of_the_unlisted_as_all_candidates() -> None:
    every, strangers = later(unseen_only=False), later(unseen_only=True)
    (some, of_some), (all_, of_all) = shares(strangers), shares(every)
    assert 0.3 * all_ < some < 0.7 * all_
    assert some / of_some == pytest.approx(all_ / of_all, rel=0.02)
    assert strangers.drawn == of_all - all_ - (of_some - some) > 100
    assert strangers.field.rate == every.field.rate


def test_to_flag_all_strangers_is_no_low_false_positive_rate() -> None:
    of = later(unseen_only=True)
    everyone = of.scores(np.zeros(of.window.sightings.num_rows))
    some, of_some = shares(of)
    flagged = point(everyone, of.field, 1.0).false_rate.value
    assert flagged == some / of_some > 0.2


def test_nobody_is_left_out_by_lot_where_no_candidate_is_left_out() -> None:
    assert later(unseen_only=False).drawn == 0
    kept = later(unseen_only=True, keep_known=True)
    assert (kept.drawn, len(kept.domains)) == (0, len(kept.window.domains))
