"""`export`: a table of a run as CSV or JSON lines, a batch of rows in memory at a time.

What neither format has becomes text: moments and days as ISO 8601 (UTC), bytes as hex, and in CSV
lists and structs as JSON. In CSV a null is an empty cell and an empty text two quotes.
"""

import datetime as dt
import enum
import io
import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipeline import damage
from pipeline.errors import ConfigError
from pipeline.journal import Journal
from pipeline.provenance import command
from pipeline.record import Record
from pipeline.warehouse import Run
from schemas import CRAWLED, KEPT, TABLES
from schemas.table import Table

_BATCH = 4096
"""Rows: those with certificates are several KB each as Python objects."""


class Form(enum.StrEnum):
    """What is written."""

    CSV = "csv"
    JSONL = "jsonl"


def export_table(run: Run, name: str, form: Form, out: BinaryIO) -> int:
    """Write a table of a run; how many rows. ConfigError if there is no such table in the run."""
    table = _table(name)
    batches = _batches(run, _parts(run, table), table)
    return _csv(table, batches, out) if form is Form.CSV else _json_lines(batches, out)


def export_file(run: Run, name: str, form: Form, path: Path, *, force: bool) -> int:
    """The same into a file, which is there whole or not at all.

    ConfigError if it is there already, unless forced; what is no plain file is never replaced.
    """
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"no folder {path.parent} to write {path.name} into")
    if path.exists() and not path.is_file():
        raise ConfigError(f"{path} is not a file")
    if path.exists() and not force:
        raise ConfigError(f"{path} is there already: --force overwrites it")
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            rows = export_table(run, name, form, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return rows


def _table(name: str) -> Table:
    if name not in TABLES:
        raise ConfigError(f"no table {name!r}; there are: {', '.join(TABLES)}")
    return TABLES[name]


def _parts(run: Run, table: Table) -> list[str]:
    """Paths of what is committed or inferred of it; none if the crawl found no rows for it."""
    if table in CRAWLED:
        _check_plan(run, table)
        return Journal.load(run).parts(table)
    kept = f"{run.warehouse.root}/_{table.name}"
    folder = kept if table in KEPT else run.table(table)
    parts = [path for path in run.warehouse.files(folder) if path.endswith(".parquet")]
    if not parts:
        makes = command(table)
        raise ConfigError(f"run {run.id!r} has no table {table.name!r} yet: it comes from {makes}")
    return parts


def _check_plan(run: Run, table: Table) -> None:
    record = Record.load(run)
    if record and table not in record.tables_filled:
        why = f"its plan is {record.plan}"
        if table in record.plan.tables:
            why = "it fetched no MTA-STS policies"
        raise ConfigError(f"run {run.id!r} has no table {table.name!r}: {why}")


def _batches(run: Run, parts: list[str], table: Table) -> Iterator[pa.RecordBatch]:
    """Rows of all parts, in the columns that the table has today; null where a part has none.

    DamagedError for a part that cannot be read.
    """
    for part in parts:
        with run.warehouse.filesystem.open_input_file(part) as source:
            try:
                for batch in pq.ParquetFile(source).iter_batches(batch_size=_BATCH):
                    yield _as_today(batch, table)
            except (pa.ArrowException, OSError) as error:
                raise damage.said(part, error) from error


def _as_today(batch: pa.RecordBatch, table: Table) -> pa.RecordBatch:
    names = set(batch.schema.names)
    columns = [
        batch[field.name] if field.name in names else pa.nulls(batch.num_rows, field.type)
        for field in table.schema
    ]
    return pa.record_batch(columns, names=table.schema.names)


def _csv(table: Table, batches: Iterator[pa.RecordBatch], out: BinaryIO) -> int:
    schema = pa.schema(
        [field if _is_flat(field.type) else pa.field(field.name, pa.string())
         for field in table.schema]
    )  # fmt: skip
    rows = 0
    with pa_csv.CSVWriter(_Unclosed(out), schema) as writer:
        for batch in batches:
            columns = [
                column if _is_flat(field.type) else _texts(column)
                for field, column in zip(table.schema, batch.columns, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            rows += batch.num_rows
    return rows


def _json_lines(batches: Iterator[pa.RecordBatch], out: BinaryIO) -> int:
    rows = 0
    for batch in batches:
        out.write("".join(f"{_json(row)}\n" for row in batch.to_pylist()).encode())
        rows += batch.num_rows
    return rows


def _is_flat(kind: pa.DataType) -> bool:
    """Whether Arrow writes it into a cell as we want it."""
    types = pa.types
    return bool(
        types.is_string(kind) or types.is_integer(kind) or types.is_floating(kind)
        or types.is_boolean(kind) or types.is_date(kind)
    )  # fmt: skip


def _texts(column: pa.Array) -> pa.Array:
    nested = pa.types.is_nested(column.type)
    text = _json if nested else _plain
    values = [None if value is None else str(text(value)) for value in column.to_pylist()]
    return pa.array(values, pa.string())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str | int:
    """What JSON has no word for."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dt.datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):  # whole numbers beyond 64 bits
        return int(value)
    raise TypeError(f"{type(value).__name__} has no text")


class _Unclosed(io.RawIOBase):
    """Passes on what is written, but not that it is closed: the stream is somebody else's."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        return self._stream.write(memoryview(data))  # type: ignore[arg-type]
