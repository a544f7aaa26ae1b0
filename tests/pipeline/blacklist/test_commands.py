"""`snowshoe export`, `delist` and `rollback` as operators run them."""

import json
from pathlib import Path

import duckdb
import pytest

from pipeline.blacklist.policy import load_policy, read_allowlist
from pipeline.errors import ConfigError
from tests.pipeline.blacklist.runs import day, night, score
from tests.pipeline.command import Finished, inside

NAMES = ["a.com", "b.com", "c.com"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for number in (1, 2):
        night(tmp_path / "w", day(number), [score(name) for name in NAMES[: number + 1]])
    (tmp_path / "policy.toml").write_text("popular_rank = 0\nvalid_days = 2\n[tiers]\nhigh = 0.9\n")
    return tmp_path


def snowshoe(place: Path, word: str, *words: object) -> Finished:
    return inside("snowshoe", word, place / "w", *words)


def export(place: Path, run: str, *words: object) -> Finished:
    known = ("--out", place / "bl", "--zone", "BL.example.", "--policy", place / "policy.toml")
    return snowshoe(place, "export", run, *known, *words)


def listed(place: Path) -> list[str]:
    return (place / "bl" / "current" / "domains.txt").read_text().splitlines()[1:]


def test_a_week_of_an_operator(place: Path) -> None:
    done = export(place, day(1))
    assert done.returncode == 0, done.stderr
    assert "bl.example: 2 domains listed (2 high)" in done.stdout
    assert "no seed list ranks a popular domain" in done.stdout
    delisted = snowshoe(place, "delist", "B.com", "--why", "asked for, ticket 7")
    assert delisted.returncode == 0, delisted.stderr
    (place / "own.txt").write_text("# ours\nx.example\n")
    done = export(place, day(2), "--allow", place / "own.txt")
    assert (done.returncode, "no seed list ranks" in done.stdout) == (0, False)
    assert listed(place) == ["a.com", "c.com"]
    query = f"""SELECT domain, withheld FROM '{place}/w/blacklist/run={day(2)}/*.parquet'
        WHERE NOT published"""
    assert duckdb.sql(query).fetchall() == [("b.com", "delisted")]
    back = snowshoe(place, "rollback", "--out", place / "bl")
    assert back.returncode == 0
    assert listed(place) == ["a.com", "b.com"]
    assert "b.com was delisted and is listed again" in back.stdout
    assert "a.com was" not in back.stdout
    text = (place / "w/_blacklist/audit.jsonl").read_text()
    log = [json.loads(line) for line in text.splitlines()]
    assert [line["action"] for line in log] == ["export", "delist", "export", "rollback"]
    assert (log[1]["domain"], log[1]["why"]) == ("b.com", "asked for, ticket 7")
    assert snowshoe(place, "delist", "b.com", "--undo", "--why", "mistaken").returncode == 0
    assert "$TIMESTAMP" in (place / "bl/current/dnset").read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("expire_day = 3", "expire_day: "),
        ("largest_jump = 0", "largest_jump: "),
        ("[tiers]\nlow = 0.9\nhigh = 0.8", "must rise"),
        ("publish_from = 'none'", "publish_from is one of"),
        ("contact = 'no name'", "is no domain"),
        ("info_url = 'https://bl.example/ what'", "info_url: "),
        ("= 3", "policy.toml: "),
    ],
)
def test_a_wrong_policy_is_told_in_a_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_policy(path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_no_line_of_an_allowlist_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text("# ours\nFine.com # and all below\n\n*.other.com\n1,top.com\n20, 163.com\n")
    assert read_allowlist(path) == {"fine.com", "other.com", "top.com", "163.com"}
    path.write_text("fine.com\nno domain\n")
    with pytest.raises(ConfigError, match="is no domain"):
        read_allowlist(path)


def test_nothing_to_undo_and_nothing_to_go_back_to(place: Path) -> None:
    assert "not delisted" in snowshoe(place, "delist", "a.com", "--undo", "--why", "x").stderr
    assert "nothing is published" in snowshoe(place, "rollback", "--out", place / "bl").stderr
    assert snowshoe(place, "delist", "a.com", "--why", " ").returncode == 2
