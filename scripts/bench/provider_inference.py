"""Time of provider inference a domain, on a made-up census written to Parquet.

    python -m scripts.bench.provider_inference [DOMAINS]

Half of the domains name one of a few large providers, an eighth has a host name of its own at a
large provider, the rest are shared or run by themselves, with a greeting and often a
certificate of their own. Sizes are of the order of IMC'21's .com sample.
"""

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.infer import backend, write
from schemas import ADDRESSES, CERTIFICATES, DOMAINS, HOSTS, SMTP, TABLES
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
from stages.inference.providers.companies import bundled_companies
from stages.inference.providers.inference import infer
from stages.inference.providers.method import Method

PORT = 25
QUERY = Query(Outcome.OK, 0, 300, 1.0, None, 1, tcp=False)
PROVIDERS = 40
TENANT_ADDRESSES = 400
SHARED_SERVERS = 60
KINDS = {"provider": 50, "tenant": 13, "shared": 22, "own": 10, "own without TLS": 5}
"""Per cent of domains by who runs their mail."""


class Census:
    """Rows of the crawl's tables, made domain by domain."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.rows: dict[Table, dict[str, tuple[object, ...]]] = {
            table: {} for table in (DOMAINS, HOSTS, SMTP, CERTIFICATES, ADDRESSES)
        }
        self._tenants = [
            self._server(f"mail{i % 9}.tenants.com", "tenants.com", 64500, 12)
            for i in range(TENANT_ADDRESSES)
        ]

    def add(self, number: int) -> None:
        """One more domain."""
        name = f"domain{number}.com"
        (kind,) = self.random.choices(list(KINDS), list(KINDS.values()))
        if kind == "provider":
            provider = f"provider{int(self.random.paretovariate(0.7)) % PROVIDERS}.net"
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
        if host not in self.rows[HOSTS]:
            self._host(host, [self._server(host, host, 64600 + server % 25, 1)])
        return host

    def _domain(self, name: str, mx: list[tuple[int, str]]) -> None:
        exchanges = tuple(Exchange(preference, h, ExchangeKind.HOST) for preference, h in mx)
        hosts = tuple(host for _, host in mx)
        self.rows[DOMAINS][name] = Domain(
            name, name, 0, (), Mail.MX, exchanges, hosts, QUERY, (), QUERY, (), QUERY
        )

    def _provider_host(self, provider: str, number: int) -> str:
        host = f"mx{number}.{provider}"
        if host not in self.rows[HOSTS]:
            self._host(host, [self._server(host, provider, 64501, 80) for _ in range(6)])
        return host

    def _host(self, name: str, addresses: list[str]) -> None:
        registered = ".".join(name.split(".")[-2:])
        self.rows[HOSTS][name] = Host(
            name, registered, 0, HostStatus.RESOLVED, tuple(addresses), (), (), QUERY, QUERY
        )

    def _server(self, host: str, certified: str | None, asn: int, names: int) -> str:
        number = len(self.rows[SMTP])
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        leaf = f"{self.random.getrandbits(256):064x}" if certified else None
        if leaf and certified:
            fqdns = tuple(f"mx{i}.{certified}" for i in range(names))
            registered = (".".join(certified.split(".")[-2:]),)
            self.rows[CERTIFICATES][leaf] = Certificate(
                leaf,
                b"x" * 1200,
                0,
                None,
                None,
                fqdns,
                fqdns,
                registered,
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                Verdict.TRUSTED,
                None,
                (),
            )
        self.rows[SMTP][address] = Smtp(
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
        self.rows[ADDRESSES][address] = Address(
            address, 0, 4, asn, None, None, None, None, None, None, None, (), None
        )
        return address


def _written(census: Census, folder: Path) -> Iterator[tuple[str, Path]]:
    for table, rows in census.rows.items():
        path = folder / f"{table.name}.parquet"
        pq.write_table(pa.table(table.batch(list(rows.values()))), path)
        yield table.name, path


def main(size: int) -> None:
    """Make a census, infer, print how long it took."""
    census = Census(seed=1)
    for number in range(size):
        census.add(number)
    print({table.name: len(rows) for table, rows in census.rows.items()})
    method = Method(companies=bundled_companies(), port=PORT, ehlo_name=None)
    with tempfile.TemporaryDirectory() as name, backend() as connection:
        folder = Path(name)
        tables = {name: connection.read_parquet(path) for name, path in _written(census, folder)}
        del census
        wall, cpu = time.perf_counter(), time.process_time()
        for made, result in infer(tables, method).items():
            write(result, TABLES[made], method, folder / f"{made}.parquet")
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        found = connection.read_parquet(folder / "providers.parquet")
        print(found.category.value_counts().to_pyarrow().to_pylist())
    print(f"{wall:.2f} s, {wall / size * 1e6:.1f} us a domain; CPU {cpu / size * 1e6:.1f} us")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
