"""Disks that are full, turn read-only or lose what was written: one clear line, nothing lost."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.journal import Journal
from schemas import DOMAINS
from tests.pipeline.command import begun, mailcensus
from tests.pipeline.crawls import RUN, Crawl
from tests.pipeline.disks import ROOMY, complete, entries, parts, run_of, slow_crawl, slow_dns
from tests.pipeline.fated import seeds
from tests.pipeline.test_cli import complaint
from tests.servers.disk import disk
from tests.servers.hostile_dns import HostileDns

ASKED = seeds(["ok"], each=200)


@pytest.fixture(scope="module")
def server() -> Iterator[HostileDns]:
    with slow_dns() as server:
        yield server


@pytest.fixture
def crawl(server: HostileDns, tmp_path: Path) -> Crawl:
    return slow_crawl(tmp_path, server, ASKED)


# Where the disk ends: at the seeds, at a part.
@pytest.mark.parametrize("kib", [16, 120])
def test_a_full_disk_ends_the_command_and_room_lets_it_go_on(crawl: Crawl, kib: int) -> None:
    with disk(crawl.folder / "disk", kib) as full:
        crawl = crawl._replace(warehouse=full.path / "warehouse")
        said = complaint(mailcensus(*crawl.words), status=3)
        assert "No space left on device" in said
        assert "repeat the command" in said
        full.resize(ROOMY)
        complete(crawl, ASKED)


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
    complete(crawl, ASKED)


def flipped(path: Path, at: float) -> None:
    """Change one byte, that far into the file; its size and time stay."""
    before, content = path.stat(), bytearray(path.read_bytes())
    content[int(at * len(content))] ^= 0x10
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_was_damaged_is_told_and_asked_again(crawl: Crawl) -> None:
    """A part cut, one gone, one with a byte that flipped, an entry with one; and the seeds."""
    complete(crawl, ASKED)
    run = run_of(crawl)
    committed = Journal.load(run).rows(DOMAINS)
    cut, gone, worn, *_ = parts(crawl)
    cut.write_bytes(cut.read_bytes()[:-100])
    gone.unlink()
    flipped(worn, 0.3)
    entry = entries(crawl)[-1]
    flipped(entry, 0.5)
    flipped(crawl.bookkeeping / "seeds.parquet", 0.5)

    assert "is damaged" in complaint(mailcensus("infer", crawl.warehouse, RUN))
    said = complete(crawl, ASKED).stdout
    for path in (cut, gone, worn, entry):
        assert f"{path} is damaged" in said
    assert "seeds.parquet was damaged: folded again" in said
    assert len(list((crawl.bookkeeping / "damaged").iterdir())) == 4
    assert Journal.load(run, deep=True).rows(DOMAINS) == committed


def test_damaged_seeds_that_cannot_be_had_again(crawl: Crawl) -> None:
    complete(crawl, ASKED)
    flipped(crawl.bookkeeping / "seeds.parquet", 0.9)
    words = [word for word in crawl.words if word != crawl.folder / "seeds.txt"]
    assert "name the files of its seed lists again" in complaint(mailcensus(*words))


def test_a_disk_that_is_not_there_does_not_begin_the_run_anew(crawl: Crawl) -> None:
    complete(crawl, ASKED)
    before = entries(crawl)
    for table in crawl.warehouse.glob("[a-z]*"):
        table.rename(crawl.folder / table.name)
    assert "is the disk there?" in complaint(mailcensus(*crawl.words))
    assert entries(crawl) == before
