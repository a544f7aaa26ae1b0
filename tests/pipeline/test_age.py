"""Runs that an earlier version crawled."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.age import check_age, missing
from pipeline.errors import ConfigError
from pipeline.journal import Journal
from pipeline.warehouse import Warehouse
from schemas import CRAWLED, DOMAINS
from tests.pipeline.conftest import RUN, Census

POINT = pa.struct([("x", pa.int64()), ("y", pa.int64())])
LINE = pa.struct([("x", pa.int64())])


@pytest.mark.parametrize(
    ("found", "wanted", "lacking"),
    [
        (POINT, POINT, []),
        (POINT, LINE, []),  # more than is known: a later version's
        (LINE, POINT, ["y"]),
        (pa.struct([]), POINT, ["x", "y"]),
        (pa.struct([("at", LINE)]), pa.struct([("at", POINT)]), ["at.y"]),
        (pa.struct([("at", pa.list_(LINE))]), pa.struct([("at", pa.list_(POINT))]), ["at.y"]),
    ],
)
def test_what_a_type_lacks(found: pa.DataType, wanted: pa.DataType, lacking: list[str]) -> None:
    assert list(missing(found, wanted)) == lacking


def test_every_table_lacks_nothing_of_itself() -> None:
    for table in CRAWLED:
        whole = pa.struct(list(table.schema))
        assert list(missing(whole, whole)) == []


def test_a_run_without_a_column_of_today_is_told_in_one_line(
    census: Census, tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse"
    shutil.copytree(census.warehouse, warehouse)
    journal = Journal.load(Warehouse.at(str(warehouse)).run(RUN))
    check_age(journal)
    for part in journal.parts(DOMAINS):
        pq.write_table(pq.ParquetFile(part).read().drop_columns(["dmarc_above", "txt"]), part)
    with pytest.raises(ConfigError, match="table domains lacks dmarc_above and 1 more; crawl anew"):
        check_age(journal)
