"""Provider inference the slow and obvious way: one domain after the other, plain Python.

Written from the paper's rules and the schemas, independently of the product's expressions;
what it shares with it is the reading of greetings, tested by itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from certs.registered import registered_domain
from schemas.addresses import Address
from schemas.certificates import Certificate
from schemas.domains import Domain
from schemas.hosts import Host
from schemas.outcomes import ExchangeKind, HostStatus, Mail, ProbeOutcome, Verdict
from schemas.providers import Category
from schemas.smtp import Smtp
from stages.inference.providers.hostname import reply_host
from tests.stages.inference.providers.census import OWN, Row


class Id(NamedTuple):
    tls: str | None
    banner: str | None
    mx: str | None
    winner: str | None
    source: str | None
    confidence: int


class Reference:
    """The labels of a census."""

    def __init__(self, rows: Iterable[Row]) -> None:
        rows = list(rows)
        self.domains = [row for row in rows if isinstance(row, Domain)]
        self.hosts = {row.host: row for row in rows if isinstance(row, Host)}
        self.probes = {row.address: row for row in rows if isinstance(row, Smtp)}
        self.certificates = {row.sha256: row for row in rows if isinstance(row, Certificate)}
        self.located = {row.address: row.asn for row in rows if isinstance(row, Address)}
        self.chosen = {row.domain: self.exchanges(row) for row in self.domains}
        self.by_host = Counter[str]()
        self.by_address = Counter[str]()
        self.by_domain = Counter[str]()
        for hosts in self.chosen.values():
            addresses = {a for host in hosts for a in self.live(host)}
            leafs = [leaf for address in addresses if (leaf := self.trusted(address))]
            self.by_host.update(hosts.keys())
            self.by_address.update(addresses)
            self.by_domain.update({name for leaf in leafs for name in leaf.registered_domains})

    def candidates(self, row: Domain) -> dict[str, int]:
        if row.mail == Mail.NO_MX:
            return {row.domain: 0}
        found: dict[str, int] = {}
        for mx in row.mx if row.mail == Mail.MX else ():
            if mx.kind == ExchangeKind.HOST:
                found[mx.exchange] = min(mx.preference, found.get(mx.exchange, mx.preference))
        return found

    def addresses(self, host: str) -> list[str]:
        row = self.hosts.get(host)
        return [*row.a, *row.aaaa] if row else []

    def live(self, host: str) -> list[str]:
        probed = [a for a in self.addresses(host) if a in self.probes]
        return [a for a in probed if self.probes[a].outcome.answers]

    def asked(self, hosts: Iterable[str]) -> bool:
        never = (ProbeOutcome.NOT_PROBED, ProbeOutcome.BUG)
        outcomes = [
            self.probes[a].outcome for h in hosts for a in self.addresses(h) if a in self.probes
        ]
        return any(outcome not in never for outcome in outcomes)

    def status(self, host: str) -> HostStatus:
        return self.hosts[host].status if host in self.hosts else HostStatus.FAILED

    def exchanges(self, row: Domain) -> dict[str, int]:
        candidates = self.candidates(row)
        usable = {h: p for h, p in candidates.items() if self.live(h)}
        if not self.asked(candidates):
            usable = {h: p for h, p in candidates.items() if self.status(h) == HostStatus.RESOLVED}
        return {h: p for h, p in usable.items() if p == min(usable.values())}

    def trusted(self, address: str) -> Certificate | None:
        probe = self.probes.get(address)
        leaf = self.certificates.get(probe.chain[0]) if probe and probe.chain else None
        return leaf if leaf and leaf.verdict == Verdict.TRUSTED else None

    def group(self, leaf: Certificate) -> str | None:
        """The name of its group, grown until nothing is added."""
        shown = [found for address in self.probes if (found := self.trusted(address))]
        members = set(leaf.names)
        while more := {n for c in shown if members & set(c.names) for n in c.names} - members:
            members |= more
        ranked = [(-self.by_domain[_registered(name)], name) for name in members]
        return _registered(min(ranked)[1]) if ranked else None

    def id(self, host: str) -> Id:
        live = self.live(host)
        leafs = [leaf for address in live if (leaf := self.trusted(address))]
        groups = {group for leaf in leafs if (group := self.group(leaf))}
        texts = [t for a in live for t in (self.probes[a].banner, self.probes[a].ehlo) if t]
        said = [name for text in texts if (name := reply_host(text, OWN))]
        banners = {_registered(name) for name in said}
        tls = groups.pop() if len(groups) == 1 else None
        banner = banners.pop() if len(banners) == 1 else None
        mx = self.hosts[host].registered_domain
        popular = max((self.by_address[address] for address in live), default=0)
        if tls:
            return Id(tls, banner, mx, tls, "tls", max(1, popular, self.by_domain[tls]))
        if banner:
            return Id(tls, banner, mx, banner, "banner", max(1, popular, self.by_host[host]))
        return Id(tls, banner, mx, mx, "mx" if mx else None, 1 if mx else 0)

    def evidence(self, host: str) -> list[tuple[str, str, str, str | None, int]]:
        """Source, id, name, certificate and number of addresses, in that order."""
        found = defaultdict[tuple[str, str, str], list[tuple[str, str | None]]](list)
        for address in self.live(host):
            leaf, probe = self.trusted(address), self.probes[address]
            if leaf and (group := self.group(leaf)):
                found["tls", group, leaf.names[0]].append((address, leaf.sha256))
            for text in (probe.banner, probe.ehlo):
                if text and (name := reply_host(text, OWN)):
                    found["banner", _registered(name), name].append((address, None))
        return [
            (*key, min((sha for _, sha in seen if sha), default=None), len({a for a, _ in seen}))
            for key, seen in sorted(found.items(), key=lambda item: (item[0][0] != "tls", item[0]))
        ]

    def category(self, row: Domain) -> str:
        mail = {
            Mail.NXDOMAIN: Category.NO_SUCH_DOMAIN,
            Mail.OPTED_OUT: Category.OPTED_OUT,
            Mail.FAILED: Category.DNS_FAILED,
            Mail.BUG: Category.DNS_FAILED,
            Mail.NULL_MX: Category.NULL_MX,
        }
        candidates = self.candidates(row)
        if row.mail in mail:
            return mail[row.mail]
        if not candidates:
            return Category.BAD_MX
        if any(self.live(host) for host in candidates):
            source = self.operator(row)[1]
            return f"by_{source}" if source else Category.UNLABELLED
        statuses = {self.status(host) for host in candidates}
        if self.asked(candidates):
            return Category.NO_SMTP
        for met, category in (
            (HostStatus.RESOLVED, Category.NOT_PROBED),
            (HostStatus.FAILED, Category.MX_FAILED),
            (HostStatus.BUG, Category.MX_FAILED),
            (HostStatus.RESERVED, Category.RESERVED_MX),
        ):
            if met in statuses:
                return category
        return Category.NO_MX if row.mail == Mail.NO_MX else Category.DANGLING_MX

    def shares(self, row: Domain) -> dict[str | None, Fraction]:
        hosts = self.chosen[row.domain]
        counts = Counter(self.id(host).winner for host in hosts)
        return {name: Fraction(count, len(hosts)) for name, count in counts.items()}

    def operator(self, row: Domain) -> tuple[str | None, str | None]:
        named = [(-share, name) for name, share in self.shares(row).items() if name]
        if not named:
            return None, None
        operator = min(named)[1]
        sources = {
            i.source for h in self.chosen[row.domain] if (i := self.id(h)).winner == operator
        }
        return operator, next(source for source in ("tls", "banner", "mx") if source in sources)


def _registered(name: str) -> str:
    registered = registered_domain(name.removeprefix("*."))
    assert registered
    return registered
