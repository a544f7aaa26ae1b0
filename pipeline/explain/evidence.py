"""All rows of a run that bear on one domain, found by following keys from its own row."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb

from certs.registered import registered_domain
from pipeline.errors import ConfigError
from pipeline.journal import Journal
from pipeline.warehouse import Run
from schemas import (
    ADDRESSES,
    CERTIFICATES,
    CRAWLED,
    DOMAINS,
    HOSTS,
    INFERRED,
    MX,
    MX_PROVIDERS,
    PROVIDERS,
    SMTP,
    SPF,
)
from schemas.addresses import Address
from schemas.certificates import Certificate
from schemas.domains import Domain
from schemas.hosts import Host
from schemas.mx import Mx
from schemas.mx_providers import MxProvider
from schemas.providers import Provider
from schemas.reading import records
from schemas.smtp import Smtp
from schemas.spf import Spf
from schemas.table import Table
from stages.seeds.entry import Rejected
from stages.seeds.name import domain as seed_name

R = TypeVar("R", bound=tuple[Any, ...])

_ALIKE = 0.85
"""Jaro-Winkler similarity from which on a name is taken for a slip of the pen."""


@dataclass(frozen=True)
class Evidence:
    """The rows, by key; what was not asked yet is not there."""

    domain: Domain
    hosts: dict[str, Host]
    addresses: dict[str, Address]
    smtp: dict[str, Smtp]
    """By address: a run probes one port."""
    certificates: dict[str, Certificate]
    """Leafs, by SHA-256."""
    spf: dict[str, Spf]
    mail_hosts: dict[str, tuple[str, ...]]
    """Of the names that SPF mx terms point to."""
    mx_providers: dict[str, MxProvider]
    """By exchange."""
    provider: Provider | None
    """None if inference has not run, or not since the domain was asked."""


def gather(run: Run, name: str) -> Evidence:
    """What a run knows of a seed; ConfigError, with the nearest seed, if it is none of its own."""
    with closing(_Reader(run)) as reader:
        key = _key(name)
        found = reader.by_key(DOMAINS, Domain, [key])
        if key not in found:
            raise ConfigError(_missing(reader, name, key))
        return _follow(reader, found[key])


def _follow(reader: "_Reader", domain: Domain) -> Evidence:
    spf = _spf(reader, domain.domain)
    mail_hosts = {domain.domain: domain.mail_hosts}
    mx_names = {name for row in spf.values() for name in row.mx_names} - mail_hosts.keys()
    for rows in (reader.by_key(DOMAINS, Domain, mx_names), reader.by_key(MX, Mx, mx_names)):
        mail_hosts |= {name: row.mail_hosts for name, row in rows.items()}
    a_names = {name for row in spf.values() for name in row.a_names}
    names = a_names.union(*mail_hosts.values())
    hosts = reader.by_key(HOSTS, Host, names)
    lead = [hosts[name] for name in domain.mail_hosts if name in hosts]
    addresses = {address for host in lead for address in host.a + host.aaaa}
    smtp = reader.by_key(SMTP, Smtp, addresses)
    leafs = {probe.chain[0] for probe in smtp.values() if probe.chain}
    votes = reader.rows(MX_PROVIDERS, MxProvider, "domain", [domain.domain])
    return Evidence(
        domain=domain,
        hosts=hosts,
        addresses=reader.by_key(ADDRESSES, Address, addresses),
        smtp=smtp,
        certificates=reader.by_key(CERTIFICATES, Certificate, leafs),
        spf=spf,
        mail_hosts=mail_hosts,
        mx_providers={vote.mx: vote for vote in votes},
        provider=reader.by_key(PROVIDERS, Provider, [domain.domain]).get(domain.domain),
    )


def _spf(reader: "_Reader", name: str) -> dict[str, Spf]:
    """The SPF rows that a name leads to, itself included; a level of includes at a time."""
    rows: dict[str, Spf] = {}
    level = {name}
    while level:
        found = reader.by_key(SPF, Spf, level)
        rows |= found
        level = {name for row in found.values() for name in row.includes} - rows.keys()
    return rows


class _Reader:
    """Rows of a run by key: committed ones, and those that inference has written."""

    def __init__(self, run: Run) -> None:
        self.run = run
        journal = Journal.load(run)
        self._parts = {table: journal.parts(table) for table in CRAWLED}
        for table in INFERRED:
            files = run.warehouse.files(run.table(table))
            self._parts[table] = [path for path in files if path.endswith(".parquet")]
        self._connection = duckdb.connect()

    def close(self) -> None:
        self._connection.close()

    def by_key(self, table: Table, record: type[R], keys: Iterable[str]) -> dict[str, R]:
        """Rows by the first key column."""
        return {row[0]: row for row in self.rows(table, record, table.key[0], keys)}

    def rows(self, table: Table, record: type[R], column: str, keys: Iterable[str]) -> list[R]:
        """Rows whose column is one of the keys.

        One pass over that column alone finds the parts, for rows are many times wider.
        """
        paths, wanted = self._parts[table], list(keys)
        if not paths or not wanted:
            return []
        where = f"""
            SELECT DISTINCT filename, {column} FROM read_parquet($1, filename = true)
            WHERE {column} IN (SELECT unnest($2))
        """  # noqa: S608 - the column is of our own schema
        query = f"FROM read_parquet($1) WHERE {column} = $2"
        found: list[R] = []
        for part, key in self._connection.execute(where, [paths, wanted]).fetchall():
            rows = self._connection.execute(query, [part, key]).to_arrow_table()
            found += records(record, rows)
        return found

    def is_waiting(self, key: str) -> bool:
        """Whether it is a seed, asked or not."""
        query = "SELECT count(*) FROM read_parquet($1) WHERE domain = $2"
        (count,) = self._connection.execute(query, [self.run.seeds, key]).fetchall()[0]
        return bool(count)

    def nearest(self, key: str) -> str | None:
        """The seed that looks most like it, if any does."""
        query = """
            SELECT domain, jaro_winkler_similarity(domain, $2) AS likeness
            FROM read_parquet($1) WHERE likeness >= $3 ORDER BY likeness DESC, domain LIMIT 1
        """
        found = self._connection.execute(query, [self.run.seeds, key, _ALIKE]).fetchone()
        return str(found[0]) if found else None


def _key(name: str) -> str:
    try:
        return seed_name(name.strip(), exact=True)
    except Rejected as error:
        raise ConfigError(f"{name!r} is no domain: {error.reason}") from error


def _missing(reader: _Reader, name: str, key: str) -> str:
    """Why there is nothing to explain, and what may have been meant."""
    seeds = f"run {reader.run.id!r}"
    if not reader.run.warehouse.exists(reader.run.seeds):
        return f"{seeds} has no seeds yet"
    if reader.is_waiting(key):
        return f"{key} is a seed of {seeds} that has not been asked yet: resume the crawl"
    folded = registered_domain(key)
    meant = folded if folded and reader.is_waiting(folded) else reader.nearest(key)
    return f"{name} is no seed of {seeds}" + (f"; did you mean {meant}?" if meant else "")
