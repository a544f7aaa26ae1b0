"""Two small runs, given by a few columns of a few tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa

from schemas import TABLES
from schemas.changes import CHANGES
from stages.inference.changes.changes import changes
from stages.inference.changes.sides import Census, Runs

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by table; each of a table has the columns of its first."""


def runs(then: Rows, now: Rows) -> Runs:
    """The two runs."""
    return Runs("before", _census(then), _census(now))


def found(then: Rows, now: Rows) -> list[dict[str, Any]]:
    """The rows of `changes`, checked against its schema."""
    return list(_found(runs(then, now)))


def _found(both: Runs) -> Iterator[dict[str, Any]]:
    for _, rows in changes(both):
        yield from rows.to_pyarrow().cast(CHANGES.schema).to_pylist()


def _census(rows: Rows) -> Census:
    return {name: _table(name, some) for name, some in rows.items()}


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> ibis.Table:
    fields = [TABLES[name].schema.field(column) for column in rows[0]]
    return ibis.memtable(pa.Table.from_pylist(list(map(dict, rows)), schema=pa.schema(fields)))
