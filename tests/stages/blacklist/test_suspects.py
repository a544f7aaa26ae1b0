"""Which entries come of suspects, and which are withheld."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.blacklist import Withheld
from schemas.snowshoe_scores import Tier
from stages.blacklist.suspects import (
    Protection,
    Suspect,
    Thresholds,
    entries,
    judged,
    lineage,
    suspects,
)
from tests.stages.blacklist.editions import DAY, ZONE, entry


@pytest.mark.parametrize(
    ("thresholds", "probability", "tier"),
    [
        (Thresholds(), 0.1, Tier.HIGH),
        (Thresholds(high=0.9), 0.9, Tier.HIGH),
        (Thresholds(high=0.9), 0.89, Tier.NONE),
        (Thresholds(low=0.5, high=0.9), 0.89, Tier.LOW),
        (Thresholds(0.5, 0.7, 0.9), 0.7, Tier.MEDIUM),
    ],
)
def test_thresholds(thresholds: Thresholds, probability: float, tier: Tier) -> None:
    assert thresholds.tier(Tier.HIGH, probability) is tier


def test_suspects_reach_the_least_tier() -> None:
    scored = [Suspect(tier, tier, 0.5, ()) for tier in Tier]
    assert [each.tier for each in suspects(scored, Thresholds(), Tier.MEDIUM)] == [
        Tier.MEDIUM, Tier.HIGH,
    ]  # fmt: skip


@pytest.mark.parametrize(("age", "stays"), [(0, True), (14, True), (15, False)])
def test_an_entry_expires(age: int, stays: bool) -> None:  # noqa: FBT001
    kept = entries([], [entry("bad.com", last_found=DAY - age)], DAY, 14, ZONE)
    assert [each.domain for each in kept] == ["bad.com"] * stays


def test_an_entry_found_again_keeps_its_first_day_and_takes_the_new_tier() -> None:
    old = entry("bad.com", Tier.HIGH, first_found=DAY - 9, last_found=DAY - 3)
    (one,) = entries([Suspect("bad.com", Tier.LOW, 0.6, ())], [old], DAY, 14, ZONE)
    assert (one.first_found, one.last_found, one.tier, one.code) == (
        DAY - 9, DAY, Tier.LOW, "127.0.0.4",
    )  # fmt: skip


PROTECTED = Protection({"a.com"}, {"b.com"}, {"c.com"}, {"d.com"})


@pytest.mark.parametrize(
    ("domain", "withheld"),
    [
        ("a.com", Withheld.DELISTED), ("x.a.com", Withheld.DELISTED), ("b.com", Withheld.ALLOWED),
        ("c.com", Withheld.POPULAR), ("y.x.d.com", Withheld.SHARED), ("xa.com", None),
        ("com", Withheld.SUFFIX), ("co.uk", Withheld.SUFFIX), ("invalid", Withheld.SUFFIX),
        ("x.invalid", Withheld.SUFFIX), (f"{'.'.join(['a' * 60] * 4)}.com", Withheld.TOO_LONG),
    ],
)  # fmt: skip
def test_what_is_withheld(domain: str, withheld: Withheld | None) -> None:
    (one,) = judged([entry(domain)], PROTECTED, ZONE)
    assert (one.withheld, one.published) == (withheld, withheld is None)


NAMES = st.sampled_from(["bad.com", "x.bad.com", "y.x.bad.com", "other.com", "a.other.com"])


@given(st.sets(NAMES), st.sets(NAMES))
def test_no_protected_name_is_covered_by_a_published_one(
    found: set[str], protected: set[str]
) -> None:
    protection = Protection(allowed=protected)
    rows = judged([entry(name) for name in sorted(found)], protection, ZONE)
    published = {row.domain for row in rows if row.published}
    exceptions = set(protection.inside(published))
    for name in protected:
        decisive = next((up for up in lineage(name) if up in published | exceptions), None)
        assert decisive is None or decisive in exceptions
    assert not published & exceptions
