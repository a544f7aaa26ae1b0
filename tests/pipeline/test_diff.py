"""`diff` between two runs of one warehouse."""

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.pipeline.command import mailcensus
from tests.pipeline.conftest import Census


def test_diff_of_two_runs(census: Census, tmp_path: Path) -> None:
    """A second run made of the first, in which a tenth of the domains went to one company."""
    warehouse = tmp_path / "warehouse"
    for table in ("providers", "mx_providers", "_runs"):
        run = census.run if table == "_runs" else f"run={census.run}"
        shutil.copytree(census.warehouse / table / run, warehouse / table / run)
        shutil.copytree(
            census.warehouse / table / run, warehouse / table / run.replace(census.run, "later")
        )
    assert "0" in mailcensus("diff", warehouse, census.run, "later").stdout
    assert _changed(warehouse) == []
    moved = _move_some(warehouse / "providers" / "run=later" / "part-0.parquet")
    done = mailcensus("diff", warehouse, census.run, "later")
    assert done.returncode == 0, done.stderr
    changed = {row["domain"]: row for row in _changed(warehouse)}
    assert changed.keys() == moved
    assert {row["now"]["operator_company"] for row in changed.values()} == {"Mover"}
    assert {row["doubt"] for row in changed.values() if row["change"] == "moved"} == {
        "same_exchanges"
    }
    movements = pq.read_table(warehouse / "movements" / "run=later").to_pylist()
    assert sum(row["domains"] for row in movements) == len(moved)
    assert {row["provider_now"] for row in movements} == {"Mover"}
    assert "Mover" in done.stdout


def _changed(warehouse: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(warehouse / "changes" / "run=later").to_pylist()
    return rows


def _move_some(path: Path) -> set[str]:
    schema = pq.read_schema(path)
    rows = pq.read_table(path).to_pylist()
    labelled = [row for row in rows if row["operator_id"]][::10]
    for row in labelled:
        row |= {"operator_id": "mover.net", "operator_company": "Mover"}
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return {row["domain"] for row in labelled}


def test_a_run_without_inference_is_one_clear_line(census: Census, tmp_path: Path) -> None:
    runs = tmp_path / "_runs" / census.run
    shutil.copytree(census.warehouse / "_runs" / census.run, runs)
    done = mailcensus("diff", tmp_path, census.run, census.run)
    assert done.returncode == 2
    assert "has not been inferred" in done.stderr
