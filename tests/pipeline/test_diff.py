"""`diff` between two runs of one warehouse."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.pipeline.command import mailcensus
from tests.pipeline.conftest import Census

Row = dict[str, Any]


def test_diff_of_two_runs(census: Census, tmp_path: Path) -> None:
    """A second run made of the first, in which a tenth of the domains went to one company."""
    warehouse = _twice(census, tmp_path)
    same = mailcensus("diff", warehouse, census.run, "later")
    assert "nothing differs" in same.stdout
    assert "left out" not in same.stdout
    assert _changed(warehouse) == []
    moved = _edit(warehouse, "providers", "operator_id", _mover)
    wider = _edit(warehouse, "spf_trust", "ipv4", lambda row: {"ipv4": row["ipv4"] + 256})
    weaker = _edit(warehouse, "mail_policies", "policy", lambda _: {"policy": None})
    done = mailcensus("diff", warehouse, census.run, "later")
    assert done.returncode == 0, done.stderr
    rows = _changed(warehouse)
    by_kind = {kind: {row["domain"] for row in rows if row["kind"] == kind} for kind in _KINDS}
    assert by_kind["operator"] == moved
    assert by_kind["spf_ipv4"] == wider
    assert by_kind["dmarc"] == weaker
    movers = [row for row in rows if row["kind"] == "operator"]
    assert {row["now"]["value"] for row in movers} == {"Mover"}
    assert {row["doubt"] for row in movers} == {"same_exchanges"}
    assert all(row["then"]["evidence"] for row in movers if row["then"]["source"])
    assert {row["more"] for row in rows if row["kind"] == "spf_ipv4"} == {256}
    movements = pq.read_table(warehouse / "movements" / "run=later").to_pylist()
    assert sum(row["domains"] for row in movements) == len(moved)
    assert {row["provider_now"] for row in movements} == {"Mover"}
    assert "Mover" in done.stdout


def test_a_run_that_lacks_tables_is_compared_in_the_others(census: Census, tmp_path: Path) -> None:
    warehouse = _twice(census, tmp_path)
    shutil.rmtree(warehouse / "mail_policies" / f"run={census.run}")
    shutil.rmtree(warehouse / "smtp" / "run=later")
    done = mailcensus("diff", warehouse, census.run, "later")
    assert done.returncode == 0, done.stderr
    assert "DMARC: left out, the earlier run lacks mail_policies" in done.stdout
    assert "certificates: left out, the later run lacks hosts, smtp, certificates" in done.stdout
    assert "part-0-000001.parquet is damaged (it is gone)" in done.stdout
    assert "SPF" not in done.stdout


_KINDS = ("operator", "spf_ipv4", "dmarc")


def _twice(census: Census, tmp_path: Path) -> Path:
    """A warehouse with the census and the same as another run."""
    warehouse = tmp_path / "warehouse"
    shutil.copytree(census.warehouse, warehouse)
    for run in (*warehouse.glob(f"*/run={census.run}"), warehouse / "_runs" / census.run):
        shutil.copytree(run, run.with_name(run.name.replace(census.run, "later")))
    return warehouse


def _changed(warehouse: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(warehouse / "changes" / "run=later").to_pylist()
    return rows


def _mover(_: Row) -> Row:
    return {"operator_id": "mover.net", "operator_company": "Mover"}


def _edit(warehouse: Path, table: str, needs: str, edit: Callable[[Row], Row]) -> set[str]:
    """Edit every tenth row of the later run that has a value in a column; their domains."""
    path = warehouse / table / "run=later" / "part-0.parquet"
    rows = sorted(pq.read_table(path, partitioning=None).to_pylist(), key=lambda r: r["domain"])
    some = [row for row in rows if row[needs]][::10]
    for row in some:
        row.update(edit(row))
    _write(path, rows)
    return {row["domain"] for row in some}


def _write(path: Path, rows: list[Row]) -> None:
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)


def test_a_run_and_itself_or_an_earlier_one(census: Census, tmp_path: Path) -> None:
    """Nothing is written of a run and itself; two the wrong way round are remarked upon."""
    warehouse = _twice(census, tmp_path)
    itself = mailcensus("diff", warehouse, "later", "later")
    assert (itself.returncode, itself.stderr.count("\n")) == (2, 1)
    assert "compared with itself" in itself.stderr
    assert not (warehouse / "changes").exists()
    record = warehouse / "_runs" / "later" / "run.json"
    kept = json.loads(record.read_text())
    record.write_text(json.dumps(kept | {"began": kept["began"] + 86400 * 3}))
    turned = mailcensus("diff", warehouse, "later", census.run)
    assert turned.returncode == 0, turned.stderr
    assert f"later is later than {census.run}" in turned.stdout


def test_a_run_without_inference_is_one_clear_line(census: Census, tmp_path: Path) -> None:
    runs = tmp_path / "_runs" / census.run
    shutil.copytree(census.warehouse / "_runs" / census.run, runs)
    done = mailcensus("diff", tmp_path, census.run, census.run)
    assert done.returncode == 2
    assert "has not been inferred" in done.stderr
