"""Disks that are full, turn read-only or lose what was written: one clear line, nothing lost."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.command import begun, mailcensus
from tests.pipeline.crawls import Crawl, crawl_in
from tests.pipeline.fated import check, seeds
from tests.pipeline.test_cli import complaint
from tests.servers.disk import disk
from tests.servers.hostile_dns import Fate, HostileDns, Later, honest, hostile_dns
from tests.servers.thread import threaded

ASKED = seeds(["ok"], each=200)
ROOMY = 1 << 16
"""KiB; far more than a crawl of the seeds writes."""


@pytest.fixture(scope="module")
def server() -> Iterator[HostileDns]:
    """Takes its time, so that there are several commits."""
    slow: Fate = lambda ask: [Later(0.05, ask.answer())]  # noqa: E731
    with threaded(lambda: hostile_dns({"": honest, "ok": slow})) as server:
        yield server


@pytest.fixture
def crawl(server: HostileDns, tmp_path: Path) -> Crawl:
    return crawl_in(
        tmp_path, ASKED, nameservers=[server.label], dns_in_flight=40, commit_seconds=0.2
    )


def complete(crawl: Crawl) -> None:
    done = mailcensus(*crawl.words)
    assert done.returncode == 0, done.stdout + done.stderr
    check(crawl, ASKED)


# Where the disk ends: at the seeds, at a part.
@pytest.mark.parametrize("kib", [16, 120])
def test_a_full_disk_ends_the_command_and_room_lets_it_go_on(crawl: Crawl, kib: int) -> None:
    with disk(crawl.folder / "disk", kib) as full:
        crawl = crawl._replace(warehouse=full.path / "warehouse")
        said = complaint(mailcensus(*crawl.words), status=3)
        assert "No space left on device" in said
        assert "repeat the command" in said
        full.resize(ROOMY)
        complete(crawl)


def test_a_warehouse_that_turns_read_only_half_way(crawl: Crawl) -> None:
    # Root may write anywhere, unless it gives that up.
    powerless = ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()
    with begun(*crawl.words, before=powerless) as process:
        journal = crawl.bookkeeping / "journal"
        while process.poll() is None and not list(journal.glob("[0-9]*.json")):
            time.sleep(0.01)
        folders = [path for path in crawl.warehouse.rglob("*") if path.is_dir()]
        for folder in folders:
            folder.chmod(0o555)
        said, _ = process.communicate(timeout=60)
    for folder in folders:
        folder.chmod(0o755)
    assert process.returncode == 3, said
    assert said.splitlines()[-1].startswith("mailcensus: ")
    assert "Permission denied" in said.splitlines()[-1]
    assert "Traceback" not in said
    complete(crawl)


def test_a_part_that_was_cut_is_named_and_asked_again(crawl: Crawl) -> None:
    complete(crawl)
    entry = min((crawl.bookkeeping / "journal").glob("[0-9]*.json"))
    part = min((crawl.warehouse / "domains" / "run=night").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-100])
    said = complaint(mailcensus(*crawl.words))
    assert part.name in said
    assert f"move {entry} away" in said
    entry.rename(crawl.folder / entry.name)
    complete(crawl)
