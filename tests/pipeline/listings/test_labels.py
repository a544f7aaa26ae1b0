"""`snowshoe labels` as users run it."""

import gzip
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipeline.listings.store import Shelf
from pipeline.warehouse import Warehouse
from tests.pipeline.command import Finished, inside


def labels(warehouse: Path, *words: object) -> Finished:
    return inside("snowshoe", "labels", warehouse, *words)


def listed(warehouse: Path) -> list[tuple[object, ...]]:
    query = f"""SELECT source, domain, first_import::VARCHAR, last_listed::VARCHAR
        FROM '{warehouse}/_listings/*.parquet' ORDER BY ALL"""
    return duckdb.sql(query).fetchall()


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    (tmp_path / "one.txt").write_text("bad.example\nworse.example\nno name\n")
    (tmp_path / "two.hosts.gz").write_bytes(gzip.compress(b"0.0.0.0 bad.example\n"))
    return tmp_path


def test_imports_of_two_days_out_of_order_and_again(lists: Path) -> None:
    warehouse = lists / "warehouse"
    later = labels(warehouse, lists / "two.hosts.gz", "--source", "x", "--date", "2026-11-02")
    assert later.returncode == 0, later.stderr
    assert "hosts" in later.stdout
    one = ("--source", "x", "--date", "2026-11-01")
    earlier = labels(warehouse, lists / "one.txt", *one)
    assert "rejected 1: syntax" in earlier.stdout
    assert "line 3: no name" in earlier.stdout
    once = listed(warehouse)
    assert once == [
        ("x", "bad.example", "2026-11-01", "2026-11-02"),
        ("x", "worse.example", "2026-11-01", "2026-11-01"),
    ]
    before = (warehouse / "_listings" / "x.parquet").read_bytes()
    assert labels(warehouse, lists / "one.txt", *one).returncode == 0
    assert (warehouse / "_listings" / "x.parquet").read_bytes() == before
    _, imports = Shelf(Warehouse.at(str(warehouse)), "x").load()
    assert [(each.day, each.names) for each in imports] == [("2026-11-01", 2), ("2026-11-02", 1)]
    assert imports[0].rejected == {"syntax": 1}


def test_files_of_one_import_are_one_list_and_sources_stand_apart(lists: Path) -> None:
    warehouse = lists / "warehouse"
    both = labels(
        warehouse,
        lists / "one.txt",
        lists / "two.hosts.gz",
        "--source",
        "x",
        "--date",
        "2026-11-01",
    )
    assert both.returncode == 0, both.stderr
    other = ("--source", "y", "--date", "2026-11-01")
    assert labels(warehouse, lists / "two.hosts.gz", *other).returncode == 0
    assert [row[:2] for row in listed(warehouse)] == [
        ("x", "bad.example"), ("x", "worse.example"), ("y", "bad.example"),
    ]  # fmt: skip


def test_wrong_use_leaves_everything_as_it_was(lists: Path) -> None:
    warehouse = lists / "warehouse"
    empty = lists / "empty.txt"
    empty.write_text("# an empty download\n")
    cases = (
        (lists / "missing.txt", "--source", "x"),
        (empty, "--source", "x"),
        (lists / "one.txt", "--source", "../x"),
        (lists / "one.txt", "--source", "x", "--date", "yesterday"),
    )
    for words in cases:
        done = labels(warehouse, *words)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1, done.stderr
        assert not list(warehouse.glob("_listings/*.parquet"))


def test_the_file_is_whole_or_not_there(lists: Path) -> None:
    warehouse = lists / "warehouse"
    assert labels(warehouse, lists / "one.txt", "--source", "x").returncode == 0
    path = warehouse / "_listings" / "x.parquet"
    assert pq.read_schema(path).metadata[b"mailcensus.table"] == b"listings"
    path.write_bytes(path.read_bytes()[:-9])
    done = labels(warehouse, lists / "one.txt", "--source", "x")
    assert done.returncode == 2
    assert "damaged" in done.stderr


def test_a_day_that_is_yet_to_come_is_told(lists: Path) -> None:
    done = labels(lists / "warehouse", lists / "one.txt", "--source", "x", "--date", "9999-01-01")
    assert done.returncode == 0, done.stderr
    assert "beware: 9999-01-01 is yet to come" in done.stdout
    past = labels(lists / "warehouse", lists / "one.txt", "--source", "y", "--date", "2020-01-01")
    assert "beware" not in past.stdout
