"""A scan file becomes a run of the warehouse, whole or not at all.

What the scan says of one host or address on several lines is brought together: a host has every
address that any line names, an address what the first line says on which it answered, a certificate
the first verdict. The run exists from the moment run.json does, which is written last; what a
broken import has left is removed by the next one, and by this one where it fails.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from pyarrow import fs

from certs.certificate import certificate_row
from pipeline.errors import ConfigError
from pipeline.journal import Commit, Journal, Part
from pipeline.record import SCAN, Source, new_record
from pipeline.scan.lines import spilling, streamed, write_lines
from pipeline.scan.parts import write_parts
from pipeline.settings import Settings
from pipeline.warehouse import Run
from schemas import ADDRESSES, CERTIFICATES, CRAWLED, DOMAINS, HOSTS, SMTP, TABLES
from schemas.outcomes import ExchangeKind, HostStatus, Mail, ProbeOutcome
from schemas.provenance import Provenance, file_date, file_sha256
from schemas.table import Table
from stages.dns.mail import exchange_kind
from stages.scan.message import judgement
from stages.scan.records import (
    Heard,
    address_record,
    domain_record,
    host_record,
    smtp_record,
)
from stages.seeds.collect import SCHEMA as SEEDS
from stages.seeds.collect import Tally
from stages.seeds.source import list_name

Row = tuple[Any, ...]


def import_scan(path: Path, run: Run, settings: Settings) -> Journal:
    """Make a run of a scan; ConfigError if the run is there or a line is none of the format."""
    if not isinstance(run.warehouse.filesystem, fs.LocalFileSystem):
        raise ConfigError("a scan is imported into a warehouse on a local disk")
    if not _is_free(run):
        raise ConfigError(f"run {run.id!r} is there already: import the scan as another")
    _remove(run)
    _marker(run).touch()
    try:
        return _import(path, run, settings)
    except BaseException:
        _remove(run)
        raise


def _import(path: Path, run: Run, settings: Settings) -> Journal:
    scan = _Scan(list_name(str(path)), _when(path), settings.smtp_port)
    lines, spill = f"{run.folder}/lines.parquet", f"{run.folder}/spill"
    count = write_lines(path, lines)
    if not count:
        raise ConfigError(f"scan {path} has no line")
    with spilling(spill) as connection:
        parts = [part for made in _TABLES for part in made.parts(connection, lines, scan, run)]
    digest = _write_seeds(run, parts)
    Path(lines).unlink()
    shutil.rmtree(spill, ignore_errors=True)
    journal = Journal(run, ())
    journal.write(Commit(0, 1, tuple(parts), {}))
    provenance = Provenance(SCAN, str(path), file_date(path), "file system", file_sha256(path))
    source = Source(scan.list_name, provenance.sha256)
    tally = Tally(count, count, journal.rows(DOMAINS), {})
    new_record(run, settings, [source], tally, digest, [provenance]).save(run)
    _marker(run).unlink()
    return journal


class _Scan(NamedTuple):
    """What every record of a scan has."""

    list_name: str
    when: int
    port: int


class _Made(NamedTuple):
    """A table: what DuckDB finds of each key, and the record that makes."""

    table: Table
    query: str
    record: Callable[[_Scan, Row], Row | None]

    def parts(
        self, connection: duckdb.DuckDBPyConnection, lines: str, scan: _Scan, run: Run
    ) -> Iterator[Part]:
        found = streamed(connection, self.query, [lines])
        rows = (self.record(scan, values) for values in found)
        yield from write_parts(run, self.table, (row for row in rows if row is not None))


def _domain(scan: _Scan, row: Row) -> Row:
    domain, mx, implicit, mail = row
    without = Mail.NO_MX if implicit else Mail(mail or Mail.FAILED)
    records = [(record["preference"], record["mx"]) for record in mx or ()]
    return domain_record(domain, records, without, list_name=scan.list_name, when=scan.when)


def _host(scan: _Scan, row: Row) -> Row | None:
    host, addresses, reserved, status = row
    if exchange_kind(host) is not ExchangeKind.HOST:
        return None
    if addresses:
        known = HostStatus.RESERVED if reserved else HostStatus.RESOLVED
    else:
        known = HostStatus(status or HostStatus.FAILED)
    return host_record(host, addresses or (), known, when=scan.when)


def _smtp(scan: _Scan, row: Row) -> Row:
    address, outcome, *rest = row
    heard = Heard(address, ProbeOutcome(outcome), *rest)
    return smtp_record(heard, port=scan.port, when=scan.when)


def _certificate(scan: _Scan, row: Row) -> Row:
    der, trusted, judged = row
    return certificate_row(der, scan.when, *judgement(judged, trusted=trusted))


def _address(scan: _Scan, row: Row) -> Row:
    address, asn = row
    return address_record(address, asn, when=scan.when)


_FIRST = """
    FROM read_parquet($1) JOIN (
        SELECT {key}, arg_min(line, CASE WHEN answered THEN line - 1e15 ELSE line END) AS line
        FROM read_parquet($1) WHERE {key} IS NOT NULL GROUP BY {key}
    ) USING ({key}, line) ORDER BY {key}
"""
"""The line that counts for each key: the first on which something answered, else the first."""

_TABLES = (
    _Made(
        DOMAINS,
        """
        SELECT domain, list(DISTINCT {'preference': preference, 'mx': mx})
                   FILTER (mx IS NOT NULL AND NOT implicit),
               bool_or(implicit), arg_min(mail, line)
        FROM read_parquet($1) GROUP BY domain ORDER BY domain
        """,
        _domain,
    ),
    _Made(
        HOSTS,
        """
        SELECT mx, list(DISTINCT address) FILTER (address IS NOT NULL),
               bool_and(coalesce(status, '') = 'reserved') FILTER (address IS NOT NULL),
               arg_min(status, line) FILTER (address IS NULL)
        FROM read_parquet($1) WHERE mx IS NOT NULL GROUP BY mx ORDER BY mx
        """,
        _host,
    ),
    _Made(
        SMTP,
        "SELECT address, outcome, detail, banner, ehlo, leaf" + _FIRST.format(key="address"),
        _smtp,
    ),
    _Made(
        CERTIFICATES,
        "SELECT der, trusted, judged FROM read_parquet($1) WHERE der IS NOT NULL ORDER BY leaf",
        _certificate,
    ),
    _Made(
        ADDRESSES,
        """
        SELECT address, arg_min(asn, line) FROM read_parquet($1)
        WHERE address IS NOT NULL GROUP BY address ORDER BY address
        """,
        _address,
    ),
)


def _write_seeds(run: Run, parts: Iterable[Part]) -> str:
    """The seeds put in place; the digest of their file."""
    files = (f"{run.table(DOMAINS)}/{part.file}" for part in parts if part.table == DOMAINS.name)
    batches = (batch for file in files for batch in run.read(file, SEEDS.names))
    seeds = (batch.cast(SEEDS) for batch in batches)
    return run.warehouse.write_batches(run.seeds, SEEDS, seeds).digest


def _when(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1000
    except OSError as error:
        raise ConfigError(f"cannot read scan {path}: {error.strerror}") from error


def _marker(run: Run) -> Path:
    """What says that an import has begun and not ended."""
    return Path(run.folder) / "importing"


def _is_free(run: Run) -> bool:
    """Whether nothing lies under that run but what a broken import has left."""
    if run.warehouse.exists(run.record):
        return False
    folders = (*(run.table(table) for table in TABLES.values()), run.journal)
    return _marker(run).exists() or not any(run.warehouse.files(folder) for folder in folders)


def _remove(run: Run) -> None:
    """Take away what an import has written; the marker last."""
    for folder in (*(run.table(table) for table in CRAWLED), run.journal, f"{run.folder}/spill"):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (run.record, run.seeds, f"{run.folder}/lines.parquet", str(_marker(run))):
        Path(path).unlink(missing_ok=True)
