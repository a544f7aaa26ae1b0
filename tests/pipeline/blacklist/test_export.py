"""What is published, what is refused, and that refusals change nothing."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.blacklist.audit import DELIST, RELIST, Audit
from pipeline.blacklist.export import Order, export
from pipeline.blacklist.policy import Policy
from pipeline.blacklist.release import Card, Editions, roll_back
from pipeline.errors import ConfigError
from pipeline.record import End
from pipeline.warehouse import Run
from schemas import SNOWSHOE_SCORES
from schemas.blacklist import Withheld
from schemas.snowshoe_scores import Tier
from tests.pipeline.blacklist.runs import day, night, score, seed

ZONE = "bl.example"
NOW = dt.datetime(2026, 11, 2, 3, 0, tzinfo=dt.UTC)
POLICY = Policy(popular_rank=0, largest_jump=10)


class Bench:
    """A warehouse, a folder of editions, and a clock that goes on by itself."""

    def __init__(self, folder: Path) -> None:
        self.warehouse, self.out = folder / "warehouse", folder / "bl"
        self.moment = NOW

    def publish(self, run: Run, policy: Policy = POLICY, **words: Any) -> Card:
        self.moment += dt.timedelta(minutes=1)
        order = Order(ZONE, self.out)._replace(**words)
        return export(run, order, policy, self.moment)

    def night(self, number: int, names: Sequence[str]) -> Run:
        return night(self.warehouse, day(number), [score(name) for name in names])

    def listed(self, link: str = "current") -> list[str]:
        text = (self.out / link / "domains.txt").read_text()
        return [line for line in text.splitlines() if not line.startswith("#")]

    def files(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in self.out.rglob("*") if path.is_file()}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_tiers_from_the_least_one_on_are_published(bench: Bench) -> None:
    scores = [
        score("high.com", Tier.HIGH), score("medium.com", Tier.MEDIUM), score("low.com", Tier.LOW),
        score("fine.com", probability=None),
    ]  # fmt: skip
    card = bench.publish(night(bench.warehouse, day(1), scores))
    assert bench.listed() == ["high.com", "medium.com"]
    assert (card.listed, card.tiers) == (2, {"high": 1, "medium": 1})
    bench.publish(night(bench.warehouse, day(1), scores), Policy(publish_from=Tier.HIGH))
    assert bench.listed() == ["high.com"]


def test_thresholds_of_the_policy_replace_the_tiers_of_the_model(bench: Bench) -> None:
    scores = [score("a.com", Tier.LOW, 0.97), score("b.com", Tier.HIGH, 0.95), score("c.com")]
    limits = {"tiers": {"medium": 0.96, "high": 0.98}, "popular_rank": 0}
    card = bench.publish(night(bench.warehouse, day(1), scores), Policy.model_validate(limits))
    assert bench.listed() == ["a.com", "c.com"]
    assert card.tiers == {"high": 1, "medium": 1}


def test_nothing_above_a_registered_domain_is_published(bench: Bench) -> None:
    names = ["co.uk", "github.io", "test", "example", "a.github.io", "bad.co.uk"]
    card = bench.publish(bench.night(1, names))
    assert bench.listed() == ["a.github.io", "bad.co.uk"]
    assert card.withheld == {Withheld.SUFFIX: 4}


def test_large_known_and_own_domains_are_withheld_with_all_below_them(bench: Bench) -> None:
    users = [seed(f"user{n}.org", hosts=["mx1.hoster.com", "mx2.hoster.com"]) for n in range(4)]
    users += [seed(f"u{n}.org", hosts=["a.lower.com", "b.lower.com"]) for n in range(3)]
    scored = [
        "top.com", "lower.com", "hoster.com", "esp.com", "own.com", "www.own.com", "bad.com",
        "mail.bad.com",
    ]  # fmt: skip
    ranks = {"top.com": 10, "lower.com": 11}
    seeds = [seed(name, ranks.get(name)) for name in scored] + users
    scores = [score(name) for name in scored] + [score(user.domain, Tier.NONE) for user in users]
    run = night(bench.warehouse, day(1), scores, seeds, includes={"esp.com": 4, "bad.com": 3})
    policy = Policy(popular_rank=10, shared_domains=4)
    card = bench.publish(run, policy, allowed=frozenset({"own.com", "good.bad.com"}))
    assert bench.listed() == ["bad.com", "lower.com", "mail.bad.com"]
    assert card.withheld == {Withheld.POPULAR: 1, Withheld.SHARED: 2, Withheld.ALLOWED: 2}
    dnset = (bench.out / "current" / "dnset").read_text().splitlines()
    assert "!.good.bad.com" in dnset
    assert "*.good.bad.com CNAME rpz-passthru." in (bench.out / "current/rpz.zone").read_text()


def test_an_entry_stays_until_it_was_not_seen_for_so_long(bench: Bench) -> None:
    policy = Policy(popular_rank=0, expire_days=2, largest_jump=10)
    bench.publish(bench.night(1, ["gone.com", "here.com"]), policy)
    bench.publish(bench.night(2, ["here.com"]), policy)
    bench.publish(bench.night(3, ["here.com"]), policy)
    assert bench.listed() == ["gone.com", "here.com"]
    bench.publish(bench.night(4, ["here.com"]), policy)
    assert bench.listed() == ["here.com"]
    bench.publish(bench.night(5, ["here.com", "gone.com"]), policy)
    rows = {each.domain: each for each in Editions(bench.out).entries(_name(bench))}
    first = {name: rows[name].last_found - rows[name].first_found for name in rows}
    assert first == {"here.com": 4, "gone.com": 0}


def test_who_was_listed_before_is_held_to_the_policy_of_today(bench: Bench) -> None:
    scores = [score("high.com"), score("low.com", Tier.LOW, 0.6)]
    low = POLICY.model_copy(update={"publish_from": Tier.LOW})
    bench.publish(night(bench.warehouse, day(1), scores), low)
    bench.publish(bench.night(2, ["new.com"]), low)
    assert bench.listed() == ["high.com", "low.com", "new.com"]
    bench.publish(bench.night(3, ["new.com"]))
    assert bench.listed() == ["high.com", "new.com"]
    limits = {"tiers": {"medium": 0.9, "high": 0.995}, "popular_rank": 0}
    bench.publish(bench.night(4, ["new.com"]), Policy.model_validate(limits))
    rows = Editions(bench.out).entries(_name(bench))
    assert {(row.domain, row.tier, row.code) for row in rows} == {
        ("high.com", Tier.MEDIUM, "127.0.0.3"), ("new.com", Tier.MEDIUM, "127.0.0.3"),
    }  # fmt: skip


def test_an_edition_names_the_model_and_whether_it_is_made_up(bench: Bench) -> None:
    run = bench.night(1, ["a.com"])
    assert bench.publish(run).made_up is None
    path = run.inferred(SNOWSHOE_SCORES)
    said = {"mailcensus.model": "ab12", "mailcensus.synthetic": "scope loopback"}
    table = pq.read_table(path)
    run.warehouse.write_parquet(path, table.replace_schema_metadata(said))
    card = bench.publish(run)
    assert (card.model, card.made_up) == ("ab12", "scope loopback")
    assert list(Audit(run.warehouse).lines())[-1]["model"] == "ab12"


def test_the_same_run_again_follows_from_the_edition_before(bench: Bench) -> None:
    policy = Policy(popular_rank=0, expire_days=0, largest_jump=10)
    one = bench.publish(bench.night(1, ["a.com"]), policy)
    run = bench.night(2, ["b.com", "wrong.com"])
    two = bench.publish(run, policy)
    again = bench.publish(night(bench.warehouse, day(2), [score("b.com")]), policy)
    assert bench.listed() == ["b.com"]
    assert (one.base, two.base, again.base) == (None, one.name, one.name)
    assert again.previous == two.name


@pytest.mark.parametrize(
    ("end", "word"),
    [
        (None, "not come to its end"),
        (End(0.0, "stopped", 3, []), "not come to its end"),
        (End(0.0, "complete", 4, ["no answers"]), "no answers"),
    ],
)
def test_a_partial_run_is_not_published(bench: Bench, end: End | None, word: str) -> None:
    bench.publish(bench.night(1, ["a.com"]))
    before = bench.files()
    run = night(bench.warehouse, day(2), [score("b.com")], end=end)
    with pytest.raises(ConfigError, match=word):
        bench.publish(run)
    assert bench.files() == before
    bench.publish(run, despite_partial_run=True)
    assert bench.listed() == ["a.com", "b.com"]
    assert list(Audit(run.warehouse).lines())[-1]["overridden"] == ["despite_partial_run"]


def test_scores_of_a_part_are_a_partial_run(bench: Bench) -> None:
    seeds = [seed("a.com"), seed("b.com"), seed("c.com")]
    run = night(bench.warehouse, day(1), [score("a.com")], seeds)
    with pytest.raises(ConfigError, match="only 1 of its 3 domains"):
        bench.publish(run)
    assert not bench.out.exists()


def test_a_jump_is_not_published_either_way(bench: Bench) -> None:
    policy = Policy(popular_rank=0, expire_days=0)
    names = [f"a{n}.com" for n in range(10)]
    bench.publish(bench.night(1, names), policy)
    before = bench.files()
    few, many = (
        bench.night(number, [f"b{n}.com" for n in range(count)])
        for number, count in ((2, 4), (3, 16))
    )
    for run, change in ((few, "-60%"), (many, r"\+60%")):
        with pytest.raises(ConfigError, match=change):
            bench.publish(run, policy)
        assert bench.files() == before
    bench.publish(many, policy, despite_jump=True)
    assert len(bench.listed()) == 16
    bench.publish(bench.night(4, names[:8]), policy)
    assert len(bench.listed()) == 8


def test_delisting_survives_runs_and_can_be_undone(bench: Bench) -> None:
    run = bench.night(1, ["a.com", "b.com", "www.a.com"])
    audit = Audit(run.warehouse)
    bench.publish(run)
    audit.append(DELIST, domain="a.com", why="asked for")
    bench.publish(run)
    bench.publish(bench.night(2, ["a.com", "b.com"]))
    assert bench.listed() == ["b.com"]
    audit.append(RELIST, domain="a.com", why="mistaken")
    bench.publish(bench.night(3, ["a.com"]))
    assert bench.listed() == ["a.com", "b.com", "www.a.com"]
    actions = [line["action"] for line in audit.lines()]
    assert actions == ["export", "delist", "export", "export", "relist", "export"]


def test_rollback_goes_a_step_back_and_the_next_edition_follows_from_there(bench: Bench) -> None:
    one = bench.publish(bench.night(1, ["a.com"]))
    bench.publish(bench.night(2, ["b.com"]))
    roll_back(Editions(bench.out))
    assert (bench.listed(), _name(bench)) == (["a.com"], one.name)
    with pytest.raises(ConfigError, match="first edition"):
        roll_back(Editions(bench.out))
    bench.publish(bench.night(3, ["c.com"]))
    assert bench.listed() == ["a.com", "c.com"]


def test_an_older_run_and_another_zone_are_refused(bench: Bench) -> None:
    bench.publish(bench.night(2, ["a.com"]))
    with pytest.raises(ConfigError, match="older"):
        bench.publish(bench.night(1, ["a.com"]))
    with pytest.raises(ConfigError, match=r"holds zone 'bl\.example'"):
        bench.publish(bench.night(3, ["a.com"]), zone="other.example")


def test_a_shadow_edition_leaves_the_one_in_force_alone(bench: Bench) -> None:
    bench.publish(bench.night(1, ["a.com"]))
    bench.publish(bench.night(2, ["b.com"]), shadow=True)
    assert (bench.listed(), bench.listed("shadow")) == (["a.com"], ["b.com"])
    bench.publish(bench.night(3, ["c.com"]), shadow=True)
    assert bench.listed("shadow") == ["b.com", "c.com"]
    assert not (bench.warehouse / "blacklist" / f"run={day(2)}").exists()


def test_old_editions_go_and_the_one_in_force_stays(bench: Bench) -> None:
    policy = Policy(popular_rank=0, keep=2, largest_jump=10)
    for number in range(5):
        bench.publish(bench.night(number + 1, ["a.com"]), policy)
    names = sorted(path.name for path in (bench.out / "editions").iterdir())
    assert len(names) == 2
    assert names[-1] == _name(bench)


def test_an_edition_that_the_one_in_force_follows_from_is_never_deleted(bench: Bench) -> None:
    policy = Policy(popular_rank=0, keep=2, largest_jump=10)
    base = bench.publish(bench.night(1, ["a.com"]), policy)
    run = bench.night(2, ["b.com"])
    (bench.out / "editions" / ".left.tmp").mkdir()
    again = [bench.publish(run, policy) for _ in range(5)][-1]
    assert (again.base, bench.listed()) == (base.name, ["a.com", "b.com"])
    assert not (bench.out / "editions" / ".left.tmp").exists()


def test_a_line_that_a_crash_cut_short_goes_and_a_damaged_one_is_told(bench: Bench) -> None:
    audit = Audit(bench.night(1, ["a.com"]).warehouse)
    audit.append(DELIST, domain="a.com", why="asked for")
    with audit.path.open("ab") as file:
        file.write(b'{"action": "rel')
    assert audit.delisted() == {"a.com"}
    audit.append(DELIST, domain="b.com", why="asked for")
    assert audit.delisted() == {"a.com", "b.com"}
    audit.path.write_bytes(audit.path.read_bytes().replace(b"{", b"#", 1))
    with pytest.raises(ConfigError, match="line 1 is damaged"):
        audit.delisted()


def _name(bench: Bench) -> str:
    card = Editions(bench.out).current()
    assert card is not None
    return card.name
