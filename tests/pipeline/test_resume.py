"""Runs that are killed, stopped or started twice, and repeated to the end."""

import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.journal import Journal
from pipeline.plan import Plan
from pipeline.warehouse import Warehouse
from schemas.table import Table
from tests.pipeline.command import begun, mailcensus
from tests.pipeline.conftest import RUN, Census
from tests.servers.world import ServedWorld

KILLS = 5
RESULTS = {
    "domains": "mail, mx, mail_hosts, txt, dmarc, seeds",
    "hosts": "status, a, aaaa, cname_chain, above",
    "spf": "record, terms, faults, includes, a_names, mx_names, query.outcome, above",
    "mx": "mx, mx_query.outcome, above",
    "dmarc": "dmarc, report_consents, dmarc_query.outcome",
    "tlsa": "records, tlsa_query.outcome",
    "policies": "domainkey, list_transform(dkim, lambda each: each.txt), autodiscover, "
    "autodiscover_srv, mta_sts, tls_rpt, bimi",
    "dmarc_consents": "txt, txt_query.outcome",
    "smtp": "outcome, starttls, extensions, chain",
    "certificates": "der, names, verdict",
    "addresses": "asn, country, reserved, ptr",
}
"""By table: what must not depend on interruptions; times, servers and attempts may."""


@pytest.fixture
def config(served: ServedWorld, tmp_path: Path) -> Path:
    """The world's settings, with commits so frequent that kills fall between and into them."""
    path = tmp_path / "mailcensus.toml"
    path.write_text(served.config.read_text() + "commit_seconds = 0.2\n")
    return path


def rows(warehouse: Path, table: Table) -> list[tuple[Any, ...]]:
    parts = warehouse / table.name / f"run={RUN}" / "*.parquet"
    columns = f"{', '.join(table.key)}, {RESULTS[table.name]}"
    return duckdb.sql(f"SELECT {columns} FROM '{parts}' ORDER BY ALL").fetchall()


def command(seeds: Path, warehouse: Path, config: Path) -> tuple[object, ...]:
    return ("crawl", seeds, "--warehouse", warehouse, "--run", RUN, "--config", config)


def committed_rows(warehouse: Path) -> int:
    journal = Journal.load(Warehouse.at(str(warehouse)).run(RUN))
    return sum(journal.rows(table) for table in Plan.MAIL.tables)


def moments() -> Iterator[float]:
    """Seconds after the first commit of a command."""
    numbers = random.Random(20_141)
    for _ in range(KILLS):
        yield numbers.uniform(0, 1.0)


def test_killed_at_random_moments_it_ends_with_the_same_rows(
    census: Census, config: Path, tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse"
    words = command(census.world.seeds, warehouse, config)
    journal = warehouse / "_runs" / RUN / "journal"
    progress = [0]
    for seconds in moments():
        entries = len(list(journal.glob("[0-9]*.json")))
        with begun(*words) as process:
            while process.poll() is None and len(list(journal.glob("[0-9]*.json"))) == entries:
                time.sleep(0.01)
            time.sleep(seconds)
            process.send_signal(signal.SIGKILL)
        progress.append(committed_rows(warehouse))
    assert progress == sorted(progress)
    assert 0 < progress[1] < committed_rows(census.warehouse)

    done = mailcensus(*words, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    for table in Plan.MAIL.tables:
        resumed, undisturbed = rows(warehouse, table), rows(census.warehouse, table)
        keys = [row[: len(table.key)] for row in resumed]
        assert len(keys) == len(set(keys)), table.name
        assert resumed == undisturbed, table.name


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_it_commits_and_says_how_to_resume(
    census: Census, config: Path, tmp_path: Path, number: signal.Signals
) -> None:
    warehouse = tmp_path / "warehouse"
    words = command(census.world.seeds, warehouse, config)
    with begun(*words) as process:
        status = warehouse / "_runs" / RUN / "status.json"
        while process.poll() is None and not status.exists():
            time.sleep(0.01)
        time.sleep(0.05)
        process.send_signal(number)
        began = time.monotonic()
        said, _ = process.communicate(timeout=30)
        assert time.monotonic() - began < 10
    assert process.returncode == 3, said
    assert "repeat the same command to resume" in said
    assert 0 < committed_rows(warehouse) < committed_rows(census.warehouse)

    shown = mailcensus("status", warehouse, RUN).stdout
    assert f"run {RUN}: stopped" in shown
    assert "Missing is what is still to be asked" in shown
    # The run keeps its seeds: the list need not be named again.
    again = mailcensus(*(word for word in words if word != census.world.seeds), seconds=120)
    assert again.returncode == 0, again.stdout + again.stderr
    assert committed_rows(warehouse) == committed_rows(census.warehouse)


def test_a_complete_run_repeated_asks_nothing(census: Census, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse"  # the command writes a new report
    shutil.copytree(census.warehouse, warehouse)
    before = committed_rows(warehouse)
    again = mailcensus(*command(census.world.seeds, warehouse, census.world.config))
    assert again.returncode == 0
    assert "Complete" in again.stdout
    assert "policies" not in again.stdout  # which this plan does not ask for
    assert committed_rows(warehouse) == before


def test_two_commands_on_one_run_are_refused(census: Census, config: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse"
    words = command(census.world.seeds, warehouse, config)
    with begun(*words) as first:
        while first.poll() is None and not (warehouse / "_runs" / RUN / "status.json").exists():
            time.sleep(0.01)
        second = mailcensus(*words)
    assert second.returncode == 2
    assert second.stderr == f"mailcensus: run '{RUN}' is at work in another process\n"
