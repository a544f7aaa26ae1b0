"""`export`: every table as CSV and JSON lines says what the Parquet says."""

import csv
import datetime as dt
import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.cli import Exit
from pipeline.errors import ConfigError, DamagedError
from pipeline.export import Form, export_file
from pipeline.warehouse import Run, Warehouse
from schemas import (
    ADDRESSES,
    CERTIFICATES,
    CHANGES,
    LISTINGS,
    MOVEMENTS,
    POLICIES,
    SPF_TRUST,
    TABLES,
)
from tests.pipeline.census import run_in
from tests.pipeline.command import PROGRAM, mailcensus
from tests.pipeline.conftest import Census

LACKING = {CHANGES.name, MOVEMENTS.name, POLICIES.name}
"""Tables that a run of plan mail without `diff` does not have."""


def _present(census: Census) -> list[str]:
    return [name for name in TABLES if (census.warehouse / name / f"run={census.run}").is_dir()]


def _rows(census: Census, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(
        census.warehouse / table / f"run={census.run}", partitioning=None
    ).to_pylist()
    return rows


def _run(census: Census) -> Run:
    return Warehouse.at(str(census.warehouse)).existing(census.run)


def _word(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {name: _word(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_word(each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dt.datetime):
        assert value.utcoffset() == dt.timedelta(0)
        return f"{value:%Y-%m-%dT%H:%M:%S}" + (f".{value:%f}" if value.microsecond else "") + "Z"
    return int(value) if isinstance(value, Decimal) else value


def test_every_table_comes_back_from_json_lines(census: Census, tmp_path: Path) -> None:
    present = _present(census)
    assert not LACKING & set(present)
    for table in present:
        path = tmp_path / f"{table}.jsonl"
        rows = export_file(_run(census), table, Form.JSONL, path, force=False)
        read = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
        assert len(read) == rows
        expected = [_word(row) for row in _rows(census, table)]
        assert sorted(map(json.dumps, read)) == sorted(map(json.dumps, expected))


def test_every_table_comes_back_from_csv(census: Census, tmp_path: Path) -> None:
    for table in _present(census):
        path = tmp_path / f"{table}.csv"
        rows = export_file(_run(census), table, Form.CSV, path, force=False)
        with path.open(encoding="utf-8", newline="") as file:
            read = list(csv.DictReader(file))
        assert len(read) == rows
        expected = _rows(census, table)
        key = TABLES[table].key
        assert sorted(tuple(row[name] for name in key) for row in read) == sorted(
            tuple(str(_word(row[name])) for name in key) for row in expected
        )


def test_cells_of_csv(census: Census, tmp_path: Path) -> None:
    """Nested cells are JSON, bytes hex, moments ISO 8601, great numbers whole."""
    run = _run(census)
    for table, column in (
        (CERTIFICATES, "der"), (CERTIFICATES, "names"), (CERTIFICATES, "not_after"),
        (SPF_TRUST, "ipv6"), (SPF_TRUST, "findings"), (ADDRESSES, "ptr_query"),
    ):  # fmt: skip
        path = tmp_path / f"{table.name}.csv"
        export_file(run, table.name, Form.CSV, path, force=True)
        with path.open(encoding="utf-8", newline="") as file:
            read = {row[table.key[0]]: row[column] for row in csv.DictReader(file)}
        kind = table.schema.field(column).type
        for row in _rows(census, table.name):
            value = _word(row[column])
            value = str(value) if isinstance(value, int) else value
            cell = read[row[table.key[0]]]
            if value is None:
                assert not cell
            else:
                assert (json.loads(cell) == value) if pa.types.is_nested(kind) else cell == value


def test_null_and_empty_text_differ_and_lines_stay_in_their_cell(tmp_path: Path) -> None:
    """Hostile text: quotes, line ends, control characters, names that begin like formulas."""
    run = run_in(tmp_path)
    domains = ["=1+1", 'a"b', "a\nb\r\nc", "a,b;c", "\x1b[31m\x00", "ü"]
    rows = [
        {"domain": domain, "keeper": "", "signal": "token", "value": "", "weight": 0.5}
        for domain in domains
    ]
    table = TABLES["mailbox_evidence"]
    run.warehouse.write_parquet(
        run.inferred(table), pa.Table.from_pylist(rows, schema=table.schema)
    )
    path = tmp_path / "out.csv"
    assert export_file(run, table.name, Form.CSV, path, force=False) == len(domains)
    with path.open(encoding="utf-8", newline="") as file:
        assert [row["domain"] for row in csv.DictReader(file)] == domains
    assert path.read_bytes().endswith(b'"\xc3\xbc","","token","",0.5\n')


def test_a_part_that_lacks_a_column_has_nulls_there(tmp_path: Path) -> None:
    run, table = run_in(tmp_path), TABLES["providers"]
    old = pa.Table.from_pylist(
        [{"domain": "example.com"}], schema=pa.schema([("domain", "string")])
    )
    run.warehouse.write_parquet(run.inferred(table), old)
    path = tmp_path / "out.jsonl"
    assert export_file(run, table.name, Form.JSONL, path, force=False) == 1
    row = json.loads(path.read_text())
    assert list(row) == table.schema.names
    assert {name for name, value in row.items() if value is not None} == {"domain"}


def test_a_table_kept_across_runs_lies_beside_them(tmp_path: Path) -> None:
    run, table = run_in(tmp_path), LISTINGS
    row = ("bad.example", "list", 20_000, 20_000, 20_001, True, True, False, None, None)
    batch = pa.Table.from_batches([table.batch([row])])
    run.warehouse.write_parquet(f"{run.warehouse.root}/_listings/list.parquet", batch)
    path = tmp_path / "out.csv"
    assert export_file(run, table.name, Form.CSV, path, force=False) == 1
    with path.open(encoding="utf-8", newline="") as file:
        (read,) = csv.DictReader(file)
    assert (read["domain"], read["last_listed"]) == ("bad.example", "2024-10-05")


@pytest.mark.parametrize(
    ("table", "path", "said"),
    [
        ("domain", "out.csv", "no table 'domain'; there are: domains, "),
        ("changes", "out.csv", "run 'night' has no table 'changes' yet: it comes from diff"),
        ("policies", "out.csv", "run 'night' has no table 'policies': its plan is mail"),
        ("domains", "/nowhere/at/all.csv", "no folder /nowhere/at"),
        ("domains", "/dev/null", "/dev/null is not a file"),
    ],
)
def test_wrong_use(census: Census, tmp_path: Path, table: str, path: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        export_file(_run(census), table, Form.CSV, tmp_path / path, force=True)
    assert not list(tmp_path.iterdir())


def test_wrong_use_is_one_line(census: Census) -> None:
    done = mailcensus("export", census.warehouse, census.run, "changes")
    said = "mailcensus: run 'night' has no table 'changes' yet: it comes from diff\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_a_file_is_overwritten_only_by_force(census: Census, tmp_path: Path) -> None:
    path = tmp_path / "coverage.csv"
    path.write_text("mine")
    words = ("export", census.warehouse, census.run, "coverage", "--out", path)
    done = mailcensus(*words)
    assert done.returncode == 2
    assert "is there already: --force overwrites it" in done.stderr
    assert path.read_text() == "mine"
    done = mailcensus(*words, "--force")
    assert (done.returncode, done.stdout) == (0, "")
    assert path.read_text() == mailcensus("export", *words[1:4]).stdout
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there(census: Census, tmp_path: Path) -> None:
    """The part is cut in the middle: the file of yesterday stays, and nothing beside it."""
    run, path = run_in(tmp_path), tmp_path / "out.csv"
    path.write_text("yesterday")
    whole = census.warehouse / "providers" / f"run={census.run}" / "part-0.parquet"
    part = Path(run.inferred(TABLES["providers"]))
    part.parent.mkdir(parents=True)
    part.write_bytes(whole.read_bytes()[:-9])
    with pytest.raises(DamagedError, match="is damaged"):
        export_file(run, "providers", Form.CSV, path, force=True)
    assert path.read_text() == "yesterday"
    assert not list(tmp_path.glob(".*"))


def test_a_reader_that_has_seen_enough_is_no_error(census: Census) -> None:
    command = f"{PROGRAM} export {census.warehouse} {census.run} domains --format jsonl"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["domain"]


def test_a_damaged_part_is_one_line(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    run.warehouse.write(run.record, b"{}")
    run.warehouse.write(run.inferred(TABLES["providers"]), b"no Parquet")
    done = mailcensus("export", tmp_path / "warehouse", run.id, "providers")
    assert done.returncode == Exit.WRONG_USE
    assert "part-0.parquet is damaged" in done.stderr
    assert done.stderr.endswith("`mailcensus infer` writes it anew\n")
    assert len(done.stderr.splitlines()) == 1


def test_a_crash_is_told_from_a_complete_run(tmp_path: Path) -> None:
    """What nobody foresaw, here texts where numbers should be: a traceback, and status 5."""
    run = run_in(tmp_path)
    run.warehouse.write(run.record, b"{}")
    texts = pa.table({name: ["many"] for name in TABLES["spf_trust"].schema.names})
    run.warehouse.write_parquet(run.inferred(TABLES["spf_trust"]), texts)
    done = mailcensus("export", tmp_path / "warehouse", run.id, "spf_trust")
    assert done.returncode == Exit.CRASHED
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("tell us, repeat the command\n")
