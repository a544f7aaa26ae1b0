import errno
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.journal import Journal
from pipeline.sink import Sink
from schemas import HOSTS, SPF
from schemas.bug import bug_row
from tests.pipeline.census import host, run_in


async def test_rows_of_several_tables_become_visible_in_one_commit(tmp_path: Path) -> None:
    journal = Journal.load(run_in(tmp_path))
    sink = Sink(journal)
    sink.add([host("a.example.net"), bug_row(SPF, {"name": "a.example.net"})])
    sink.count("bugs")
    assert sink.pending == 2
    assert not journal.parts(HOSTS)

    await sink.commit()

    (commit,) = Journal.load(journal.run).commits
    assert [(part.table, part.rows) for part in commit.parts] == [("hosts", 1), ("spf", 1)]
    assert commit.counts == {"bugs": 1}
    assert sink.pending == 0


async def test_a_commit_of_nothing_leaves_no_trace(tmp_path: Path) -> None:
    journal = Journal.load(run_in(tmp_path))
    await Sink(journal).commit()
    assert not list(tmp_path.rglob("*.json"))


async def test_parts_carry_their_dictionary(tmp_path: Path) -> None:
    journal = Journal.load(run_in(tmp_path))
    sink = Sink(journal)
    sink.add([host(f"h{number}.example.net", "127.1.0.1") for number in range(5000)])
    await sink.commit()

    (path,) = journal.parts(HOSTS)
    file = pq.ParquetFile(path)
    assert file.metadata.num_rows == 5000
    metadata = file.schema_arrow.metadata
    assert metadata[b"mailcensus.table"] == b"hosts"
    assert b"IPv4 addresses" in metadata[b"mailcensus.columns"]
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert "a.list.element" in [
        file.metadata.row_group(0).column(i).path_in_schema
        for i in range(file.metadata.num_columns)
    ]


async def test_a_row_that_does_not_fit_costs_itself_only(tmp_path: Path) -> None:
    journal = Journal.load(run_in(tmp_path))
    sink = Sink(journal)
    unwritable = host("bad.example.net")._replace(cname_chain=("\udcff",))
    sink.add([host("a.example.net"), unwritable, host("b.example.net")])
    await sink.commit()

    rows = pq.read_table(journal.parts(HOSTS)[0]).to_pylist()
    assert [(row["host"], row["status"]) for row in rows] == [
        ("a.example.net", "no_address"),
        ("bad.example.net", "bug"),
        ("b.example.net", "no_address"),
    ]
    assert Journal.load(journal.run).count("bugs") == 1


async def test_a_full_disk_is_told_and_leaves_the_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.load(run_in(tmp_path))
    sink = Sink(journal)
    sink.add([host("a.example.net")])
    await sink.commit()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sink.add([host("b.example.net")])
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        await sink.commit()
    monkeypatch.undo()

    # The disk has room again, but what comes later may rest on what was lost.
    sink.add([host("c.example.net")])
    with pytest.raises(OSError, match="No space left"):
        await sink.commit()

    again = Journal.load(journal.run)
    again.sweep()
    assert again.rows(HOSTS) == 1
