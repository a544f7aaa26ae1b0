"""Inference over a run: committed Parquet in, whole tables out, each put in place whole."""

from collections.abc import Iterable
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ConfigError
from pipeline.journal import Journal
from pipeline.record import Record
from pipeline.warehouse import Run
from schemas import CRAWLED, DOMAINS, TABLES
from schemas.table import Table
from stages.inference.providers.companies import CompanyMap, read_companies
from stages.inference.providers.company import CompanyMapError
from stages.inference.providers.inference import infer


def infer_run(run: Run, companies: Iterable[Path]) -> dict[str, int]:
    """Infer providers; replaces earlier inference. Rows written, by table.

    ConfigError for a run without domains; DamagedError for one that is not as it was written.
    """
    record = Record.load(run)
    journal = Journal.load(run, deep=True)
    if record is None or not journal.rows(DOMAINS):
        raise ConfigError(f"run {run.id!r} has no domains yet: crawl first")
    company_map = _companies(companies)
    connection = ibis.duckdb.connect()
    census = {table.name: _table(connection, journal, table) for table in CRAWLED}
    results = infer(
        census, companies=company_map, port=record.smtp_port, ehlo_name=record.ehlo_name
    )
    return {name: _write(run, TABLES[name], result) for name, result in results.items()}


def _companies(paths: Iterable[Path]) -> CompanyMap:
    try:
        return read_companies(paths)
    except CompanyMapError as error:
        raise ConfigError(f"companies: {error}") from error


def _table(connection: ibis.BaseBackend, journal: Journal, table: Table) -> ibis.Table:
    parts = journal.parts(table)
    if parts:
        return connection.read_parquet(parts, table_name=table.name)
    return connection.create_table(table.name, table.schema.empty_table())


def _write(run: Run, table: Table, result: ibis.Table) -> int:
    path = run.inferred(table)
    temporary = run.warehouse.temporary(path)
    rows = 0
    with (
        run.warehouse.filesystem.open_output_stream(temporary) as stream,
        pq.ParquetWriter(stream, table.schema, compression="zstd") as writer,
    ):
        for batch in result.select(*table.schema.names).to_pyarrow_batches():
            writer.write_table(pa.Table.from_batches([batch]).cast(table.schema))
            rows += batch.num_rows
    run.warehouse.put(temporary, path)
    return rows
