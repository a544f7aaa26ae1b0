"""Inference over a run: committed Parquet in, whole tables out, each put in place whole."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, NamedTuple, TypeAlias

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from pipeline.age import check_age
from pipeline.atlas import run_atlas
from pipeline.errors import ConfigError
from pipeline.features import features
from pipeline.footprint import give_back
from pipeline.forecast import Times
from pipeline.journal import Journal
from pipeline.record import Record
from pipeline.steps import Steps
from pipeline.warehouse import Run
from schemas import (
    APEX,
    CRAWLED,
    DOMAINS,
    MAIL_POLICIES,
    POLICY_ADOPTION,
    PROVIDERS,
    SNOWSHOE,
    SPF_TRUST,
    TABLES,
)
from schemas.table import Table
from stages.inference.aggregates.aggregates import aggregates
from stages.inference.aggregates.cuts import populations
from stages.inference.policies.adoption import policy_adoption
from stages.inference.policies.inference import mail_policies
from stages.inference.providers.companies import CompanyMap, read_companies
from stages.inference.providers.company import CompanyMapError
from stages.inference.providers.inference import infer
from stages.inference.providers.method import Method, MethodError
from stages.inference.trust.inference import infer as trust

_MEMORY = "1GB"
"""What DuckDB may hold; beyond, it goes to a temporary folder."""
_BATCH = 100_000
"""Rows of a result in memory at a time, and in a row group."""


Result: TypeAlias = ir.Table | pa.Table | pa.RecordBatchReader
"""Rows to be written."""


class Switches(NamedTuple):
    """What is to differ from the usual method."""

    without: tuple[str, ...] = ()
    """Sources and rules to leave out."""
    popular: int | None = None
    """Threshold of confidence, if another."""


def infer_run(
    run: Run,
    companies: Iterable[Path],
    switches: Switches,
    console: Console,
    files: Mapping[str, Path | None] | None = None,
) -> dict[str, int]:
    """Infer providers and SPF trust; replaces earlier inference. Rows written, by table.

    ``files`` says where tables of addresses are now (`pipeline.atlas`), if not where they were.
    ConfigError for a run without domains; DamagedError for one that is not as it was written.
    ``console`` is told of each step and the time it took.
    """
    record = Record.load(run)
    journal = Journal.load(run, deep=True)
    if record is None or not journal.rows(DOMAINS):
        raise ConfigError(f"run {run.id!r} has no domains yet: crawl first")
    check_age(journal)
    method = _method(record, _companies(companies), switches)
    times = Times.load(run.warehouse, "infer", journal.rows(DOMAINS))
    with backend() as connection, Steps(console, times) as steps:
        census = {table.name: _table(connection, journal, table) for table in CRAWLED}
        written = {}
        for name, result in infer(census, method, steps.begin).items():
            steps.begin(f"writing {name}")
            written[name] = _put(run, TABLES[name], result, method)
        steps.begin("aggregates")
        labels = _inferred(connection, run, PROVIDERS)
        counts = aggregates(census[DOMAINS.name], labels, method.companies)
        for name, result in counts.items():
            written[name] = _put(run, TABLES[name], result, method)
        steps.begin("who has which addresses")
        atlas = run_atlas(record, files or {}, console)
        steps.begin("whom SPF trusts")
        for name, rows in trust(census, method.companies, atlas):
            steps.begin(f"writing {name}")
            written[name] = _put(run, TABLES[name], rows, method)
            del rows  # its memory is the next one's
        if journal.parts(APEX):
            steps.begin("snowshoe features")
            found = features(run, record, connection, census)
            written[SNOWSHOE.name] = _put(run, SNOWSHOE, found, method)
        steps.begin("policies")
        rows = mail_policies(census, method.companies, method.port)
        written[MAIL_POLICIES.name] = _put(run, MAIL_POLICIES, rows, method)
        steps.begin("adoption of policies")
        found = _inferred(connection, run, MAIL_POLICIES)
        members = populations(census[DOMAINS.name]).cache()
        rows = policy_adoption(found, _inferred(connection, run, SPF_TRUST), members)
        written[POLICY_ADOPTION.name] = _put(run, POLICY_ADOPTION, rows, method)
    if not journal.parts(APEX):
        console.print("no snowshoe features: they need a crawl with --plan full", highlight=False)
    return written


def _method(record: Record, companies: CompanyMap, switches: Switches) -> Method:
    usual = Method(companies=companies, port=record.smtp_port, ehlo_name=record.ehlo_name)
    try:
        return usual.less(switches.without, switches.popular)
    except MethodError as error:
        raise ConfigError(str(error)) from error


def _companies(paths: Iterable[Path]) -> CompanyMap:
    try:
        return read_companies(paths)
    except CompanyMapError as error:
        raise ConfigError(f"companies: {error}") from error


@contextmanager
def backend() -> Iterator[ibis.BaseBackend]:
    """DuckDB within a bound of memory, and a folder for what goes beyond.

    It is closed when nobody refers to its tables any more: ibis drops those it holds by then.
    """
    with TemporaryDirectory(prefix="mailcensus-") as folder:
        yield ibis.duckdb.connect(
            memory_limit=_MEMORY, temp_directory=folder, preserve_insertion_order=False
        )


def _table(connection: ibis.BaseBackend, journal: Journal, table: Table) -> ibis.Table:
    parts = journal.parts(table)
    if parts:
        return connection.read_parquet(parts, table_name=table.name)
    return connection.create_table(table.name, table.schema.empty_table())


def _inferred(connection: ibis.BaseBackend, run: Run, table: Table) -> ir.Table:
    """A table that was just put in place."""
    return connection.read_parquet(run.inferred(table), table_name=table.name)


def _put(run: Run, table: Table, result: Result, method: Method) -> int:
    path = run.inferred(table)
    temporary = run.warehouse.temporary(path)
    with run.warehouse.filesystem.open_output_stream(temporary) as stream:
        rows = write(result, table, method, stream)
    run.warehouse.put(temporary, path)
    give_back()
    return rows


def write(result: Result, table: Table, method: Method, where: BinaryIO | Path) -> int:
    """Write a result as a Parquet file that says by which method it was made; rows written."""
    schema = table.schema.with_metadata({**(table.schema.metadata or {}), **method.metadata})
    rows = 0
    with pq.ParquetWriter(where, schema, compression="zstd") as writer:
        for batch in _batches(result, schema.names):
            writer.write_table(pa.Table.from_batches([batch]).cast(schema))
            rows += batch.num_rows
    return rows


def _batches(result: Result, names: list[str]) -> Iterator[pa.RecordBatch]:
    """The columns of these names."""
    if isinstance(result, pa.RecordBatchReader):
        yield from (batch.select(names) for batch in result)
    elif isinstance(result, pa.Table):
        yield from result.select(names).to_batches(max_chunksize=_BATCH)
    else:
        yield from result.select(names).to_pyarrow_batches(chunk_size=_BATCH)
