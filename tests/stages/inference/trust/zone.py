"""Small made-up zones: as rows of a crawl, and as answers to a live evaluation."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from schemas import ADDRESSES, DOMAINS, HOSTS, MX, SPF
from schemas.addresses import Address
from schemas.domains import Domain, SeedRank
from schemas.hosts import Host
from schemas.mx import Exchange
from schemas.mx import Mx as MxRow
from schemas.outcomes import ExchangeKind, HostStatus, Mail, Outcome
from schemas.query import Query, Text
from schemas.table import Table
from stages.dns.absence import registered_above
from stages.dns.answer import Answer, MxData, Question, Rdata, RRType
from stages.spf.stage import spf_row

OK = Query(Outcome.OK, 0, 300, 1.0, None, 1, tcp=False)


def query(outcome: Outcome) -> Query:
    """The account of a question that ended so."""
    return OK._replace(outcome=outcome)


@dataclass
class Zone:
    """What the DNS has; a name that is nowhere does not exist."""

    seeds: list[str] = field(default_factory=list)
    txt: dict[str, list[bytes] | Outcome] = field(default_factory=dict)
    a: dict[str, list[str]] = field(default_factory=dict)
    aaaa: dict[str, list[str]] = field(default_factory=dict)
    mx: dict[str, list[str]] = field(default_factory=dict)
    addresses: list[Address] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    """Names that are aliases for names that do not exist."""
    failing: dict[str, Outcome] = field(default_factory=dict)
    """Names whose servers fail in some way for all but TXT."""
    hosts: set[str] = field(default_factory=set)
    """Names whose addresses a crawl asks for; all others it does not know of."""

    def __call__(self, question: Question) -> Answer:
        """The answer to a live evaluation."""
        name = question.name
        records: list[Rdata] = []
        match question.type:
            case RRType.TXT:
                found = self.txt.get(name, [])
                if isinstance(found, Outcome):
                    return Answer(question, 0, query(found), ())
                records = list(found)
            case RRType.A:
                records = list(self.a.get(name, []))
            case RRType.AAAA:
                records = list(self.aaaa.get(name, []))
            case RRType.MX:
                records = [MxData(10, host) for host in self.mx.get(name, [])]
        outcome = Outcome.OK if records else self._nothing(name)
        chain = (self.aliases[name],) if name in self.aliases else ()
        return Answer(question, 0, query(outcome), tuple(records), chain)

    def _nothing(self, name: str) -> Outcome:
        if self.txt.get(name) is Outcome.NXDOMAIN:
            return Outcome.NXDOMAIN
        if name in self.failing:
            return self.failing[name]
        known = (self.txt, self.a, self.aaaa, self.mx)
        return Outcome.NODATA if any(name in each for each in known) else Outcome.NXDOMAIN

    def census(self) -> Mapping[str, ir.Table]:
        """What a crawl of the seeds has in its tables."""
        rows: dict[Table, Sequence[tuple[object, ...]]] = {
            SPF: [spf_row(self(Question(name, RRType.TXT))) for name in self._names()],
            HOSTS: [self._host(name) for name in sorted(self.hosts)],
            MX: [self._mx(name) for name in self._names() if name not in self.seeds],
            ADDRESSES: self.addresses,
            DOMAINS: [self._domain(rank, name) for rank, name in enumerate(self.seeds, 1)],
        }
        return tables(rows)

    def _names(self) -> list[str]:
        return sorted({*self.txt, *self.seeds})

    def _host(self, name: str) -> Host:
        a, aaaa = (self(Question(name, kind)) for kind in (RRType.A, RRType.AAAA))
        status = HostStatus.RESOLVED if a.records or aaaa.records else HostStatus.NO_ADDRESS
        if a.outcome is Outcome.NXDOMAIN:
            status = HostStatus.NXDOMAIN
        return Host(
            name,
            registered_domain(name),
            0,
            status,
            tuple(a.texts()),
            tuple(aaaa.texts()),
            a.cname_chain,
            a.query,
            aaaa.query,
            registered_above(a),
        )

    def _mx(self, name: str) -> MxRow:
        answer = self(Question(name, RRType.MX))
        hosts = tuple(record.exchange for record in answer.mx())
        return MxRow(name, 0, _exchanges(hosts), hosts, answer.query, registered_above(answer))

    def _domain(self, rank: int, name: str) -> Domain:
        mx = self._mx(name)
        txt = self(Question(name, RRType.TXT))
        texts = tuple(Text.of(raw) for raw in txt.raw())
        mail = Mail.MX if mx.mx else Mail.NO_MX
        seeds = (SeedRank("made-up", rank),)
        return Domain(
            name, name, 0, seeds, mail, mx.mx, mx.mail_hosts, mx.mx_query, texts, txt.query, (), OK
        )


def _exchanges(hosts: tuple[str, ...]) -> tuple[Exchange, ...]:
    return tuple(Exchange(10, host, ExchangeKind.HOST) for host in hosts)


def tables(rows: Mapping[Table, Sequence[tuple[object, ...]]]) -> Mapping[str, ir.Table]:
    """Rows as tables of a backend."""
    connection = ibis.duckdb.connect()
    return {
        table.name: connection.create_table(table.name, pa.Table.from_batches([table.batch(each)]))
        for table, each in rows.items()
    }


class Town:
    """Random zones side by side, a suffix each, in one tiny space of addresses."""

    NAMES = 6
    HOSTS = 5

    def __init__(self, seed: int, zones: int) -> None:
        self._random = random.Random(seed)
        self.zone = Zone()
        for number in range(zones):
            self._fill(f"z{number}.example")

    def _fill(self, suffix: str) -> None:
        pick, zone = self._random, self.zone
        names = [f"n{i}.{suffix}" for i in range(self.NAMES)]
        hosts = [f"h{i}.{suffix}" for i in range(self.HOSTS)]
        calm = pick.random() < 0.6
        for place, name in enumerate(names):
            # In a calm zone nobody leads back.
            ahead = names[place + 1 :] if calm else names
            zone.txt[name] = self._txt(ahead, names, hosts)
            zone.mx[name] = pick.sample(hosts, pick.randrange(3))
        zone.seeds += [name for name in names if pick.random() < 0.7]
        zone.hosts |= {*hosts, *names}
        for name in (*hosts[1:], *names):  # the first does not exist
            zone.a[name] = [self._four() for _ in range(pick.randrange(3))]
            zone.aaaa[name] = [self._six() for _ in range(pick.randrange(3))]

    def _txt(self, ahead: list[str], names: list[str], hosts: list[str]) -> list[bytes] | Outcome:
        pick = self._random
        if pick.random() < 0.04:
            return pick.choice([Outcome.TIMEOUT, Outcome.SERVFAIL, Outcome.NXDOMAIN])
        terms = [self._term(ahead, names, hosts) for _ in range(pick.randrange(6))]
        if pick.random() < 0.7:
            terms.append(pick.choice(["-", "~", "?", "-", "~", "+"]) + "all")
        elif ahead and pick.random() < 0.6:
            terms.append("redirect=" + pick.choice(ahead))
        record = " ".join(["v=spf1", *terms]).encode()
        if pick.random() < 0.03:
            return []
        return [record, record + b" a"] if pick.random() < 0.02 else [record]

    def _term(self, ahead: list[str], names: list[str], hosts: list[str]) -> str:
        pick = self._random
        sign = pick.choice(["", "", "", "", "", "", "+", "-", "~", "?"])
        dual = pick.choice(["", "", "", "/30", "//125", "/31//126"])
        kinds = ["ip4", "ip4", "ip6", "a", "mx", "a:", "mx:", "include", "include", "rare"]
        rare = ["ptr", "include:%{ir}.x.example", "ip4:300.0.0.1", "nonsense", "ip4:10.0.0.1"]
        rare += [f"exists:{pick.choice(hosts)}", f"exists:{pick.choice(hosts)}"]
        terms = {
            "ip4": f"ip4:{self._four()}{pick.choice(['', '/30', '/28', '/29'])}",
            "ip6": f"ip6:{self._six()}{pick.choice(['', '/126', '/124'])}",
            "a": f"a{dual}",
            "mx": f"mx{dual}",
            "a:": f"a:{pick.choice(hosts)}{dual}",
            "mx:": f"mx:{pick.choice(names)}{dual}",
            "include": f"include:{pick.choice(ahead)}" if ahead else "a",
            "rare": pick.choice(rare),
        }
        return sign + terms[pick.choice(kinds)]

    def _four(self) -> str:
        return f"10.0.0.{self._random.randrange(16)}"

    def _six(self) -> str:
        return f"2001:db8::{self._random.randrange(16):x}"


def addresses(network: str) -> set[int]:
    """The addresses of a small network, as numbers."""
    return {int(address) for address in ip_network(network, strict=False)}
