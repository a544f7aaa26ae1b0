"""Makes the report of the committed rows of a run, with DuckDB in little memory."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby

import duckdb
import pyarrow as pa

from pipeline.cli import Exit
from pipeline.journal import Journal
from pipeline.progress import Earlier, Snapshot
from pipeline.record import End, Record
from pipeline.report.account import Account
from pipeline.report.alarm import alarms
from pipeline.report.figures import (
    Balance,
    CommandFigures,
    Counts,
    QuestionFigures,
    Report,
    Slow,
    Spread,
    TableFigures,
)
from pipeline.warehouse import Run
from schemas import CRAWLED, SMTP, SPF
from schemas.outcomes import Outcome
from schemas.query import Query
from schemas.smtp import Timings
from schemas.table import Table, hints, member
from stages.dns.server import ServerHealth
from stages.seeds.entry import Reason

_TOP = 12
_SLOWEST = 5
_MEMORY = "128MB"
_OUTCOME = {
    "domains": "mail",
    "apex": "ns_query.outcome",
    "hosts": "status",
    "spf": "query.outcome",
    "mx": "mx_query.outcome",
    "dmarc": "dmarc_query.outcome",
    "tlsa": "tlsa_query.outcome",
    "policies": "domainkey_query.outcome",
    "dmarc_consents": "txt_query.outcome",
    "sts_policies": "outcome",
    "smtp": "outcome",
    "certificates": "verdict",
    "addresses": "coalesce(country, reserved, 'unknown')",
}
"""By table: what its rows are counted by."""
_DEFINITE = ", ".join(f"'{outcome}'" for outcome in Outcome if outcome.answered)


def report(
    run: Run, journal: Journal, earlier: Earlier, *, seconds: float, complete: bool
) -> Report:
    """The report on a run; earlier: what it had when the command began, so many seconds ago."""
    record = Record.load(run)
    assert record is not None
    tables = record.tables_filled
    with opened(run, journal) as census:
        figures = tuple(_table(census, table) for table in tables)
        found = alarms({each.table: each.outcomes for each in figures})
        account = Account(census)
        balances = tuple(
            account.balance(table) for table in tables if table is not SMTP or record.probed
        )
        smtp = census.table("smtp")
        return Report(
            run=run.id,
            state="complete" if complete else "stopped",
            exit_status=_exit(found, balances, journal.count("bugs"), complete=complete),
            alarms=found,
            command=_command(journal, earlier, seconds),
            lines=record.tally.lines,
            rejected=_largest_first(record.tally.rejected),
            seeds=record.tally.distinct,
            retries=journal.count("retries"),
            bugs=journal.count("bugs"),
            tables=figures,
            balances=balances,
            questions=tuple(_questions(census, account)),
            probes=tuple(_probes(census)),
            slow_servers=_slow(census, _SLOW_SERVERS),
            slow_networks=_slow(census, _SLOW_NETWORKS),
            blocked=_counts(smtp.filter("outcome = 'blocked'"), "split_part(detail, ':', 1)"),
            not_probed=_counts(smtp.filter("outcome = 'not_probed'"), "detail"),
            software=_counts(smtp.filter("banner IS NOT NULL"), "coalesce(software, 'not named')"),
            resolvers=_resolvers(run),
        )


def _exit(found: Sequence[str], balances: Sequence[Balance], bugs: int, *, complete: bool) -> Exit:
    if not complete:
        return Exit.STOPPED
    if found:
        return Exit.FAILED
    even = all(each.even for each in balances)
    return Exit.BUGS if bugs or not even else Exit.COMPLETE


def keep(run: Run, made: Report) -> None:
    """Write report.json, and how it ended into run.json."""
    run.warehouse.write(run.report, made.encode())
    record = Record.load(run)
    assert record is not None
    end = End(time.time(), made.state, made.exit_status, list(made.alarms))
    replace(record, end=end).save(run)


def table_figures(run: Run, journal: Journal, tables: Sequence[Table]) -> tuple[TableFigures, ...]:
    """Rows by outcome alone, for a run that was not crawled."""
    with opened(run, journal) as census:
        return tuple(_table(census, table) for table in tables)


@contextmanager
def opened(run: Run, journal: Journal) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every crawled table, and `seeds`, as they are committed."""
    with (
        tempfile.TemporaryDirectory() as spill,
        duckdb.connect(
            config={
                "memory_limit": _MEMORY,
                "threads": 1,
                "temp_directory": spill,
                "enable_external_file_cache": False,
            }
        ) as connection,
    ):
        for table in CRAWLED:
            if parts := journal.parts(table):
                connection.read_parquet(parts).create_view(table.name)
            else:
                empty = table.schema.empty_table()
                connection.from_arrow(empty).create(table.name)
        if run.warehouse.exists(run.seeds):
            connection.read_parquet(run.seeds).create_view("seeds")
        yield connection


def _command(journal: Journal, earlier: Earlier, seconds: float) -> CommandFigures:
    now = Earlier.of(journal.commits).rows
    added = {table: rows - earlier.rows.get(table, 0) for table, rows in now.items()}
    return CommandFigures(time.time(), seconds, added)


def _table(census: duckdb.DuckDBPyConnection, table: Table) -> TableFigures:
    relation = census.table(table.name)
    outcomes = _counts(relation, _OUTCOME[table.name], most=None)
    return TableFigures(table.name, sum(outcomes.values()), outcomes)


def _counts(rows: duckdb.DuckDBPyRelation, by: str, most: int | None = _TOP) -> Counts:
    """Rows by an expression, largest first; what is beyond the most as "others"."""
    counted = rows.aggregate(f"{by} AS word, count(*) AS rows").order("rows DESC, word").fetchall()
    counts = {str(word): int(number) for word, number in counted[:most]}
    rest = sum(int(number) for _, number in counted[most:]) if most else 0
    return counts | ({"others": rest} if rest else {})


def _largest_first(counts: Mapping[Reason, int]) -> Counts:
    by_size = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {str(reason): count for reason, count in by_size}


def _questions(census: duckdb.DuckDBPyConnection, account: Account) -> Iterator[QuestionFigures]:
    """Of every column that accounts for a question; a seed's TXT counts once, not as SPF too."""
    # Those that are no seeds' are few: to ask SQL for them takes forty bytes a seed.
    others = pa.table({"key": account.besides_seeds(SPF)})
    census.from_arrow(others).create_view("others")
    for table in CRAWLED:
        own = "WHERE hash(name) IN (SELECT key FROM others)" if table is SPF else ""
        for column in _query_columns(table):
            found = census.execute(f"""
                SELECT count(*), count(*) FILTER (q.outcome NOT IN ({_DEFINITE})),
                       coalesce(sum(q.attempts), 0), count(*) FILTER (q.tcp),
                       count(q.rtt_ms), quantile_cont(q.rtt_ms, [0.5, 0.95, 0.99])
                FROM (SELECT {column} AS q FROM {table.name} {own})
                WHERE q.outcome != 'not_asked'
            """).fetchone()
            assert found is not None
            count, failed, attempts, tcp, timed, times = found
            if count:
                asked = column.removesuffix("query").rstrip("_")
                what = " ".join(dict.fromkeys(filter(None, (table.name, asked))))
                rtt = Spread(what, timed, *(times or (0.0, 0.0, 0.0)))
                yield QuestionFigures(what, count, failed, int(attempts), tcp, rtt)


def _query_columns(table: Table) -> list[str]:
    return [name for name, hint in hints(table.record).items() if member(hint) is Query]


def _probes(census: duckdb.DuckDBPyConnection) -> Iterator[Spread]:
    for step in Timings._fields:
        found = census.execute(f"""
            SELECT count(ms), quantile_cont(ms, [0.5, 0.95, 0.99])
            FROM (SELECT timings.{step} AS ms FROM smtp)
        """).fetchone()
        assert found is not None
        count, times = found
        if count:
            yield Spread(step.removesuffix("_ms"), count, *times)


_SLOW_SERVERS = f"""
    SELECT address, 1, timings.total_ms AS ms, outcome || ' at ' || step
    FROM smtp WHERE timings.total_ms IS NOT NULL ORDER BY ms DESC, address LIMIT {_SLOWEST}
"""
_SLOW_NETWORKS = f"""
    SELECT coalesce(prefix, regexp_extract(address, '^\\d+\\.\\d+\\.\\d+\\.') || '0/24') AS network,
           count(*) AS probes, median(timings.total_ms) AS ms,
           coalesce('AS' || any_value(asn) || coalesce(' ' || any_value(as_name), ''), '')
    FROM smtp LEFT JOIN addresses USING (address)
    WHERE timings.total_ms IS NOT NULL
    GROUP BY network HAVING probes > 2 ORDER BY ms DESC, network LIMIT {_SLOWEST}
"""


def _slow(census: duckdb.DuckDBPyConnection, query: str) -> tuple[Slow, ...]:
    return tuple(Slow(*row) for row in census.execute(query).fetchall())


def _resolvers(run: Run) -> tuple[ServerHealth, ...]:
    """Of the last snapshot; a server that several workers asked counts once."""
    if not run.warehouse.exists(run.status):
        return ()
    snapshot = Snapshot.decode(run.warehouse.read(run.status))
    by_server = sorted(snapshot.resolvers, key=lambda health: health.server)
    groups = groupby(by_server, key=lambda health: health.server)
    return tuple(_together(list(healths)) for _, healths in groups)


def _together(healths: Sequence[ServerHealth]) -> ServerHealth:
    summed = {
        name: sum(getattr(health, name) for health in healths)
        for name in ("sent", "answers", "losses", "blames", "mismatches", "strays", "in_flight")
    }
    times = [health.rtt_ms for health in healths if health.rtt_ms is not None]
    return healths[0]._replace(
        **summed,
        rtt_ms=sum(times) / len(times) if times else None,
        benched=all(health.benched for health in healths),
    )
