"""First-seen days beside the runs, and which run is the one before."""

import datetime as dt
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from pipeline.errors import DamagedError
from pipeline.features import run_before
from pipeline.infer import backend
from pipeline.record import Record, new_record
from pipeline.seen import first_seen, note, path
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse
from schemas import SNOWSHOE
from stages.seeds.collect import Tally

FIRST, SECOND, THIRD = (dt.date(2026, 11, day) for day in (1, 2, 3))


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse.at(str(tmp_path))


def noted(warehouse: Warehouse, day: dt.date, *names: str) -> dict[str, dt.date]:
    """Note a run; all that is known then."""
    with backend() as connection:
        note(warehouse, connection, ibis.memtable(pa.table({"domain": names})), day)
        rows = first_seen(warehouse, connection).to_pyarrow().to_pylist()
    return {row["domain"]: row["first_seen"] for row in rows}


def test_the_earliest_day_stays_in_whatever_order_runs_come(warehouse: Warehouse) -> None:
    assert noted(warehouse, SECOND, "a", "b") == {"a": SECOND, "b": SECOND}
    assert noted(warehouse, THIRD, "b", "c") == {"a": SECOND, "b": SECOND, "c": THIRD}
    assert noted(warehouse, FIRST, "c") == {"a": SECOND, "b": SECOND, "c": FIRST}


def test_a_run_noted_again_changes_nothing_not_even_the_file(warehouse: Warehouse) -> None:
    noted(warehouse, FIRST, "a", "b")
    before = Path(path(warehouse)).stat().st_mtime_ns
    assert noted(warehouse, SECOND, "a") == noted(warehouse, FIRST, "b", "a")
    assert Path(path(warehouse)).stat().st_mtime_ns == before


def test_two_at_once_lose_nothing(warehouse: Warehouse) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: noted(warehouse, SECOND, f"d{n}", "both"), range(8)))
    assert noted(warehouse, SECOND, "both").keys() == {"both", *(f"d{n}" for n in range(8))}


def test_damage_is_told(warehouse: Warehouse) -> None:
    noted(warehouse, FIRST, "a")
    Path(path(warehouse)).write_bytes(b"PAR1 and no more")
    with pytest.raises(DamagedError, match=r"seen\.parquet is damaged: move it away"):
        noted(warehouse, FIRST, "b")


def begun(warehouse: Warehouse, run: str, began: float, *, inferred: bool = True) -> Record:
    """A run, perhaps with features."""
    found = warehouse.run(run)
    made = new_record(found, Settings(), [], Tally(0, 0, 0, {}), "", [])
    made = replace(made, began=began)
    made.save(found)
    if inferred:
        warehouse.write_parquet(found.inferred(SNOWSHOE), SNOWSHOE.schema.empty_table())
    return made


def test_the_run_before_is_that_of_the_latest_earlier_day(warehouse: Warehouse) -> None:
    for run, began in (("2026-11-02", 9), ("2026-11-01", 10), ("2026-11-04", 1)):
        begun(warehouse, run, began)
    begun(warehouse, "2026-11-03", 11, inferred=False)
    now = begun(warehouse, "2026-11-03b", dt.datetime(2026, 11, 3, tzinfo=dt.UTC).timestamp())
    before = run_before(warehouse.run(now.run), now)
    assert before is not None
    assert before.id == "2026-11-02"
    shutil.rmtree(Path(before.table(SNOWSHOE)))
    before = run_before(warehouse.run(now.run), now)
    assert before is not None
    assert before.id == "2026-11-01"
    oldest = begun(warehouse, "2026-11-01", 10)
    assert run_before(warehouse.run(oldest.run), oldest) is None
