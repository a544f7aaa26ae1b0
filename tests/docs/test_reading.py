"""What docs/reading.md shows over all runs, and that newer columns are null in older runs."""

import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.docs.conftest import Demo
from tests.docs.recipes import ENGINES, FENCED, PAGE, WAREHOUSE, Answer, answer

TEXT = PAGE.with_name("reading.md").read_text(encoding="utf-8")
BLOCKS = dict(FENCED.findall(TEXT.partition("## Many runs")[2].partition("\n## ")[0]))


@pytest.fixture(scope="module")
def warehouse(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs: one named like a date that lacks a column, one not."""
    place = tmp_path_factory.mktemp("reading")
    for run, name in ((demo.run, "zz"), (demo.earlier, "2026-11-21")):
        shutil.copytree(
            demo.warehouse / "providers" / f"run={run}", place / "providers" / f"run={name}"
        )
    part = place / "providers" / "run=2026-11-21" / "part-0.parquet"
    pq.write_table(pq.read_table(part, partitioning=None).drop_columns(["rules_version"]), part)
    return place


def test_programs_agree_on_runs_and_take_their_ids_for_text(warehouse: Path) -> None:
    assert tuple(BLOCKS) == ENGINES
    answers = {
        engine: answer(engine, "", code.replace(WAREHOUSE, str(warehouse)), warehouse)
        for engine, code in BLOCKS.items()
    }
    rows = {
        name: pq.read_metadata(warehouse / "providers" / f"run={name}" / "part-0.parquet").num_rows
        for name in ("2026-11-21", "zz")
    }
    assert len(set(rows.values())) == 2
    for each in answers.values():
        assert each == Answer(("run", "domains"), list(rows.items()))


def test_a_column_that_older_runs_lack_is_null_there(warehouse: Path) -> None:
    code = re.sub(r"SELECT.*\n", "SELECT run, count(rules_version) > 0 AS has\n", BLOCKS["sql"])
    found = answer("sql", "", code.replace(WAREHOUSE, str(warehouse)), warehouse)
    assert found.rows == [("2026-11-21", False), ("zz", True)]
