"""`infer`: its switches, what it says, and what it leaves behind."""

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.pipeline.command import mailcensus
from tests.pipeline.conftest import Census


def table(warehouse: Path, name: str, run: str) -> Path:
    (path,) = (warehouse / name / f"run={run}").glob("*.parquet")
    return path


def test_switches_are_kept_in_what_they_made(copied: Census) -> None:
    done = mailcensus(
        "infer", copied.warehouse, copied.run, "--without", "tls", "--without", "vps_banner",
        "--popular", "9",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    steps = [line.split()[0] for line in done.stderr.splitlines()]  # it was inferred before
    assert steps[:5] == ["exchanges", "popularity", "greetings", "verdicts", "labels"]
    *timed, last = done.stderr.splitlines()
    assert all(re.search(r" s   step \d+ of \d+(, .* left)?$", line) for line in timed), timed
    assert timed[-1].endswith(f"step {len(timed)} of {len(timed)}")
    assert last.startswith("no snowshoe features")  # the census is of plan mail
    for name in ("mx_providers", "providers"):
        made = pq.read_table(table(copied.warehouse, name, copied.run), partitioning=None)
        assert "tls" not in made["source"].to_pylist()
        (version,) = made["rules_version"].unique().to_pylist()
        assert version.endswith("-without:tls,vps_banner-popular:9")
        metadata = made.schema.metadata
        assert metadata[b"mailcensus.rules_version"].decode() == version
        assert metadata[b"mailcensus.sources"] == b"banner,mx"
        assert json.loads(metadata[b"mailcensus.columns"])["rules_version"]
    assert not list(copied.warehouse.rglob("*.tmp*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--without", "vps"), "'vps' is neither a source nor a rule: tls, banner, mx, foreign_as"),
        (("--popular", "-1"), "a threshold of -1"),
    ],
)
def test_wrong_switches_are_one_clear_line(
    copied: Census, words: tuple[str, ...], said: str
) -> None:
    path = table(copied.warehouse, "providers", copied.run)
    before = path.read_bytes()
    done = mailcensus("infer", copied.warehouse, copied.run, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert path.read_bytes() == before
