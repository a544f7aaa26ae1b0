"""Rows of a run by key, for the few that somebody asks for."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import duckdb

from pipeline.age import check_age
from pipeline.journal import Journal
from pipeline.warehouse import Run
from schemas import CRAWLED, INFERRED
from schemas.reading import records
from schemas.table import Table

R = TypeVar("R", bound=tuple[Any, ...])

_ALIKE = 0.85
"""Jaro-Winkler similarity from which on a name is taken for a slip of the pen."""


def parts(run: Run) -> dict[Table, list[str]]:
    """Paths of each table's parts: the committed ones, and those that inference has written.

    ConfigError for a run that an earlier version crawled.
    """
    journal = Journal.load(run)
    check_age(journal)
    found = {table: journal.parts(table) for table in CRAWLED}
    for table in INFERRED:
        files = run.warehouse.files(run.table(table))
        found[table] = [path for path in files if path.endswith(".parquet")]
    return found


class Rows:
    """Committed rows, and those that inference has written; to be closed.

    ConfigError for a run that an earlier version crawled.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._parts: Mapping[Table, list[str]] = parts(run)
        self._connection = duckdb.connect()

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()

    def by_key(self, table: Table, record: type[R], keys: Iterable[str]) -> dict[str, R]:
        """Rows by the first key column."""
        return {row[0]: row for row in self.rows(table, record, table.key[0], keys)}

    def rows(self, table: Table, record: type[R], column: str, keys: Iterable[str]) -> list[R]:
        """Rows whose column is one of the keys.

        One pass over that column alone finds the parts, for rows are many times wider.
        """
        paths, wanted = self._parts[table], list(keys)
        if not paths or not wanted:
            return []
        where = f"""
            SELECT DISTINCT filename, {column} FROM read_parquet($1, filename = true)
            WHERE {column} IN (SELECT unnest($2))
        """  # noqa: S608 - the column is of our own schema
        query = f"FROM read_parquet($1) WHERE {column} = $2"
        found: list[R] = []
        for part, key in self._connection.execute(where, [paths, wanted]).fetchall():
            rows = self._connection.execute(query, [part, key]).to_arrow_table()
            found += records(record, rows)
        return found

    def is_waiting(self, key: str) -> bool:
        """Whether it is a seed, asked or not."""
        query = "SELECT count(*) FROM read_parquet($1) WHERE domain = $2"
        (count,) = self._connection.execute(query, [self.run.seeds, key]).fetchall()[0]
        return bool(count)

    def nearest(self, key: str) -> str | None:
        """The seed that looks most like it, if any does."""
        query = """
            SELECT domain, jaro_winkler_similarity(domain, $2) AS likeness
            FROM read_parquet($1) WHERE likeness >= $3 ORDER BY likeness DESC, domain LIMIT 1
        """
        found = self._connection.execute(query, [self.run.seeds, key, _ALIKE]).fetchone()
        return str(found[0]) if found else None
