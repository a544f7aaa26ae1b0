"""Rows of a run by key at once: where each lies is known beforehand.

A pass over the key columns alone tells for each key its part and its row there, kept as two
arrays of 64 bits a row, sorted by the key's hash. A look-up reads one row group of one part.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

import duckdb
import numpy as np
import numpy.typing as npt

from pipeline.rows import Rows
from pipeline.warehouse import Run
from schemas import (
    ADDRESSES,
    CERTIFICATES,
    DOMAINS,
    ESPS,
    HOSTS,
    MAIL_POLICIES,
    MAILBOX_EVIDENCE,
    MX,
    MX_PROVIDERS,
    POLICIES,
    PROVIDERS,
    SMTP,
    SPF,
    SPF_TRUST,
)
from schemas.reading import records
from schemas.table import Table

R = TypeVar("R", bound=tuple[object, ...])

LOOKED_UP = (
    DOMAINS, HOSTS, SPF, MX, ADDRESSES, SMTP, CERTIFICATES, POLICIES, MAIL_POLICIES,
    MX_PROVIDERS, MAILBOX_EVIDENCE, SPF_TRUST, ESPS, PROVIDERS,
)  # fmt: skip
"""Tables of which a page wants single rows, by their first key column."""

_PART_BITS = 32
_NEAR = 20_000
"""Rows that are as soon read at once as one by one: a question costs 6 ms before it reads any."""


class Places(NamedTuple):
    """Where the rows of a table lie, by the hash of their key."""

    paths: list[str]
    hashes: npt.NDArray[np.uint64]
    """Sorted; a key that has many rows is there as many times."""
    rows: npt.NDArray[np.int64]
    """Number of the part, times 2^32, plus number of the row in it."""

    def of(self, digest: int) -> Iterator[tuple[str, int, int]]:
        """Parts that may have rows of a key, the first and the last; others may share the hash."""
        at = np.uint64(digest)
        first, last = (np.searchsorted(self.hashes, at, side) for side in ("left", "right"))
        found: dict[int, list[int]] = {}
        for place in self.rows[first:last].tolist():
            part, row = divmod(place, 1 << _PART_BITS)
            found.setdefault(part, []).append(row)
        for part, rows in found.items():
            yield self.paths[part], min(rows), max(rows)


class Span(NamedTuple):
    """Rows of a part among which some keys are."""

    path: str
    first: int
    last: int
    keys: list[str]


def places(connection: duckdb.DuckDBPyConnection, table: Table, paths: list[str]) -> Places:
    """Look through the key column of a table's parts."""
    if not paths:
        return Places([], np.empty(0, np.uint64), np.empty(0, np.int64))
    query = f"""
        SELECT hash({table.key[0]}) AS digest,
               (file_index::BIGINT << {_PART_BITS}) + file_row_number AS place
        FROM read_parquet($1, file_row_number = true) ORDER BY digest
    """  # noqa: S608 - the column is of our own schema
    found = connection.execute(query, [paths]).fetchnumpy()
    return Places(paths, np.asarray(found["digest"]), np.asarray(found["place"]))


class IndexedRows(Rows):
    """Rows by key through the places of the tables that have them; shares a connection."""

    def __init__(
        self, run: Run, parts: Mapping[Table, list[str]], index: Mapping[Table, Places],
        connection: duckdb.DuckDBPyConnection,
    ) -> None:  # fmt: skip
        self.run = run
        self._parts = parts
        self._index = index
        self._connection = connection

    def rows(self, table: Table, record: type[R], column: str, keys: Iterable[str]) -> list[R]:
        """Rows whose column is one of the keys."""
        if table not in self._index or column != table.key[0]:
            return super().rows(table, record, column, keys)
        query = f"""
            SELECT * EXCLUDE (file_row_number) FROM read_parquet($1, file_row_number = true)
            WHERE file_row_number BETWEEN $2 AND $3 AND list_contains($4, {column})
        """  # noqa: S608 - the column is of our own schema
        found: list[R] = []
        for span in self._spans(self._index[table], keys):
            answer = self._connection.execute(query, [*span])
            found += records(record, answer.to_arrow_table())
        return found

    def _spans(self, places: Places, keys: Iterable[str]) -> list[Span]:
        """Where to look for which keys; those that lie near each other are looked for at once."""
        all_of_them = sorted(
            (path, first, last, key)
            for key, digest in self._digests(keys)
            for path, first, last in places.of(digest)
        )
        spans: list[Span] = []
        for path, first, last, key in all_of_them:
            before = spans[-1] if spans else None
            if before and before.path == path and max(last, before.last) - before.first < _NEAR:
                spans[-1] = Span(path, before.first, max(last, before.last), [*before.keys, key])
            else:
                spans.append(Span(path, first, last, [key]))
        return spans

    def _digests(self, keys: Iterable[str]) -> list[tuple[str, int]]:
        query = "SELECT key, hash(key) FROM (SELECT unnest($1::VARCHAR[]) AS key)"
        return self._connection.execute(query, [list(keys)]).fetchall()
