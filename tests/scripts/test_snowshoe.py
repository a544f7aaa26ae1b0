"""The whole loop: measure nights, learn, score tomorrow, publish, serve, look up, evaluate."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scripts.snowshoe import ZONE, Loop
from scripts.world.nights.files import Parameters, folder
from scripts.world.nights.model import CAMPAIGN, FIRST
from tests.loop import run
from tests.servers.rbldnsd import Rbldnsd, open_folder, rbldnsd

REJECT = "127.0.0.2"
CODES = {REJECT, "127.0.0.3", "127.0.0.4"}
"""By tier."""


@pytest.mark.timeout(900)
def test_the_loop_from_memory(snowshoe: Loop) -> None:
    _check(snowshoe)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_the_loop_over_loopback(tmp_path: Path) -> None:
    _check(run(tmp_path, Parameters(size=600, seed=1, how_many=8, rate=0.12, apart=3)))


def _check(loop: Loop) -> None:
    """What is published is who scored high, mostly of campaigns, and rbldnsd says so."""
    features = [_rows(loop, "snowshoe", run) for run in loop.runs]
    assert all(features)
    _check_first_days(loop, features)
    scores = _rows(loop, "snowshoe_scores", loop.runs[-1])
    suspects = {str(row["domain"]) for row in scores if row["tier"] != "none"}
    origins = pq.read_table(folder(loop.directory, len(loop.runs)) / "origins.parquet").to_pylist()
    kinds = {row["domain"]: row["kind"] for row in origins}
    assert suspects
    assert sum(kinds[domain] == CAMPAIGN for domain in suspects) > len(suspects) / 2
    with open_folder() as place:
        dnset = shutil.copy(loop.list / "current" / "dnset", place)
        with rbldnsd(ZONE, Path(dnset)) as server:
            listed = {domain for domain in kinds if _listed(server, domain)}
            assert server.ask("test") == [REJECT]
            reasons = server.ask(min(listed), "TXT")
    assert listed
    assert listed <= suspects
    assert "snowshoe" in reasons[0]
    _check_report(loop)


def _check_report(loop: Loop) -> None:
    """It is of the last night, a week after training, and says what such figures are worth."""
    text = (loop.report / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# Test of snowshoe detection on made-up data")
    said = json.loads((loop.report / "report.json").read_text(encoding="utf-8"))
    assert [run["id"] for run in said["testing"]] == loop.runs[-1:]
    assert said["gap_days"] >= 7
    assert said["population"]["listed"] > 0
    assert "synthetic" in {each["kind"] for each in said["cautions"]}


def _check_first_days(loop: Loop, features: list[list[dict[str, object]]]) -> None:
    """A domain is first seen on the first night that has it."""
    seen: dict[object, dt.date] = {}
    for number, rows in enumerate(features):
        day = FIRST + dt.timedelta(days=number * loop.parameters.apart)
        for row in rows:
            assert row["first_seen"] == seen.setdefault(row["domain"], day)


def _listed(server: Rbldnsd, domain: str) -> bool:
    return bool(CODES & set(server.ask(domain)))


def _rows(loop: Loop, table: str, run: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pq.read_table(
        loop.warehouse / table / f"run={run}", partitioning=None
    ).to_pylist()
    return rows
