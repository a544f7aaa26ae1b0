"""Blacklists: late, partial, wrong now and then, and forgetful."""

from statistics import median

import pytest

from scripts.world.nights.blacklists import BLACKLISTS, Blacklist, entries
from scripts.world.nights.campaigns import plan
from scripts.world.nights.model import FIRST

PLANS = plan(seed=1, last=120, alive=80)
REGISTERED = {member.domain: member.registered for c in PLANS for member in c.members}
LISTS = [pytest.param(one, id=one.name) for one in BLACKLISTS]
LEGITIMATE = [(f"good{n}.example", "newsletter" if n < 500 else "google") for n in range(4000)]


def _all(one: Blacklist) -> dict[str, int]:
    """Every domain ever listed, and the day it says."""
    return {
        entry.domain: (entry.listed - FIRST).days
        for day in range(-60, 121, 5)
        for entry in entries(1, one, PLANS, LEGITIMATE, day)
    }


@pytest.mark.parametrize("one", LISTS)
def test_a_list_is_late(one: Blacklist) -> None:
    delays = [day - REGISTERED[d] for d, day in _all(one).items() if d in REGISTERED]
    assert min(delays) >= 0
    assert one.delay / 2 < median(delays) < 2 * one.delay
    assert max(delays) <= 110
    assert max(delays) > 3 * one.delay


@pytest.mark.parametrize("one", LISTS)
def test_a_list_never_hears_of_some_campaigns(one: Blacklist) -> None:
    listed = _all(one)
    old = [c for c in PLANS if c.ends < 60 and len(c.members) > 4]
    heard = [any(member.domain in listed for member in c.members) for c in old]
    assert one.campaigns - 0.25 < sum(heard) / len(heard) < one.campaigns + 0.2
    partly = [sum(member.domain in listed for member in c.members) < len(c.members) for c in old]
    assert any(a and b for a, b in zip(heard, partly, strict=True))


@pytest.mark.parametrize("one", LISTS)
def test_a_list_is_wrong_about_few_and_rather_about_look_alikes(one: Blacklist) -> None:
    wrong = [domain for domain in _all(one) if domain.startswith("good")]
    alike = {domain for domain, kind in LEGITIMATE if kind == "newsletter"}
    assert 0 < len(wrong) < 0.05 * len(LEGITIMATE)
    assert sum(domain in alike for domain in wrong) / len(alike) > 2 * one.wrong


@pytest.mark.parametrize("one", LISTS)
def test_what_is_listed_stays_for_a_while_without_a_gap_and_is_taken_off(one: Blacklist) -> None:
    days = range(0, 121, 2)
    listed = [{e.domain for e in entries(1, one, PLANS, LEGITIMATE, day)} for day in days]
    left = 0
    for domain in set().union(*listed):
        there = [domain in names for names in listed]
        spells = sum(
            now and not before for before, now in zip([False, *there], there, strict=False)
        )
        assert spells == 1
        left += not there[-1]
    assert left


def test_the_same_day_says_the_same() -> None:
    one = BLACKLISTS[0]
    assert entries(1, one, PLANS, LEGITIMATE, 7) == entries(1, one, PLANS, LEGITIMATE, 7)
    assert entries(2, one, PLANS, LEGITIMATE, 7) != entries(1, one, PLANS, LEGITIMATE, 7)
