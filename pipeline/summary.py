"""What a command says when it is done: what came out, where it lies, what to try next."""

import shutil
import sys

import duckdb
from rich.console import Console
from rich.table import Table as Grid

from pipeline.journal import Journal
from pipeline.record import Record
from pipeline.warehouse import Run
from schemas import DOMAINS, PROVIDERS, SMTP
from schemas.table import Table

_TOP = 12
_COUNTED = {
    "domains": "mail",
    "hosts": "status",
    "spf": "query.outcome",
    "mx": "mx_query.outcome",
    "policies": "domainkey_query.outcome",
    "smtp": "outcome",
    "certificates": "verdict",
    "addresses": "coalesce(country, reserved, 'unknown')",
}
"""By table: the column whose values a summary counts."""


def say_crawled(run: Run, journal: Journal, *, complete: bool, console: Console) -> None:
    """Rows and outcomes of a crawl that has ended, and what to do next."""
    grid = Grid(title=f"run {run.id}", title_justify="left", box=None, header_style="dim")
    grid.add_column("table")
    grid.add_column("rows", justify="right")
    grid.add_column("outcomes")
    record = Record.load(run)
    assert record is not None
    with duckdb.connect() as connection:
        for table in record.plan.tables:
            counts = _counts(connection, table, journal.parts(table))
            grid.add_row(table.name, f"{journal.rows(table):,}", _list(counts))
        software = _software(connection, journal.parts(SMTP))
    console.print(grid)
    if software:
        _say(console, f"mail software: {_list(software)}")
    _say(console, _account(record, journal))
    if bugs := journal.count("bugs"):
        console.print(
            f"{bugs:,} rows record bugs of ours: see {run.folder}/crawl.log", markup=False
        )
    where = run.warehouse.root
    if complete:
        _say(console, f"Complete. The Parquet lies in {where}/<table>/run={run.id}/")
        _say(console, f"Next: {_program()} infer {where} {run.id}")
    else:
        _say(console, "Stopped before the end: repeat the same command to resume.")


def say_inferred(run: Run, console: Console) -> None:
    """Shares of the providers, and how to look closer."""
    path = run.inferred(PROVIDERS)
    with duckdb.connect() as connection:
        shares = connection.execute(_SHARES, [path, _TOP]).fetchall()
        categories = _counts(connection, PROVIDERS, [path])
        example = connection.execute(_EXAMPLE, [path]).fetchone()
    grid = Grid(title="who runs the mail", title_justify="left", box=None, header_style="dim")
    grid.add_column("company or provider")
    grid.add_column("role")
    grid.add_column("domains", justify="right")
    grid.add_column("share of those with an operator", justify="right")
    for name, role, weight, share in shares:
        grid.add_row(name, role or "", f"{weight:,.1f}", f"{share:.1%}")
    console.print(grid)
    _say(console, f"{sum(count for _, count in categories):,} domains: {_list(categories)}")
    where = run.warehouse.root
    _say(console, "\nTry next:")
    if example:
        _say(console, f"  {_program()} explain {where} {run.id} {example[0]}")
    source = f"'{where}/providers/run={run.id}/*.parquet'"
    columns = "operator_company, count(*) AS domains"
    query = f"FROM {source} SELECT {columns} GROUP BY ALL ORDER BY domains DESC"
    _say(console, f'  {sys.executable} -c "import duckdb; duckdb.sql(\\"{query}\\").show()"')


def _account(record: Record, journal: Journal) -> str:
    """What went in is what came out: lines, seeds, rows."""
    tally = record.tally
    rejected = sum(tally.rejected.values())
    rows = journal.rows(DOMAINS)
    if record.imported:
        return f"{tally.lines:,} lines of {record.imported} = {rows:,} domains"
    return (
        f"{tally.lines:,} lines = {tally.accepted:,} domains + {rejected:,} rejected; "
        f"{tally.distinct:,} seeds = {rows:,} rows + {tally.distinct - rows:,} to be asked; "
        f"{journal.count('retries'):,} items tried twice"
    )


_SHARES = """
    WITH shares AS (
        SELECT unnest(shares, recursive := true), role FROM read_parquet($1)
    )
    SELECT coalesce(company, provider_id) AS name,
           any_value(role) FILTER (company IS NOT NULL), sum(weight) AS domains,
           sum(weight) / sum(sum(weight)) OVER ()
    FROM shares WHERE provider_id IS NOT NULL
    GROUP BY name ORDER BY domains DESC, name LIMIT $2
"""
_EXAMPLE = """
    SELECT domain FROM read_parquet($1) WHERE category = 'by_tls' ORDER BY domain LIMIT 1
"""


def _counts(
    connection: duckdb.DuckDBPyConnection, table: Table, parts: list[str]
) -> list[tuple[str, int]]:
    if not parts:
        return []
    column = _COUNTED.get(table.name, "category")
    counts = connection.read_parquet(parts).aggregate(f"{column} AS value, count(*) AS rows")
    return counts.order("rows DESC, value").fetchall()


def _software(connection: duckdb.DuckDBPyConnection, parts: list[str]) -> list[tuple[str, int]]:
    """The software that most servers name, and how many name none."""
    if not parts:
        return []
    greeted = connection.read_parquet(parts).filter("banner IS NOT NULL")
    counts = greeted.aggregate("coalesce(software, 'not named') AS name, count(*) AS servers")
    return counts.order("servers DESC, name").limit(_TOP).fetchall()


def _list(counts: list[tuple[str, int]]) -> str:
    return ", ".join(f"{value} {count:,}" for value, count in counts)


def _program() -> str:
    """What to type to call this program again, in an environment that is not active too."""
    return "mailcensus" if shutil.which("mailcensus") else sys.argv[0]


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
