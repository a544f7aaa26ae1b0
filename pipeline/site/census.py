"""A run's tables as views of DuckDB, for queries that read and do not write."""

import io
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pc

from pipeline.age import check_age
from pipeline.errors import ConfigError
from pipeline.journal import Journal
from pipeline.provenance import command
from pipeline.record import Record
from pipeline.report.figures import Report
from pipeline.site import account
from pipeline.site.glossary import WORDS, glossary
from pipeline.site.history import history
from pipeline.warehouse import Run
from schemas import CRAWLED, DOMAINS, TABLES

_MEMORY = "1GB"
_CSV_ROWS = 5_000
"""Rows of a CSV file at most."""


@dataclass(frozen=True)
class Census:
    """A run that can be asked."""

    run: Run
    record: Record
    report: Report | None
    """Of its crawl; an imported run has none."""
    connection: duckdb.DuckDBPyConnection
    paths: dict[str, list[str]]
    """Files of each table; none for one that the run lacks."""
    rows_of: dict[str, int]
    views: dict[str, str]
    """Queries that others build on, by name."""

    def lacking(self, needs: Sequence[str]) -> str | None:
        """Why a query over these tables has nothing to say; None if it may have."""
        for name in needs:
            if not self.rows_of.get(name):
                return _why(name)
        return None

    def rows(self, query: str) -> pa.Table:
        """What a query gives, with nothing but values that a table can show."""
        return self.connection.execute(query).to_arrow_table()

    def chosen(self, query: str, keys: Sequence[object]) -> pa.Table:
        """The same of a query for some keys, which are its parameter."""
        return self.connection.execute(query, [keys]).to_arrow_table()

    def asked(self, query: str, keys: Sequence[object]) -> list[tuple[Any, ...]]:
        """Rows of a query for some keys; none without keys."""
        return self.connection.execute(query, [keys]).fetchall() if keys else []

    def csv(self, rows: pa.Table) -> bytes:
        """The first rows as CSV; lists as in the table."""
        sink = io.BytesIO()
        pc.write_csv(_flat(rows.slice(0, _CSV_ROWS)), sink)
        return sink.getvalue()

    def can_script(self, needs: Sequence[str]) -> bool:
        """Whether all tables lie in the warehouse; the run's account is JSON."""
        return all(self.paths.get(name) or name in self.views for name in needs)

    def script(self, query: str, needs: Sequence[str]) -> str:
        """The query as a script that DuckDB runs over the warehouse as it lies."""
        views = [_view(name, self.paths.get(name, ()), self.views.get(name)) for name in needs]
        return "\n".join([*filter(None, views), textwrap.dedent(query).strip() + ";", ""])


CHOSEN = "chosen"
"""View of the domains whose trust is drawn, by name and rank."""
_POPULAR = """
SELECT domain AS name, rank FROM spf_trust WHERE published
ORDER BY rank NULLS LAST, domain LIMIT 100"""


@contextmanager
def census(run: Run, domains: Sequence[str] = ()) -> Iterator[Census]:
    """The run's tables while the block runs; ConfigError for one without domains.

    ``domains`` are those whose trust is drawn; by default the hundred most popular.
    """
    record, journal = Record.load(run), Journal.load(run)
    if record is None or not journal.rows(DOMAINS):
        raise ConfigError(f"run {run.id!r} has no domains yet: crawl first")
    check_age(journal)
    report = (
        Report.decode(run.warehouse.read(run.report)) if run.warehouse.exists(run.report) else None
    )
    paths = {name: _paths(run, journal, name) for name in TABLES}
    with (
        TemporaryDirectory(prefix="mailcensus-") as spill,
        duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": spill}) as connection,
    ):
        rows_of = {name: _create(connection, name, files) for name, files in paths.items()}
        kept = account.of_report(report) | account.of_record(record) | {WORDS: glossary()}
        for name, rows in kept.items():
            connection.from_arrow(rows).create(name)
            paths[name], rows_of[name] = [], len(rows)
        views = {CHOSEN: _some(domains) if domains else _POPULAR, **history(run.warehouse)}
        for name, query in views.items():
            connection.execute(f"CREATE TEMP VIEW {name} AS {query}")
            (rows_of[name],) = connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0]
        yield Census(run, record, report, connection, paths, rows_of, views)


def _some(domains: Sequence[str]) -> str:
    """A query for domains that were named: checked ones, so without quotes."""
    names = ", ".join(f"'{name}'" for name in domains)
    return f"SELECT domain AS name, rank FROM spf_trust WHERE domain IN ({names})"


def _paths(run: Run, journal: Journal, name: str) -> list[str]:
    table = TABLES[name]
    if table in CRAWLED:
        return list(journal.parts(table))
    return [path for path in run.warehouse.files(run.table(table)) if path.endswith(".parquet")]


def _create(connection: duckdb.DuckDBPyConnection, name: str, paths: list[str]) -> int:
    if not paths:
        connection.from_arrow(TABLES[name].schema.empty_table()).create(name)
        return 0
    view = connection.read_parquet(paths)
    view.create_view(name)
    (count,) = view.count("*").fetchall()[0]
    return int(count)


def _view(name: str, paths: Sequence[str], query: str | None) -> str | None:
    if query is not None:
        return f"CREATE OR REPLACE TEMP VIEW {name} AS {query};"
    if not paths:
        return None
    folder = paths[0].rpartition("/")[0].replace("'", "''")
    return f"CREATE OR REPLACE TEMP VIEW {name} AS FROM read_parquet('{folder}/*.parquet');"


def _why(name: str) -> str:
    if name.startswith("account"):
        return "This run was not crawled by this program: it kept no account."
    table = TABLES.get(name)
    if table is None:
        return f"No run has rows in {name}."
    if table in CRAWLED:
        return f"This run has no rows in {name}: its plan did not ask for them."
    return (
        f"This run has no rows in {name}: there was nothing for it, "
        f"or `mailcensus {command(table)}` was not run."
    )


def _flat(rows: pa.Table) -> pa.Table:
    for place, column in enumerate(rows.schema):
        if pa.types.is_list(column.type):
            texts = [", ".join(map(str, value or ())) for value in rows[column.name].to_pylist()]
            rows = rows.set_column(place, column.name, pa.array(texts))
    return rows
