"""What a resume takes out of a damaged journal: what is lost, what rests on it, and no more."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import DamagedError
from pipeline.journal import Journal
from pipeline.mending import mend
from pipeline.sink import Sink
from pipeline.warehouse import Run
from schemas import CERTIFICATES, HOSTS, SMTP
from schemas.bug import bug_row
from schemas.smtp import Smtp
from tests.pipeline.census import host, run_in


def server(number: int, *chain: str) -> Smtp:
    row = bug_row(SMTP, {"address": f"127.1.0.{number}", "port": 25})
    assert isinstance(row, Smtp)
    return row._replace(chain=chain)


def certificate(sha256: str) -> tuple[Any, ...]:
    return bug_row(CERTIFICATES, {"sha256": sha256})


@pytest.fixture
async def run(tmp_path: Path) -> Run:
    """Five commits: servers with certificates of their own, and of commits before."""
    run = run_in(tmp_path)
    sink = Sink(Journal.load(run))
    for rows in (
        [server(1, "leaf1", "ca"), certificate("leaf1"), certificate("ca")],
        [server(2, "leaf2"), certificate("leaf2"), host("mx2.example.net")],
        [server(3, "leaf3", "ca"), certificate("leaf3"), host("mx3.example.net")],
        [server(4, "leaf3")],
        [host("mx5.example.net"), server(5)],
    ):
        sink.add(rows)
        await sink.commit()
    return run


def flip(run: Run, table: str, number: int) -> None:
    part = Path(run.warehouse.root, table, f"run={run.id}", f"part-0-{number:06d}.parquet")
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)


@pytest.mark.parametrize(
    ("table", "number", "left"),
    [
        ("certificates", 1, [2, 5]),  # ca is gone, so 3 is, and leaf3, so 4 is
        ("certificates", 2, [1, 3, 4, 5]),
        ("hosts", 3, [1, 2, 5]),
        ("smtp", 4, [1, 2, 3, 5]),
        ("hosts", 5, [1, 2, 3, 4]),
    ],
)
def test_what_rests_on_it_goes_with_it(run: Run, table: str, number: int, left: list[int]) -> None:
    flip(run, table, number)
    journal, lines = mend(run)
    assert [commit.number for commit in journal.commits] == left
    assert f"part-0-{number:06d}.parquet is damaged" in lines[0]
    assert len(lines) == (1 if len(left) == 4 else 2)
    assert len(list(Path(run.folder, "damaged").iterdir())) == 5 - len(left)
    journal.sweep()
    again, lines = mend(run)
    assert lines == []
    assert again.commits == journal.commits


def test_killed_half_way_it_is_found_again(run: Run) -> None:
    """Had what was damaged gone first, nothing would tell of what rests on it."""
    flip(run, "certificates", 1)
    Path(run.journal, "0-000003.json").unlink()  # as far as it got
    journal, _ = mend(run)
    assert [commit.number for commit in journal.commits] == [2, 5]


def test_a_sound_journal_stays_as_it_is(run: Run) -> None:
    journal, lines = mend(run)
    assert lines == []
    assert journal.commits == Journal.load(run, deep=True).commits
    assert not Path(run.folder, "damaged").exists()


def test_with_nothing_left_nothing_is_done(run: Run) -> None:
    for table in (CERTIFICATES, HOSTS, SMTP):
        Path(run.table(table)).rename(Path(run.folder, table.name))
    with pytest.raises(DamagedError, match="is the disk there"):
        mend(run)
    assert len(list(Path(run.journal).iterdir())) == 5
