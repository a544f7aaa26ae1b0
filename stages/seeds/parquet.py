"""Seed lists as Parquet: a column of names and perhaps one of ranks, called as in a CSV header."""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from stages.seeds.entry import Entry, Reason, Reject, SeedError
from stages.seeds.layout import NAME_COLUMNS, RANK_COLUMNS, column, host


def rows(file: BinaryIO, list_name: str) -> Iterator[Entry | Reject]:
    """The entries of the file, null names left out; lines are row numbers from 1.

    Raises SeedError if no column has names, pa.ArrowException if the file is damaged.
    """
    parquet = pq.ParquetFile(file)
    columns: list[str] = parquet.schema_arrow.names
    lower = [name.lower() for name in columns]
    name, rank = column(lower, NAME_COLUMNS), column(lower, RANK_COLUMNS)
    if name is None:
        raise SeedError(f"no column is called {' or '.join(NAME_COLUMNS)}")
    wanted = [columns[index] for index in (name, rank) if index is not None]
    line = 0
    for batch in parquet.iter_batches(columns=wanted):
        names = batch[columns[name]].cast(pa.string()).to_pylist()
        ranks: list[int | None] = [None] * len(names)
        if rank is not None:
            ranks = batch[columns[rank]].cast(pa.int64()).to_pylist()
        for line, (text, place) in enumerate(zip(names, ranks, strict=True), start=line + 1):  # noqa: B020
            if text is None:
                continue
            if place is None or place > 0:
                yield Entry(line, text, host(text.strip()), place)
            else:
                yield Reject.of(list_name, line, Reason.BAD_RANK, f"{place},{text}")
