"""What a command says when it is done: what came out, where it lies, what to try next."""

import shutil
import sys

import duckdb
from rich.console import Console
from rich.table import Table as Grid

from pipeline.journal import Journal
from pipeline.record import Record
from pipeline.report.figures import Report
from pipeline.report.measure import table_figures
from pipeline.report.page import page, table_lines
from pipeline.terminal import clean
from pipeline.warehouse import Run
from schemas import DOMAINS, PROVIDERS

_TOP = 12
_FLOW = 6


def say_crawled(run: Run, report: Report, console: Console) -> None:
    """The report of a crawl that has ended, and what to do next."""
    page(report, console)
    if report.bugs:
        _say(console, f"{report.bugs:,} rows record bugs of ours: see {run.folder}/crawl.log")
    where = run.warehouse.root
    if report.state == "complete":
        _say(console, f"Complete. The Parquet lies in {where}/<table>/run={run.id}/")
        _say(console, f"Next: {_program()} infer {where} {run.id}")
    else:
        _say(console, "Stopped before the end: repeat the same command to resume.")


def say_imported(run: Run, record: Record, console: Console) -> None:
    """Rows and outcomes of a run that was made of a scan file."""
    journal = Journal.load(run)
    _say(console, f"run {run.id}: imported from {record.imported}, complete")
    for line in table_lines(table_figures(run, journal, record.tables_filled)):
        _say(console, clean(line))
    rows = journal.rows(DOMAINS)
    _say(console, f"{record.tally.lines:,} lines of {record.imported} = {rows:,} domains")
    _say(console, f"Next: {_program()} infer {run.warehouse.root} {run.id}")


def say_inferred(run: Run, console: Console) -> None:
    """Shares of the providers, and how to look closer."""
    path = run.inferred(PROVIDERS)
    with duckdb.connect() as connection:
        shares = connection.execute(_SHARES, [path, _TOP]).fetchall()
        categories = _counts(connection, path)
        flows = connection.execute(_FLOWS, [path, _FLOW]).fetchall()
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
    if flows:
        routes = ", ".join(f"{front} -> {keeper} {count:,}" for front, keeper, count in flows)
        _say(console, f"mailboxes behind gateways and forwarders: {routes}")
    where = run.warehouse.root
    _say(console, "\nTry next:")
    if example:
        _say(console, f"  {_program()} explain {where} {run.id} {example[0]}")
    source = f"'{where}/providers/run={run.id}/*.parquet'"
    columns = "operator_company, count(*) AS domains"
    query = f"FROM {source} SELECT {columns} GROUP BY ALL ORDER BY domains DESC"
    _say(console, f'  {sys.executable} -c "import duckdb; duckdb.sql(\\"{query}\\").show()"')


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
_FLOWS = """
    SELECT gateway_company,
           CASE WHEN mailbox = 'behind' THEN coalesce(mailbox_company, mailbox_id) ELSE mailbox END,
           count(*) AS domains
    FROM read_parquet($1) WHERE gateway_company IS NOT NULL
    GROUP BY ALL ORDER BY 3 DESC, 1, 2 LIMIT $2
"""
_EXAMPLE = """
    SELECT domain FROM read_parquet($1) WHERE category = 'by_tls' ORDER BY domain LIMIT 1
"""


def _counts(connection: duckdb.DuckDBPyConnection, path: str) -> list[tuple[str, int]]:
    counts = connection.read_parquet(path).aggregate("category AS value, count(*) AS rows")
    return counts.order("rows DESC, value").fetchall()


def _list(counts: list[tuple[str, int]]) -> str:
    return ", ".join(f"{value} {count:,}" for value, count in counts)


def _program() -> str:
    """What to type to call this program again, in an environment that is not active too."""
    return "mailcensus" if shutil.which("mailcensus") else sys.argv[0]


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
