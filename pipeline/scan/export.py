"""A run as a scan file: a line each (domain, exchange, address), a domain's lines together.

In order of domain, preference, exchange and address. What the format cannot say (the reason of a
failure, an implicit MX) goes into the debug message, so that importing it gives the same labels.
"""

import csv
import os
import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from pipeline.errors import ConfigError
from pipeline.journal import Journal
from pipeline.record import Record
from pipeline.scan.lines import spilling, streamed
from pipeline.warehouse import Run
from schemas import ADDRESSES, CERTIFICATES, DOMAINS, HOSTS, SMTP
from schemas.outcomes import HostStatus, Mail, ProbeOutcome, Verdict
from schemas.table import Table
from stages.scan.message import Fate, certificate_message, message
from stages.scan.row import COLUMNS, Leaf, ScanRow, fields

_REMEMBERED = 4096

_QUERY = """
    WITH exchange AS (
        SELECT domain, unnest(mx, recursive := true), false AS implicit FROM {domains}
        UNION ALL BY NAME
        SELECT domain, 0 AS preference, unnest(mail_hosts) AS exchange, 'host' AS kind,
               true AS implicit
        FROM {domains} WHERE mail = 'no_mx'
    ), server AS (
        SELECT exchange.*, status, unnest(if(len(a) + len(aaaa) > 0, a || aaaa, [NULL])) AS address
        FROM exchange JOIN {hosts} ON host = exchange
        UNION ALL BY NAME
        SELECT exchange.*, NULL AS status, NULL AS address
        FROM exchange ANTI JOIN {hosts} ON host = exchange
    ), line AS (
        SELECT domains.domain, mail, exchange, preference, implicit, status, address
        FROM {domains} AS domains LEFT JOIN server USING (domain)
    )
    SELECT domain, mail, exchange, preference, implicit, status, line.address, asn, outcome, detail,
           banner, ehlo, der, names, verdict, verdict_reason
    FROM line
    LEFT JOIN (SELECT address, asn FROM {addresses}) AS owner ON owner.address = line.address
    LEFT JOIN (FROM {smtp} WHERE port = {port}) AS probe ON probe.address = line.address
    LEFT JOIN {certificates} AS shown ON shown.sha256 = probe.chain[1]
    ORDER BY domain, preference, exchange, line.address
"""


def export_scan(run: Run, path: Path) -> int:
    """Write a run as a scan file; its lines. ConfigError if the file is there already."""
    record, journal = Record.load(run), Journal.load(run, deep=True)
    if record is None or not journal.rows(DOMAINS):
        raise ConfigError(f"run {run.id!r} has no domains yet: crawl first")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"no folder {path.parent} to write {path.name} into")
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with path.open("x"), temporary.open("w", encoding="utf-8", newline="") as file:
            lines = _write(file, run, journal, record.smtp_port)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except FileExistsError as error:
        raise ConfigError(f"{path} is there already: it is not overwritten") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        temporary.unlink(missing_ok=True)
    return lines


def _write(file: IO[str], run: Run, journal: Journal, port: int) -> int:
    writer = csv.writer(file, delimiter="\t")
    writer.writerow(COLUMNS)
    count = 0
    for row in _rows(run, journal, port):
        writer.writerow(fields(row))
        count += 1
    return count


def _rows(run: Run, journal: Journal, port: int) -> Iterator[ScanRow]:
    spill = f"{run.folder}/export"
    with spilling(spill) as connection:
        sources = {
            table.name: _source(table, journal)
            for table in (DOMAINS, HOSTS, SMTP, CERTIFICATES, ADDRESSES)
        }
        for table in (DOMAINS, HOSTS, SMTP, CERTIFICATES, ADDRESSES):
            connection.register(f"empty_{table.name}", table.schema.empty_table())
        try:
            for values in streamed(connection, _QUERY.format(port=port, **sources), ()):
                yield _row(values)
        finally:
            shutil.rmtree(spill, ignore_errors=True)


def _source(table: Table, journal: Journal) -> str:
    """The table in SQL: its parts, or none of its rows."""
    parts = ", ".join("'" + part.replace("'", "''") + "'" for part in journal.parts(table))
    return f"read_parquet([{parts}])" if parts else f"empty_{table.name}"


def _row(values: tuple[Any, ...]) -> ScanRow:
    domain, mail, mx, preference, implicit, status, address, asn, *probe = values
    outcome, detail, banner, ehlo, der, names, verdict, reason = probe
    leaf = _leaf(der, tuple(names or ()), verdict, reason) if der else None
    row = ScanRow(domain, mx, preference, address, asn, banner, ehlo, leaf)
    if mx is None:
        end = Fate(mail=Mail(mail))
    elif address is None:
        end = Fate(implicit, status=HostStatus(status or HostStatus.FAILED))
    elif status == HostStatus.RESERVED:
        end = Fate(implicit, None, HostStatus.RESERVED, ProbeOutcome.NOT_PROBED, detail)
    else:
        probed = ProbeOutcome(outcome or ProbeOutcome.NOT_PROBED)
        end = Fate(implicit, None, None, probed, detail)
    return row._replace(message=message(row, end))


@lru_cache(_REMEMBERED)
def _leaf(der: bytes, names: tuple[str, ...], verdict: str, reason: str | None) -> Leaf:
    judged = Verdict(verdict)
    return Leaf(der, names, judged is Verdict.TRUSTED, certificate_message(judged, reason))
