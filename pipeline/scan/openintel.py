"""Parquet files as OpenINTEL publishes them become a run of the warehouse, of plan full.

They have a row a record, or one a question without any, and names with a final dot. Names that were
asked for MX, NS, SOA or TXT are domains; they and what they lead to are hosts, whether their
addresses were asked for or not. What was not asked is `not_asked`; a code that is none of DNS is a
question without answer. So features are null where OpenINTEL's question failed, as everywhere.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pipeline.errors import ConfigError
from pipeline.journal import Journal, Part
from pipeline.scan.lines import spilling, streamed
from pipeline.scan.making import complete, making, spill
from pipeline.scan.parts import write_parts
from pipeline.settings import Settings
from pipeline.warehouse import Run
from schemas import ADDRESSES, APEX, DOMAINS, HOSTS, SPF
from schemas.outcomes import ExchangeKind
from schemas.table import Table
from stages.dns.mail import exchange_kind
from stages.scan.openintel import (
    Found,
    apex_record,
    domain_record,
    host_record,
    spf_record,
)
from stages.scan.records import address_record
from stages.seeds.source import list_name

Row = tuple[Any, ...]
_COLUMNS = (
    "query_type", "query_name", "response_type", "response_ttl", "timestamp", "status_code",
    "ip4_address", "ip6_address", "country", "as", "ip_prefix", "mx_address", "mx_preference",
    "ns_address", "txt_text", "soa_mname", "soa_rname", "soa_serial", "soa_refresh", "soa_retry",
    "soa_expire", "soa_minimum",
)  # fmt: skip
_DAY = 86_400_000_000
_DAYS = 2
"""That one run may span: a measurement of a day may run past midnight."""


def import_openintel(files: Sequence[Path], run: Run, settings: Settings) -> Journal:
    """Make a run; ConfigError if it is there, or the files are of another format or many days."""
    with making(run), spilling(spill(run)) as connection:
        lines = _open(connection, files)
        name = list_name(str(files[0]))
        parts = [part for made in _TABLES for part in made.parts(connection, name, run)]
        return complete(run, settings, files, parts, lines)


class _Made(NamedTuple):
    """A table: what DuckDB finds of each key, and the record that makes."""

    table: Table
    query: str
    record: Callable[[str, Row], Row | None]

    def parts(self, connection: duckdb.DuckDBPyConnection, source: str, run: Run) -> Iterator[Part]:
        found = streamed(connection, self.query, [])
        rows = (self.record(source, row) for row in found)
        yield from write_parts(run, self.table, (row for row in rows if row is not None))


def _open(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> int:
    """The views `files` and `records` and the table `domain`; how many rows the files have."""
    try:
        found = connection.read_parquet([str(path) for path in files], union_by_name=True)
    except duckdb.Error as error:
        raise ConfigError(f"openintel: {str(error).splitlines()[0]}") from error
    kinds = dict(zip(found.columns, map(str, found.dtypes), strict=True))
    missing = [name for name in _COLUMNS if name not in kinds]
    if missing:
        raise ConfigError(f"openintel: no column {', '.join(missing)} in {files[0]}")
    time = "epoch_us" if kinds["timestamp"].startswith("TIMESTAMP") else "1000 *"
    found = found.project(f'*, CAST({time}("timestamp") AS BIGINT) AS time')
    found.create_view("files")
    connection.execute(_NAME)
    connection.execute(_RECORDS)
    return _count(connection, files[0])


def _count(connection: duckdb.DuckDBPyConnection, first: Path) -> int:
    """Rows, which must be of one day; ConfigError if there are none or too many days."""
    try:
        connection.execute(_DOMAIN)
        row = connection.execute("SELECT count(*), min(time), max(time) FROM files").fetchone()
    except duckdb.Error as error:
        raise ConfigError(f"openintel: {str(error).splitlines()[0]}") from error
    assert row is not None
    count, begun, ended = row
    if not count:
        raise ConfigError(f"openintel: no row in {first}")
    if ended - begun > _DAYS * _DAY:
        raise ConfigError("openintel: the files are of several days: import each day as a run")
    return int(count)


_NAME = """
    CREATE MACRO plain(name) AS lower(CASE name WHEN '.' THEN '.' ELSE rtrim(name, '.') END)
"""
_RECORDS = """
    CREATE VIEW records AS SELECT
        plain(query_name) AS name, upper(query_type) AS asked,
        upper(query_type) = upper(response_type) AS matches,
        response_ttl AS ttl, time, status_code & 65535 AS status,
        ip4_address, ip6_address, country, ip_prefix AS prefix,
        TRY_CAST(regexp_extract("as", '[0-9]+') AS BIGINT) AS asn,
        CASE WHEN mx_address IS NOT NULL THEN
            {'preference': coalesce(mx_preference, 0), 'exchange': plain(mx_address)} END AS mx,
        plain(ns_address) AS ns, txt_text AS txt,
        CASE WHEN soa_mname IS NOT NULL THEN
            {'mname': plain(soa_mname), 'rname': plain(soa_rname), 'serial': soa_serial,
             'refresh': soa_refresh, 'retry': soa_retry, 'expire': soa_expire,
             'minimum': soa_minimum} END AS soa
    FROM files WHERE query_name IS NOT NULL
"""
_DOMAIN = """
    CREATE TABLE domain AS SELECT name, min(time) AS time FROM records
    WHERE asked IN ('MX', 'NS', 'SOA', 'TXT') AND NOT starts_with(name, '_') GROUP BY name
"""


def _answer(kind: str, column: str) -> str:
    """Records of a question, each once, its status (the best of several tries) and TTL."""
    of = f"asked = '{kind}'"
    return f"""
        list(DISTINCT {column}) FILTER ({of} AND matches AND {column} IS NOT NULL),
        min(status) FILTER ({of}), min(ttl) FILTER ({of} AND matches)
    """


def _of_domains(*answers: tuple[str, str]) -> str:
    columns = ", ".join(_answer(*answer) for answer in answers)
    return f"""
        SELECT name, any_value(domain.time), {columns}
        FROM records JOIN domain USING (name) GROUP BY name ORDER BY name
    """  # noqa: S608 - nothing in it is from outside


def _domain(source: str, row: Row) -> Row:
    return domain_record(row[0], row[1], Found(*row[2:5]), Found(*row[5:]), source)


def _spf(_: str, row: Row) -> Row:
    return spf_record(row[0], row[1], Found(*row[2:]))


def _apex(_: str, row: Row) -> Row:
    return apex_record(row[0], row[1], Found(*row[2:5]), Found(*row[5:]))


def _host(_: str, row: Row) -> Row | None:
    if exchange_kind(row[0]) is not ExchangeKind.HOST:
        return None
    return host_record(row[0], row[1], Found(*row[2:5]), Found(*row[5:]))


def _address(_: str, row: Row) -> Row:
    address, asked, asn, prefix, country = row
    return address_record(address, asn, when=asked, prefix=prefix, country=country)


_LED_TO = """
    SELECT name FROM domain
    UNION SELECT mx.exchange FROM records WHERE asked = 'MX' AND matches
    UNION SELECT ns FROM records WHERE asked = 'NS' AND matches
"""
_TABLES = (
    _Made(DOMAINS, _of_domains(("MX", "mx"), ("TXT", "txt")), _domain),
    _Made(APEX, _of_domains(("NS", "ns"), ("SOA", "soa")), _apex),
    _Made(SPF, _of_domains(("TXT", "txt")), _spf),
    _Made(
        HOSTS,
        f"""
        SELECT name, coalesce(min(time), (SELECT min(time) FROM domain)),
            {_answer("A", "ip4_address")}, {_answer("AAAA", "ip6_address")}
        FROM ({_LED_TO}) LEFT JOIN records USING (name) GROUP BY name ORDER BY name
        """,  # noqa: S608
        _host,
    ),
    _Made(
        ADDRESSES,
        f"""
        SELECT address, min(time), arg_min(asn, time), arg_min(prefix, time), arg_min(country, time)
        FROM (SELECT unnest([ip4_address, ip6_address]) AS address, * FROM records
              WHERE asked IN ('A', 'AAAA') AND matches AND name IN ({_LED_TO}))
        WHERE address IS NOT NULL GROUP BY address ORDER BY address
        """,  # noqa: S608
        _address,
    ),
)
