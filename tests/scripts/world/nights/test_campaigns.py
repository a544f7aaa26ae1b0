"""Plans of campaigns: enough alive, short lives, the same again, changing slowly."""

from collections import Counter
from statistics import median

from scripts.world.nights.campaigns import EARLIEST, Style, plan

PLANS = plan(seed=1, last=200, alive=60)
MEMBERS = [member for campaign in PLANS for member in campaign.members]


def test_as_many_are_alive_as_is_asked_for() -> None:
    for day in range(EARLIEST, 201, 10):
        alive = sum(1 for campaign in PLANS for _ in campaign.alive(day))
        assert 60 <= alive < 70


def test_domains_are_different_and_live_some_days_to_weeks() -> None:
    assert len({member.domain for member in MEMBERS}) == len(MEMBERS)
    lives = [member.gone - member.registered for member in MEMBERS]
    assert min(lives) >= 2
    assert max(lives) <= 45
    assert 6 < median(lives) < 15


def test_campaigns_register_in_waves_while_they_last() -> None:
    waves = Counter((c.name, member.registered) for c in PLANS for member in c.members)
    assert median(waves.values()) > 1
    for campaign in PLANS:
        days = {member.registered for member in campaign.members}
        assert min(days) == campaign.started
        assert max(days) < campaign.ends


def test_a_day_does_not_depend_on_those_that_follow() -> None:
    def until(last: int) -> list[tuple[str, ...]]:
        plans = plan(seed=1, last=last, alive=60)
        return [(c.name, *(m.domain for m in c.members if m.registered <= 30)) for c in plans]

    short = until(30)
    assert until(90)[: len(short)] == short
    assert plan(seed=2, last=30, alive=60) != plan(seed=1, last=30, alive=60)


def test_styles_all_occur_and_shift_to_those_that_hide() -> None:
    assert {campaign.style for campaign in PLANS} == set(Style)
    hiding = {Style.SMALL, Style.NEWSLETTER}
    plans = [plan(seed, 240, 40) for seed in range(4)]

    def share(first: int, last: int) -> float:
        chosen = [c for made in plans for c in made if first <= c.started < last]
        return sum(c.style in hiding for c in chosen) / len(chosen)

    assert share(EARLIEST, -20) + 0.1 < share(100, 241)


def test_nobody_is_there_where_none_is_wanted() -> None:
    assert plan(seed=1, last=30, alive=0) == []
