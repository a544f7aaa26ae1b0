"""Warehouses of made-up nights: features and listings, without a crawl."""

import datetime as dt
from pathlib import Path

import pyarrow as pa

from pipeline.record import Record
from pipeline.warehouse import Warehouse
from schemas.snowshoe import SNOWSHOE
from schemas.table import SCHEMA_VERSION
from stages.seeds.collect import Tally
from tests.stages.inference.snowshoe.fabric import DAY, Fabric, listings, night

EPOCH = dt.date(1970, 1, 1)


def run_of(number: int) -> str:
    """The run of a night."""
    return (EPOCH + dt.timedelta(DAY + number)).isoformat()


SEEN = 40
"""Night of the last import of the list."""


def shelve(where: Path, of: Fabric, nights: range, scope: str = "public") -> Warehouse:
    """Nights, and what a list said."""
    warehouse = Warehouse.at(str(where))
    for number in nights:
        put_night(warehouse, number, night(of, number), scope)
    said = listings(of, DAY + SEEN)
    warehouse.write_parquet(f"{warehouse.root}/_listings/list.parquet", said)
    return warehouse


def put_night(warehouse: Warehouse, number: int, rows: pa.Table, scope: str = "public") -> None:
    """One run."""
    run = warehouse.run(run_of(number))
    Record(
        run=run.id, began=0.0, schema_version=SCHEMA_VERSION, settings={"scope": scope},
        all_settings={}, sources=[], tally=Tally(0, 0, 0, {}),
        seeds_digest="", tables=[], versions={},
    ).save(run)  # fmt: skip
    warehouse.write_parquet(run.inferred(SNOWSHOE), rows)
