"""A made-up census, written to Parquet as a crawl's tables are, for inference to be measured with.

    make(domains, seed, folder) -> rows by table

Half of the domains name one of a few large providers, an eighth has a host name of its own at a
large provider, the rest are shared or run by themselves, with a greeting and often a
certificate of their own. Sizes are of the order of IMC'21's .com sample.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import ADDRESSES, CERTIFICATES, DOMAINS, HOSTS, SMTP
from schemas.addresses import Address
from schemas.certificates import Certificate
from schemas.domains import Domain
from schemas.hosts import Host
from schemas.mx import Exchange
from schemas.outcomes import (
    ExchangeKind,
    HostStatus,
    Mail,
    Outcome,
    ProbeOutcome,
    ProbeStep,
    StartTls,
    Verdict,
)
from schemas.query import Query
from schemas.smtp import Smtp, Timings
from schemas.table import Table

CENSUS = (DOMAINS, HOSTS, SMTP, CERTIFICATES, ADDRESSES)
PORT = 25
QUERY = Query(Outcome.OK, 0, 300, 1.0, None, 1, tcp=False)
LARGE = 40
TENANT_ADDRESSES = 400
SHARED_SERVERS = 60
_PART = 50_000
KINDS = {"provider": 50, "tenant": 13, "shared": 22, "own": 10, "own without TLS": 5}
"""Per cent of domains by who runs their mail."""


class Tables:
    """Parquet files of a census, written bit by bit."""

    def __init__(self, files: Mapping[Table, pq.ParquetWriter]) -> None:
        self._files = files
        self._waiting: dict[Table, list[tuple[object, ...]]] = {table: [] for table in files}
        self.rows = Counter[str]()

    def put(self, table: Table, row: tuple[object, ...]) -> None:
        """Add a row."""
        self.rows[table.name] += 1
        self._waiting[table].append(row)
        if len(self._waiting[table]) == _PART:
            self._flush(table)

    def flush(self) -> None:
        """Write what waits."""
        for table in self._files:
            self._flush(table)

    def _flush(self, table: Table) -> None:
        self._files[table].write_table(pa.table(table.batch(self._waiting[table])))
        self._waiting[table].clear()


@contextmanager
def open_tables(folder: Path) -> Iterator[Tables]:
    """Files of the crawl's tables in a folder."""
    with ExitStack() as stack:
        tables = Tables({
            table: stack.enter_context(pq.ParquetWriter(part(folder, table), table.schema))
            for table in CENSUS
        })  # fmt: skip
        yield tables
        tables.flush()


def part(folder: Path, table: Table) -> Path:
    """Where a table is in a folder."""
    return folder / f"{table.name}.parquet"


class Census:
    """Rows of the crawl's tables, made domain by domain."""

    def __init__(self, seed: int, put: Callable[[Table, tuple[object, ...]], None]) -> None:
        self.random = random.Random(seed)
        self._put = put
        self._shared: set[str] = set()
        """Hosts of many domains."""
        self._servers = 0
        self._tenants = [
            self._server(f"mail{i % 9}.tenants.com", "tenants.com", 64500, 12)
            for i in range(TENANT_ADDRESSES)
        ]

    def add(self, number: int) -> None:
        """One more domain."""
        name = f"domain{number}.com"
        (kind,) = self.random.choices(list(KINDS), list(KINDS.values()))
        if kind == "provider":
            provider = f"provider{int(self.random.paretovariate(0.7)) % LARGE}.net"
            hosts = [self._provider_host(provider, i) for i in range(3)]
            mx = [(10 * (i // 2), host) for i, host in enumerate(hosts)]
        elif kind == "tenant":
            mx = [(0, f"domain{number}.mail.tenants.com")]
            self._host(mx[0][1], self.random.sample(self._tenants, 4))
        elif kind == "shared":
            mx = [(0, self._shared_host(SHARED_SERVERS + number // 50))]
        else:
            mx = [(10, f"mail.{name}")]
            certified = name if kind == "own" else None
            self._host(mx[0][1], [self._server(mx[0][1], certified, 65000, 2)])
        self._domain(name, mx)

    def _shared_host(self, servers: int) -> str:
        server = self.random.randrange(servers)
        host = f"server{server}.hoster{server % 25}.com"
        if host not in self._shared:
            self._shared.add(host)
            self._host(host, [self._server(host, host, 64600 + server % 25, 1)])
        return host

    def _domain(self, name: str, mx: list[tuple[int, str]]) -> None:
        exchanges = tuple(Exchange(preference, h, ExchangeKind.HOST) for preference, h in mx)
        hosts = tuple(host for _, host in mx)
        row = Domain(name, name, 0, (), Mail.MX, exchanges, hosts, QUERY, (), QUERY, (), QUERY)
        self._put(DOMAINS, row)

    def _provider_host(self, provider: str, number: int) -> str:
        host = f"mx{number}.{provider}"
        if host not in self._shared:
            self._shared.add(host)
            self._host(host, [self._server(host, provider, 64501, 80) for _ in range(6)])
        return host

    def _host(self, name: str, addresses: list[str]) -> None:
        registered = ".".join(name.split(".")[-2:])
        row = Host(name, registered, 0, HostStatus.RESOLVED, tuple(addresses), (), (), QUERY, QUERY)
        self._put(HOSTS, row)

    def _server(self, host: str, certified: str | None, asn: int, names: int) -> str:
        number = self._servers
        self._servers += 1
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        leaf = f"{self.random.getrandbits(256):064x}" if certified else None
        if leaf and certified:
            fqdns = tuple(f"mx{i}.{certified}" for i in range(names))
            registered = (".".join(certified.split(".")[-2:]),)
            self._put(CERTIFICATES, _certificate(leaf, fqdns, registered))
        self._put(SMTP, _smtp(address, host, number, leaf))
        nothing = (None,) * 7
        self._put(ADDRESSES, Address(address, 0, 4, asn, *nothing, (), None))
        return address


def _certificate(leaf: str, fqdns: tuple[str, ...], registered: tuple[str, ...]) -> Certificate:
    nothing = (None,) * 9
    der = b"x" * 1200
    return Certificate(
        leaf, der, 0, None, None, fqdns, fqdns, registered, *nothing, Verdict.TRUSTED, None, ()
    )


def _smtp(address: str, host: str, number: int, leaf: str | None) -> Smtp:
    return Smtp(
        address,
        PORT,
        0,
        1,
        ProbeOutcome.OK,
        ProbeStep.QUIT,
        None,
        f"220 {host} ESMTP ready at {number}",
        None,
        f"250-{host} at your service\r\n250-PIPELINING\r\n250 SIZE 52428800",
        None,
        (),
        None,
        None,
        None,
        StartTls.OK if leaf else StartTls.NOT_OFFERED,
        None,
        None,
        None,
        None,
        (leaf,) if leaf else (),
        Timings(None, None, None, None, None, None),
    )


def make(domains: int, seed: int, folder: Path) -> Counter[str]:
    """Make a census; rows by table."""
    with open_tables(folder) as tables:
        census = Census(seed, tables.put)
        for number in range(domains):
            census.add(number)
    return tables.rows
