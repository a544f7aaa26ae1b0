"""A disk that is full at every place there is, and files cut and changed at every place."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import DamagedError
from pipeline.journal import Journal
from pipeline.warehouse import Run, Warehouse
from schemas import CRAWLED
from tests.pipeline.command import mailcensus
from tests.pipeline.crawls import RUN, Crawl, crawl_in
from tests.pipeline.fated import check, seeds
from tests.pipeline.test_cli import complaint
from tests.servers.disk import disk
from tests.servers.hostile_dns import Fate, HostileDns, Later, honest, hostile_dns
from tests.servers.thread import threaded

pytestmark = [pytest.mark.torture, pytest.mark.timeout(3600)]

ASKED = seeds(["ok"], each=120)
STEP = 12
"""KiB; a page is 4."""
ROOMY = 1 << 16


@pytest.fixture(scope="module")
def server() -> Iterator[HostileDns]:
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


def test_the_disk_is_full_at_every_write(crawl: Crawl) -> None:
    """At each size of disk: one line, status 3, and with room the rest is crawled."""
    for kib in itertools.count(STEP, STEP):
        with disk(crawl.folder / f"disk{kib}", kib) as full:
            there = crawl._replace(warehouse=full.path / "warehouse")
            done = mailcensus(*there.words)
            if done.returncode == 0:
                check(there, ASKED)
                break
            assert "No space left on device" in complaint(done, status=3), kib
            full.resize(ROOMY)
            complete(there)
    assert kib > 5 * STEP


def test_a_disk_that_grows_little_by_little(crawl: Crawl) -> None:
    """Full again and again: every command gets a little further."""
    with disk(crawl.folder / "disk", STEP) as full:
        there = crawl._replace(warehouse=full.path / "warehouse")
        for kib in itertools.count(2 * STEP, 2 * STEP):
            done = mailcensus(*there.words)
            if done.returncode == 0:
                break
            assert "No space left on device" in complaint(done, status=3), kib
            full.resize(kib)
        check(there, ASKED)


def test_a_limit_of_file_size_is_told_like_a_full_disk(crawl: Crawl) -> None:
    limit = ("prlimit", "--fsize=12000")
    assert "File too large" in complaint(mailcensus(*crawl.words, before=limit), status=3)
    complete(crawl)


@pytest.fixture
def done(crawl: Crawl) -> Crawl:
    complete(crawl)
    return crawl


def entries(crawl: Crawl) -> list[Path]:
    return sorted((crawl.bookkeeping / "journal").glob("[0-9]*.json"))


def parts(crawl: Crawl) -> list[Path]:
    return sorted((crawl.warehouse / "domains" / f"run={RUN}").glob("*.parquet"))


def run_of(crawl: Crawl) -> Run:
    return Warehouse.at(str(crawl.warehouse)).run(RUN)


def test_an_entry_cut_anywhere_is_found_out(done: Crawl) -> None:
    entry = entries(done)[0]
    whole = entry.read_bytes()
    for at in range(len(whole) - 1):  # the last byte is the line end, which says nothing
        entry.write_bytes(whole[:at])
        with pytest.raises(DamagedError, match=entry.name):
            Journal.load(run_of(done))


def test_a_part_cut_anywhere_is_found_out(done: Crawl) -> None:
    part = parts(done)[0]
    whole = part.read_bytes()
    for at in {*range(0, len(whole), 101), *range(16), *range(len(whole) - 16, len(whole))}:
        part.write_bytes(whole[:at])
        with pytest.raises(DamagedError, match=part.name):
            Journal.load(run_of(done))


@pytest.mark.parametrize("keep", [0, 1, 16, 17, 200, -2])
def test_a_cut_entry_is_moved_away_and_its_rows_are_asked_again(done: Crawl, keep: int) -> None:
    entry = entries(done)[0]
    entry.write_bytes(entry.read_bytes()[:keep])
    assert f"move {entry} away" in complaint(mailcensus(*done.words))
    entry.rename(done.folder / entry.name)
    complete(done)


@pytest.mark.parametrize("keep", [0, 4, 1000, -9, -1])
def test_what_a_dead_run_left_behind_is_swept(done: Crawl, keep: int) -> None:
    """Parts and entries that were being written, cut where the machine went down."""
    part, entry = parts(done)[-1], entries(done)[-1]
    shutil.copy(part, part.with_name("part-0-009999.parquet"))
    for file, name in ((part, f".{part.name}.tmp"), (entry, ".0-009999.json.tmp")):
        file.with_name(name).write_bytes(file.read_bytes()[:keep])
    entry.unlink()
    complete(done)
    journal = Journal.load(run_of(done))
    named = {Path(path) for table in CRAWLED for path in journal.parts(table)}
    assert named == set(done.warehouse.glob(f"*/run={RUN}/*"))
    assert not list(done.warehouse.rglob("*.tmp"))
