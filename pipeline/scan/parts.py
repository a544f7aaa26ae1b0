"""Parts of a table written one after another, each of bounded size, none of them committed."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import pyarrow as pa

from pipeline.journal import Part
from pipeline.warehouse import Run
from schemas.table import Table

_BATCH_ROWS = 2048
_PART_ROWS = 64 * _BATCH_ROWS


def write_parts(run: Run, table: Table, rows: Iterable[tuple[Any, ...]]) -> Iterator[Part]:
    """Write all rows; what comes out, a journal entry can name. One batch is in memory."""
    batches = _batches(table, iter(rows))
    for number, first in enumerate(batches, start=1):
        rest = islice(batches, _PART_ROWS // _BATCH_ROWS - 1)
        yield _part(run, table, f"part-0-{number:06d}.parquet", chain((first,), rest))


def _batches(table: Table, rows: Iterator[tuple[Any, ...]]) -> Iterator[pa.RecordBatch]:
    while chunk := list(islice(rows, _BATCH_ROWS)):
        yield table.batch(chunk)


def _part(run: Run, table: Table, file: str, batches: Iterable[pa.RecordBatch]) -> Part:
    rows = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal rows
        for batch in batches:
            rows += batch.num_rows
            yield batch

    written = run.warehouse.write_batches(f"{run.table(table)}/{file}", table.schema, counted())
    return Part(table.name, file, rows, *written)
