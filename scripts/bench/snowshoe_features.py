"""Time of the snowshoe features a domain, on a made-up night of plan full, the table written.

    python -m scripts.bench.snowshoe_features [--domains 100000] [--runs 3] [--seed 1]

A domain has one to three records of most types. Two in three use one of 40 mail providers, nine in
ten one of 500 pairs of name servers, half one of 20,000 shared web addresses; the others have
their own. A third of the SPF records are shared word for word, half name addresses of their own.
The features of the night before are compared with, and first-seen days are kept, as `infer` does.
The processor time is of all of DuckDB's threads; another process makes the night.
"""

import datetime as dt
import random
import resource
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.infer import backend
from pipeline.seen import first_seen, note
from pipeline.warehouse import Warehouse
from schemas import ADDRESSES, APEX, DOMAINS, HOSTS, SNOWSHOE, SPF, SPF_TRUST
from schemas.addresses import Address
from schemas.apex import Apex, Soa
from schemas.domains import Domain, SeedRank
from schemas.hosts import Host
from schemas.mx import Exchange
from schemas.outcomes import ExchangeKind, HostStatus, Mail, Outcome
from schemas.query import Query, Text
from schemas.spf_trust import SpfTrust, SpfVerdict
from schemas.table import Table
from scripts.bench.made import peak, prepared
from stages.dns.answer import Answer, Question, RRType
from stages.inference.snowshoe.features.features import snowshoe
from stages.spf.stage import spf_row

TABLES = (DOMAINS, APEX, HOSTS, SPF, ADDRESSES, SPF_TRUST)
OK = Query(Outcome.OK, 0, 300, 1.0, "127.0.0.1:53", 1, tcp=False)
NODATA = OK._replace(outcome=Outcome.NODATA)
DAY = dt.date(2026, 11, 22)
_BATCH = 20_000
_HOSTS = 40
_SERVERS = 500
_SITES = 20_000


class Row(NamedTuple):
    """A row and its table."""

    table: Table
    row: tuple[Any, ...]


class Night:
    """Rows of a night, domain by domain."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._seen: set[str] = set()

    def rows(self, domains: int) -> Iterator[Row]:
        """All of them, hosts and addresses with the domain that first leads there."""
        for number in range(domains):
            yield from self._domain(f"domain{number}.com")

    def _domain(self, name: str) -> Iterator[Row]:
        draw = self._random
        provider = draw.randrange(_HOSTS)
        own = draw.random() < 1 / 3
        zone = name if draw.random() < 0.1 else f"dns{draw.randrange(_SERVERS)}.net"
        servers = (f"ns1.{zone}", f"ns2.{zone}")
        exchanges = [f"mx.{name}"] if own else [f"mx{n}.mail{provider}.net" for n in range(3)]
        mx = tuple(Exchange(10 * n, host, ExchangeKind.HOST) for n, host in enumerate(exchanges))
        texts = tuple(map(str.encode, sorted((self._spf(name, provider), *self._others()))))
        txt = tuple(map(Text.of, texts))
        seeds = (SeedRank("made-up", None),)
        yield Row(
            DOMAINS,
            Domain(name, name, 0, seeds, Mail.MX, mx, tuple(exchanges), OK, txt, OK, (), OK),
        )
        soa = Soa(servers[0], f"hostmaster.{name}", 1, 7200, 3600, 1209600, 300)
        yield Row(APEX, Apex(name, 0, (name, *servers), servers, OK, soa, OK))
        yield Row(SPF, spf_row(Answer(Question(name, RRType.TXT), 0, OK, texts)))
        yield Row(SPF_TRUST, _trust(name, draw.randrange(1 << 20)))
        shared = draw.random() < 0.5
        site = draw.randrange(_SITES) if shared else None
        yield from self._host(name, site, draw.randrange(1, 3))
        for host in (*exchanges, *servers):
            if host not in self._seen:
                self._seen.add(host)
                yield from self._host(host, None, draw.randrange(1, 4))

    def _spf(self, name: str, provider: int) -> str:
        include = f"include:spf.mail{provider}.net"
        if self._random.random() < 1 / 3:
            return f"v=spf1 {include} -all"
        named = [f"ip4:{self._four()}" for _ in range(self._random.randrange(3))]
        return f"v=spf1 a mx {' '.join(named)} {include} include:spf.{name} ~all"

    def _others(self) -> Iterator[str]:
        for _ in range(self._random.randrange(3)):
            yield f"made-up-site-verification={self._random.getrandbits(64):016x}"

    def _four(self) -> str:
        number = self._random.getrandbits(32)
        return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))

    def _host(self, name: str, site: int | None, count: int) -> Iterator[Row]:
        if site is None:
            a = tuple(sorted(self._four() for _ in range(count)))
        else:
            a = tuple(f"198.18.{site >> 8}.{(site + n) & 255}" for n in range(count))
        n = self._random.getrandbits(32)
        aaaa = (f"2001:db8:{n >> 16:x}::{n & 65535:x}",) * (n % 3 == 0)
        asked = (OK, OK if aaaa else NODATA)
        a = tuple(sorted(set(a)))
        yield Row(HOSTS, Host(name, name, 0, HostStatus.RESOLVED, a, aaaa, (), *asked))
        for address in (*a, *aaaa):
            if address not in self._seen:
                self._seen.add(address)
                yield Row(ADDRESSES, _place(address, self._random.randrange(30_000)))


def _place(address: str, asn: int) -> Address:
    version = 6 if ":" in address else 4
    country = f"{chr(65 + asn % 26)}{chr(65 + asn % 7)}"
    return Address(
        address, 0, version, asn, None, None, country, None, None, None, None, (), None
    )  # fmt: skip


def _trust(domain: str, ipv4: int) -> SpfTrust:
    return SpfTrust(
        domain, None, SpfVerdict.VALID, 1, 0, 0, 1, 1, (), "~", ipv4, ipv4, 0, 0, 0, 0, 0, 0, None,
        None, (), needs_context=False, has_exceptions=False, published=True,
    )  # fmt: skip


def make(domains: int, seed: int, folder: Path) -> dict[str, int]:
    """Write a night's tables; rows by table."""
    counts = dict.fromkeys((table.name for table in TABLES), 0)
    writers = {
        table: pq.ParquetWriter(folder / f"{table.name}.parquet", table.schema) for table in TABLES
    }
    rows = Night(seed).rows(domains)
    while chunk := list(islice(rows, _BATCH)):
        for table, writer in writers.items():
            batch = table.batch([row for of, row in chunk if of is table])
            writer.write_table(pa.Table.from_batches([batch]))
            counts[table.name] += batch.num_rows
    for writer in writers.values():
        writer.close()
    return counts


def measured(folder: Path) -> tuple[float, float]:
    """User and system seconds of one night's features, written."""
    began = resource.getrusage(resource.RUSAGE_SELF)
    warehouse = Warehouse.at(str(folder))
    before = folder / "before.parquet"
    with backend() as connection:
        connection.raw_sql("SET enable_progress_bar = false")
        census = {
            table.name: connection.read_parquet(folder / f"{table.name}.parquet")
            for table in TABLES
        }
        note(warehouse, connection, census[DOMAINS.name], DAY)
        made = snowshoe(
            census,
            census[SPF_TRUST.name],
            first_seen(warehouse, connection),
            connection.read_parquet(before) if before.exists() else None,
            DAY,
        )
        with pq.ParquetWriter(folder / "made.parquet", SNOWSHOE.schema) as writer:
            for batch in made.to_pyarrow_batches(chunk_size=100_000):
                writer.write_table(pa.Table.from_batches([batch]).cast(SNOWSHOE.schema))
    (folder / "made.parquet").rename(before)
    ended = resource.getrusage(resource.RUSAGE_SELF)
    return ended.ru_utime - began.ru_utime, ended.ru_stime - began.ru_stime


def main() -> None:
    """Make a night, work out its features, print how long it took."""
    with prepared(__doc__, make, 100_000) as (options, folder):
        measured(folder)  # the night before, and what is loaded once
        taken = [measured(folder) for _ in range(options.runs)]
    user, system = (1e6 * median(times) / options.domains for times in zip(*taken, strict=True))
    print(
        f"{options.domains:,} domains, median of {options.runs}: {user:.1f} us user CPU a domain, "
        f"{system:.1f} us system; peak {peak():,.0f} MB"
    )


if __name__ == "__main__":
    main()
