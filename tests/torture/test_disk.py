"""A disk that is full at every place there is, and files cut and changed at every place."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import DamagedError
from pipeline.journal import Journal
from schemas import CRAWLED
from tests.pipeline.command import mailcensus
from tests.pipeline.crawls import RUN, Crawl
from tests.pipeline.disks import ROOMY, complete, entries, parts, run_of, slow_crawl, slow_dns
from tests.pipeline.fated import check, seeds
from tests.pipeline.test_cli import complaint
from tests.servers.disk import disk
from tests.servers.hostile_dns import HostileDns

pytestmark = [pytest.mark.torture, pytest.mark.timeout(3600)]

ASKED = seeds(["ok"], each=120)
STEP = 12
"""KiB; a page is 4."""


@pytest.fixture(scope="module")
def server() -> Iterator[HostileDns]:
    with slow_dns() as server:
        yield server


@pytest.fixture
def crawl(server: HostileDns, tmp_path: Path) -> Crawl:
    return slow_crawl(tmp_path, server, ASKED)


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
            complete(there, ASKED)
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
    complete(crawl, ASKED)


@pytest.fixture
def done(crawl: Crawl) -> Crawl:
    complete(crawl, ASKED)
    return crawl


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


def test_a_byte_changed_anywhere_is_found_out(done: Crawl) -> None:
    for file in (parts(done)[0], entries(done)[0]):
        whole = file.read_bytes()
        for at in range(len(whole) - 1):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
            with pytest.raises(DamagedError, match=file.name):
                Journal.load(run_of(done), deep=True)
        file.write_bytes(whole)


@pytest.mark.parametrize("keep", [0, 1, 16, 17, 200, -2])
def test_the_rows_of_a_cut_entry_are_asked_again(done: Crawl, keep: int) -> None:
    entry = entries(done)[0]
    entry.write_bytes(entry.read_bytes()[:keep])
    assert f"{entry} is damaged" in complete(done, ASKED).stdout


@pytest.mark.parametrize("keep", [0, 4, 1000, -9, -1])
def test_what_a_dead_run_left_behind_is_swept(done: Crawl, keep: int) -> None:
    """Parts and entries that were being written, cut where the machine went down."""
    part, entry = parts(done)[-1], entries(done)[-1]
    shutil.copy(part, part.with_name("part-0-009999.parquet"))
    for file, name in ((part, f".{part.name}.tmp"), (entry, ".0-009999.json.tmp")):
        file.with_name(name).write_bytes(file.read_bytes()[:keep])
    entry.unlink()
    complete(done, ASKED)
    journal = Journal.load(run_of(done))
    named = {Path(path) for table in CRAWLED for path in journal.parts(table)}
    assert named == set(done.warehouse.glob(f"*/run={RUN}/*"))
    assert not list(done.warehouse.rglob("*.tmp"))
