"""Rows to Parquet: buffered by table, committed together.

`add` is synchronous and takes rows that belong together; `commit` writes everything added so
far into one part a table and then the journal entry. Rows are turned into Arrow columns early,
because Python objects are many times larger.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from pipeline.footprint import give_back
from pipeline.journal import Commit, Journal, Part
from schemas import CRAWLED
from schemas.bug import bug_row
from schemas.table import Table

_LOG = logging.getLogger(__name__)
_BATCH_ROWS = 2048
_TABLE_OF: dict[type, Table] = {table.record: table for table in CRAWLED}


class Sink:
    """One worker's way into the warehouse."""

    def __init__(self, journal: Journal, worker: int = 0) -> None:
        self._journal = journal
        self._worker = worker
        self._number = journal.next_number(worker)
        self._rows: dict[Table, list[tuple[Any, ...]]] = {}
        self._batches: dict[Table, list[pa.RecordBatch]] = {}
        self._counts: Counter[str] = Counter()
        self._committing = asyncio.Lock()
        self._failure: OSError | None = None
        self.pending = 0
        """Rows added since the last commit."""
        self.total: Counter[str] = Counter()
        """All that was counted."""

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Take rows that shall become visible together."""
        for row in rows:
            table = _TABLE_OF[type(row)]
            waiting = self._rows.setdefault(table, [])
            waiting.append(row)
            self.pending += 1
            if len(waiting) >= _BATCH_ROWS:
                self._pack(table)

    def count(self, name: str) -> None:
        """Add one to a count that is committed with the rows."""
        self._counts[name] += 1
        self.total[name] += 1

    async def commit(self) -> None:
        """Write what was added so far; on return it survives a power cut.

        After an OSError nothing is ever committed again: rows that rest on those lost with it
        (a server on its certificates) must not outlive them.
        """
        async with self._committing:
            if self._failure:
                raise self._failure
            for table in list(self._rows):
                self._pack(table)
            batches, self._batches = self._batches, {}
            counts, self._counts = self._counts, Counter()
            self.pending = 0
            if not batches and not counts:
                return
            # Arrow lets go of the interpreter lock while it encodes and writes.
            try:
                await asyncio.to_thread(self._write, batches, dict(counts))
            except OSError as failure:
                self._failure = failure
                raise

    def _pack(self, table: Table) -> None:
        rows = self._rows.pop(table, None)
        if not rows:
            return
        try:
            batch = table.batch(rows)
        except (ValueError, TypeError, OverflowError):
            batch = table.batch([self._sound(table, row) for row in rows])
        self._batches.setdefault(table, []).append(batch)

    def _sound(self, table: Table, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The row, or if it does not fit its own schema (a bug of ours) one that says so."""
        try:
            table.batch([row])
        except (ValueError, TypeError, OverflowError):
            _LOG.exception("bug: row does not fit table %s: %r", table.name, row)
            self.count("bugs")
            return bug_row(table, {column: getattr(row, column) for column in table.key})
        return row

    def _write(self, batches: dict[Table, list[pa.RecordBatch]], counts: dict[str, int]) -> None:
        parts = tuple(self._part(table, columns) for table, columns in batches.items())
        self._journal.write(Commit(self._worker, self._number, parts, counts))
        self._number += 1
        give_back()

    def _part(self, table: Table, batches: list[pa.RecordBatch]) -> Part:
        run = self._journal.run
        file = f"part-{self._worker}-{self._number:06d}.parquet"
        columns = pa.Table.from_batches(batches, table.schema)
        written = run.warehouse.write_parquet(f"{run.table(table)}/{file}", columns)
        return Part(table.name, file, columns.num_rows, *written)
