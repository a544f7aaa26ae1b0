"""Several processes on one run: the same rows as one, each key asked once, whatever dies."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import duckdb
import pytest

from pipeline.ownership import WHOLE, Share
from pipeline.plan import Plan
from schemas import DOMAINS, SMTP, STS_POLICIES
from scripts.world.population import make
from scripts.world.zones import OTHERS_FILE, ZONE_FILE, write
from tests.pipeline.command import begun, mailcensus
from tests.pipeline.conftest import RUN, Census
from tests.pipeline.test_resume import command, committed_rows, rows
from tests.servers.nsd import nsd

ATTEMPTS = {
    "domains": ("domain", "mx_query.attempts + txt_query.attempts + dmarc_query.attempts"),
    "hosts": ("host", "a_query.attempts + aaaa_query.attempts"),
    "mx": ("name", "mx_query.attempts"),
    "addresses": ("address", "coalesce(ptr_query.attempts, 0)"),
    "spf": ("name", "query.attempts"),  # of a seed it is the domain's TXT question
    "dmarc": ("name", "dmarc_query.attempts"),
    "tlsa": ("host", "tlsa_query.attempts"),
}
"""By table: its key, and how often its rows say that questions were sent."""


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_every_key_has_one_owner(workers: int) -> None:
    shares = [Share(worker, workers) for worker in range(workers)]
    for table in (DOMAINS, SMTP, STS_POLICIES):
        for key in range(0, 2**64, 2**58 + 12345):
            assert sum(share.owns(table, key) for share in shares) == 1
    assert WHOLE.owns(DOMAINS, 7)
    for table in (SMTP, STS_POLICIES):
        assert [share.owns(table, 7) for share in shares] == [True] + [False] * (workers - 1)


def assert_same(warehouse: Path, census: Census) -> None:
    """Every table has the rows of the undisturbed run, each key once."""
    for table in Plan.MAIL.tables:
        found = rows(warehouse, table)
        keys = [row[: len(table.key)] for row in found]
        assert len(keys) == len(set(keys)), table.name
        assert found == rows(census.warehouse, table), table.name


def children(process: "subprocess.Popen[str]") -> list[int]:
    """Workers of a command that are alive."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in listed}
    return [int(pid) for pid, command in commands.items() if b"spawn_main" in command]


def wait_for_rows(warehouse: Path, process: "subprocess.Popen[str]") -> None:
    """Until something is committed."""
    journal = warehouse / "_runs" / RUN / "journal"
    while process.poll() is None and not list(journal.glob("[0-9]*.json")):
        time.sleep(0.02)
    assert process.poll() is None


def test_a_dead_worker_is_begun_again_and_the_rows_are_the_same(
    census: Census, tmp_path: Path
) -> None:
    config = tmp_path / "mailcensus.toml"
    config.write_text(census.world.config.read_text() + "commit_seconds = 0.2\n")
    warehouse = tmp_path / "warehouse"
    words = (*command(census.world.seeds, warehouse, config), "--workers", 2)
    with begun(*words) as process:
        wait_for_rows(warehouse, process)
        victims = children(process)
        assert len(victims) == 2
        committed = committed_rows(warehouse)
        os.kill(victims[-1], signal.SIGKILL)
        shown = []
        while process.poll() is None:
            shown.append(shown_rows(warehouse))
            time.sleep(0.1)
        said, _ = process.communicate(timeout=200)
    assert process.returncode == 0, said
    assert "begun again" in (warehouse / "_runs" / RUN / "crawl.log").read_text()
    assert_same(warehouse, census)
    # What the dead one had committed is in the picture all the time, and all is at the end.
    assert min(shown[len(shown) // 2 :]) >= committed > 0
    assert shown_rows(warehouse) == committed_rows(warehouse)


def shown_rows(warehouse: Path) -> int:
    """Rows of all tables that the status tells of; none before the first is written."""
    path = warehouse / "_runs" / RUN / "status.json"
    if not path.exists():
        return 0
    status = json.loads(path.read_text())
    return sum(int(lane["rows"]) for lane in status["lanes"])


def test_the_parent_takes_its_workers_with_it_and_one_process_can_go_on(
    census: Census, tmp_path: Path
) -> None:
    config = tmp_path / "mailcensus.toml"
    config.write_text(census.world.config.read_text() + "commit_seconds = 0.2\n")
    warehouse = tmp_path / "warehouse"
    words = command(census.world.seeds, warehouse, config)
    with begun(*words, "--workers", 2) as process:
        wait_for_rows(warehouse, process)
        workers = children(process)
        process.kill()
        process.wait(10)
    give_up = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/cmdline").exists() for pid in workers):
        assert time.monotonic() < give_up
        time.sleep(0.05)

    with begun(*words, "--workers", 3) as process:
        time.sleep(4)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 3, said
    assert "repeat the same command to resume" in said

    done = mailcensus(*words, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert_same(warehouse, census)


def test_no_key_is_asked_twice_over_all_workers(tmp_path: Path) -> None:
    """Counted at the server."""
    world, warehouse = make(400, seed=11), tmp_path / "warehouse"
    write(world._replace(faults={}), tmp_path, port=0)
    seeds = tmp_path / "seeds.txt"
    seeds.write_text("".join(f"{name}\n" for _, name in world.seeds))
    with nsd({".": tmp_path / ZONE_FILE}, include=tmp_path / OTHERS_FILE) as server:
        before = server.queries()
        done = mailcensus(
            "crawl", seeds, "--warehouse", warehouse, "--run", RUN, "--exact", "--no-smtp",
            "--scope", "loopback", "--nameserver", f"{server.address}:{server.port}",
            "--workers", 2, seconds=200,
        )  # fmt: skip
        asked = server.queries() - before
    assert done.returncode == 0, done.stdout + done.stderr
    sent = 0
    for table, (key, attempts) in ATTEMPTS.items():
        parts = f"'{warehouse}/{table}/run={RUN}/*.parquet'"
        seeded = f"SELECT domain FROM '{warehouse}/domains/run={RUN}/*.parquet'"
        where = f"WHERE name NOT IN ({seeded})" if table == "spf" else ""
        query = f"SELECT sum({attempts}), count(*), count(DISTINCT {key}) FROM {parts} {where}"
        total, count, distinct = duckdb.sql(query).fetchall()[0]
        assert count == distinct, table
        sent += int(total)
    assert asked == sent + 2  # each worker asks once whether a nameserver answers at all
