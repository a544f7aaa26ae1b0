"""A night of seeds as the rows that a crawl of plan full makes, and what inference makes of it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple

import ibis
import pyarrow as pa

from certs.registered import registered_domain
from schemas import ADDRESSES, APEX, DOMAINS, HOSTS, SPF, SPF_TRUST
from schemas.addresses import Address
from schemas.apex import Apex, Soa
from schemas.domains import Domain, SeedRank
from schemas.hosts import Host
from schemas.mx import Exchange
from schemas.outcomes import HostStatus, Outcome
from schemas.query import Query, Text
from schemas.seen import SEEN
from schemas.snowshoe import Snowshoe
from schemas.spf import Spf
from schemas.spf_trust import SpfVerdict
from schemas.table import Table
from stages.dns.answer import Answer, Question, RRType
from stages.dns.apex import hosts_of
from stages.dns.mail import exchange_kind, mail, mail_hosts
from stages.inference.snowshoe.features.features import snowshoe
from stages.spf.stage import spf_row

NOW = 1_790_000_000_000_000
DAY = dt.date(2026, 11, 22)
TTL = {"mx": 60, "txt": 120, "ns": 3600, "soa": 900, "a": 300, "aaaa": 30}


class Place(NamedTuple):
    """Whose an address is."""

    asn: int | None
    country: str | None


class Seed(NamedTuple):
    """A seed's records; ``failed`` names questions that got no answer."""

    domain: str
    mx: tuple[tuple[int, str], ...] = ()
    txt: tuple[bytes, ...] = ()
    ns: tuple[str, ...] = ()
    soa: Soa | None = None
    a: tuple[str, ...] = ()
    aaaa: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def query(self, name: str, records: object) -> Query:
        """The account of one question."""
        if name in self.failed:
            return Query(Outcome.SERVFAIL, 2, None, None, None, 3, tcp=False)
        outcome = Outcome.OK if records else Outcome.NODATA
        return Query(outcome, 0, TTL[name], 1.0, "127.0.0.1:53", 1, tcp=False)

    def rows(self) -> tuple[Domain, Apex, Host, Spf]:
        """Those of domains, apex, hosts and spf."""
        mx = tuple(
            Exchange(preference, name, exchange_kind(name)) for preference, name in sorted(self.mx)
        )
        answer = self.query("mx", mx)
        txt = self.query("txt", self.txt)
        domain = Domain(
            self.domain, registered_domain(self.domain), NOW, (SeedRank("list", None),),
            mail(answer.outcome, mx), mx, mail_hosts(mx), answer,
            tuple(map(Text.of, sorted(self.txt))), txt, (), txt,
        )  # fmt: skip
        apex = Apex(
            self.domain, NOW, hosts_of(self.domain, self.ns), tuple(sorted(self.ns)),
            self.query("ns", self.ns), self.soa, self.query("soa", self.soa),
        )  # fmt: skip
        spf = spf_row(Answer(Question(self.domain, RRType.TXT), NOW, txt, self.txt))
        return domain, apex, host(self), spf


def host(given: Seed) -> Host:
    """The hosts row of a name, of which only addresses count."""
    return Host(
        given.domain, registered_domain(given.domain), NOW, HostStatus.RESOLVED, given.a,
        given.aaaa, (), given.query("a", given.a), given.query("aaaa", given.aaaa),
    )  # fmt: skip


class Night(NamedTuple):
    """Seeds, further hosts, and whose addresses are."""

    seeds: tuple[Seed, ...]
    hosts: tuple[Seed, ...] = ()
    places: Mapping[str, Place] = {}

    def tables(self) -> dict[str, list[Any]]:
        """Rows by table."""
        kinds = zip(*(seed.rows() for seed in self.seeds), strict=True)
        domains, apex, own, spf = map(list, kinds)
        hosts = [*own, *map(host, self.hosts)]
        named = {address for row in hosts for address in (*row[4], *row[5])}
        places = [located(each, self.places.get(each, Place(None, None))) for each in named]
        return {"domains": domains, "apex": apex, "hosts": hosts, "spf": spf, "addresses": places}


def located(address: str, place: Place) -> Address:
    """An address and whose it is."""
    return Address(
        address, NOW, ip_address(address).version, place.asn, None, None, place.country,
        None, None, None, None, (), None,
    )  # fmt: skip


def features(
    night: Night,
    *,
    reach: Iterable[tuple[str, SpfVerdict, int]] = (),
    seen: Mapping[str, dt.date] = {},
    earlier: pa.Table | None = None,
) -> pa.Table:
    """The table as inference makes it; who is not in ``seen`` is new."""
    made = night.tables()
    tables = {table: made[table.name] for table in (DOMAINS, APEX, HOSTS, SPF, ADDRESSES)}
    census = {table.name: _memtable(table, rows) for table, rows in tables.items()}
    days = [(seed.domain, (seen.get(seed.domain, DAY) - EPOCH).days) for seed in night.seeds]
    before = ibis.memtable(earlier) if earlier is not None else None
    found = snowshoe(census, _trust(reach), _memtable(SEEN, days), before, DAY)
    return found.order_by("domain").to_pyarrow()


def by_domain(table: pa.Table) -> dict[str, Snowshoe]:
    """Its rows, dates as dates."""
    return {row["domain"]: Snowshoe(**row) for row in table.to_pylist()}


def row_of(*seeds: Seed, hosts: tuple[Seed, ...] = (), **places: Place) -> Snowshoe:
    """The features of the first of some seeds."""
    return by_domain(features(Night(seeds, hosts, places)))[seeds[0].domain]


EPOCH = dt.date(1970, 1, 1)


def _memtable(table: Table, rows: list[tuple[Any, ...]]) -> ibis.Table:
    return ibis.memtable(pa.Table.from_batches([table.batch(rows)], table.schema))


def _trust(reach: Iterable[tuple[str, SpfVerdict, int]]) -> ibis.Table:
    schema = pa.schema([SPF_TRUST.schema.field(name) for name in ("domain", "verdict", "ipv4")])
    domains, verdicts, counts = zip(*reach, strict=True) if reach else ((), (), ())
    return ibis.memtable(pa.table([domains, verdicts, counts], schema))
