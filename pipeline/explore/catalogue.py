"""A run opened for many questions: rows by key, and lists that answer from the other end.

DuckDB holds the lists (domains of a company, of an exchange, of an include; hosts of an address),
sorted by what is asked for, in a temporary file: DuckDB then skips what is elsewhere. Nothing is
written to the warehouse. A cursor a question: questions may be asked from many threads.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from pipeline.errors import ConfigError
from pipeline.explore.index import LOOKED_UP, IndexedRows, Places, places
from pipeline.rows import parts
from pipeline.warehouse import Run
from schemas import DOMAINS, TABLES
from schemas.table import Table

_MEMORY = "1GB"


@dataclass(frozen=True)
class Catalogue:
    """A run that is open; see `catalogue`."""

    run: Run
    parts: Mapping[Table, list[str]]
    _index: Mapping[Table, Places]
    _connection: duckdb.DuckDBPyConnection

    @contextmanager
    def rows(self) -> Iterator[IndexedRows]:
        """Rows by key, for one question."""
        with self.cursor() as cursor:
            yield IndexedRows(self.run, self.parts, self._index, cursor)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the lists and, as views, all tables of the run."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def ask(self, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Rows of a query with its values bound."""
        with self.cursor() as cursor:
            return cursor.execute(query, list(values)).fetchall()

    def has(self, table: Table) -> bool:
        """Whether the run has that table at all."""
        return bool(self.parts[table])


@contextmanager
def catalogue(run: Run, tell: Callable[[str], None]) -> Iterator[Catalogue]:
    """The run opened while the block runs; ``tell`` hears of each step.

    ConfigError for a run without domains.
    """
    found = parts(run)
    if not found[DOMAINS]:
        raise ConfigError(f"run {run.id!r} has no domains yet: crawl first")
    with (
        TemporaryDirectory(prefix="mailcensus-explore-") as folder,
        duckdb.connect(
            Path(folder) / "lists.duckdb",
            config={"memory_limit": _MEMORY, "temp_directory": folder},
        ) as connection,
    ):
        index = {}
        for table in LOOKED_UP:
            tell(f"index of {table.name}")
            index[table] = places(connection, table, found[table])
        for name, table in TABLES.items():
            _create(connection, name, found.get(table, []), table)
        for name, query in _LISTS.items():
            tell(f"list of {name}")
            connection.execute(f"CREATE TABLE {name} AS {query}")
        # A page asks for a few rows many times: threads, and footers read anew, cost half of it.
        connection.execute("SET threads = 1; SET parquet_metadata_cache = true")
        yield Catalogue(run, found, index, connection)


def _create(
    connection: duckdb.DuckDBPyConnection, name: str, paths: list[str], table: Table
) -> None:
    """A view of a table's parts; an empty table where the run has none."""
    if paths:
        connection.read_parquet(paths).create_view(name)
    else:
        connection.from_arrow(table.schema.empty_table()).create(name)


_LISTS = {
    "known": """
        SELECT coalesce(operator_company, operator_id) AS company,
               operator_company IS NOT NULL AS mapped, rank, domain, category,
               coalesce(mailbox_company, mailbox_id) AS keeper
        FROM (SELECT domain, list_min([s.rank FOR s IN seeds]) AS rank FROM domains)
        LEFT JOIN providers USING (domain)
        ORDER BY company, rank NULLS LAST, domain
    """,
    "named": "SELECT domain, rank FROM known ORDER BY domain",
    "kept": """
        SELECT keeper, rank, domain, company FROM known WHERE keeper <> company
        ORDER BY keeper, rank NULLS LAST, domain
    """,
    "companies": """
        SELECT company, count(*) AS domains, bool_or(mapped) AS mapped FROM known
        WHERE company IS NOT NULL GROUP BY company ORDER BY company
    """,
    "mail": "SELECT mx, count(*) AS domains FROM mx_providers GROUP BY mx ORDER BY mx",
    "places": "SELECT unnest(a || aaaa) AS address, host FROM hosts ORDER BY address",
    "owned": """
        SELECT address, coalesce(as_name, 'AS' || asn) AS whose FROM addresses ORDER BY address
    """,
    "included": """
        SELECT target, ipv4, company, domains FROM spf_includes
        WHERE seed_list = '*' AND rank_cut = 0 ORDER BY target
    """,
    "shares": """
        SELECT value, seed_list, rank_cut, dimension, domains, share FROM provider_shares
        WHERE tld = '*' AND dimension IN ('provider', 'mailbox') AND value IN (
            SELECT value FROM provider_shares
            WHERE tld = '*' AND seed_list = '*' AND rank_cut = 0 AND domains >= 2)
        ORDER BY value, dimension DESC, seed_list, rank_cut = 0, rank_cut
    """,
    "origins": """
        SELECT first, prefix, concat_ws(', ', coalesce(as_name, 'AS' || asn), country,
                                        cloud_provider, reserved) AS owner
        FROM spf_origins WHERE part = 0 ORDER BY first
    """,
    "trusting": """
        SELECT target, rank, name FROM spf_links WHERE trusted AND seed
        ORDER BY target, rank NULLS LAST, name
    """,
}
"""Tables that answer from the other end. Most ids have one domain, their own: no shares of it."""
