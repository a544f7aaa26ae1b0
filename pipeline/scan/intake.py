"""A scan file becomes a run of the warehouse.

What the scan says of one host or address on several lines is brought together: a host has every
address that any line names, an address what the first line says on which it answered, a certificate
the first verdict.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from certs.certificate import certificate_row
from pipeline.errors import ConfigError
from pipeline.journal import Journal, Part
from pipeline.scan.lines import spilling, streamed, write_lines
from pipeline.scan.making import complete, lines_file, making, spill
from pipeline.scan.parts import write_parts
from pipeline.settings import Settings
from pipeline.warehouse import Run
from schemas import ADDRESSES, CERTIFICATES, DOMAINS, HOSTS, SMTP
from schemas.outcomes import ExchangeKind, HostStatus, Mail, ProbeOutcome
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
from stages.seeds.source import list_name

Row = tuple[Any, ...]


def import_scan(path: Path, run: Run, settings: Settings) -> Journal:
    """Make a run of a scan; ConfigError if the run is there or a line is none of the format."""
    with making(run):
        scan = _Scan(list_name(str(path)), _when(path), settings.smtp_port)
        lines = lines_file(run)
        count = write_lines(path, lines)
        if not count:
            raise ConfigError(f"scan {path} has no line")
        with spilling(spill(run)) as connection:
            parts = [part for made in _TABLES for part in made.parts(connection, lines, scan, run)]
        return complete(run, settings, [path], parts, count)


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


def _when(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1000
    except OSError as error:
        raise ConfigError(f"cannot read scan {path}: {error.strerror}") from error
