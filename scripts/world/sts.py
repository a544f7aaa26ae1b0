"""MTA-STS policies of the domains of a world: files, their hosts, and the truth about them.

hosting = Hosting()
made = hosting.publish(domain, mail_hosts, random)   # of a domain with a valid record
made.truth("sts_mode"); hosting.records, hosting.files, hosting.certificates, hosting.network
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from scripts.world.model import CertificateSpec, Network, PolicyFile, Record
from scripts.world.sts_kinds import STS, StsKind

PROVIDER = "policies.sts-hosting.example"
"""What hosts are aliases for that many share."""
SHARED = tuple(f"127.254.0.{n}" for n in range(1, 5))
"""Addresses that many hosts share."""
_OWN = 0.2
"""Share of the hosts that have an address of their own."""
_MATCHES = {"all": "matched", "none": "mismatched"}


class Published(NamedTuple):
    """What a census is to find about a domain's policy."""

    outcome: str
    policy: str
    mode: str | None
    match: str | None
    findings: tuple[str, ...]


class Hosting:
    """Collects files and the hosts that have them."""

    def __init__(self) -> None:
        self.network = Network("127.254.0.0/16", 64_999, "Policy Hosting", "NL")
        self.records = [Record(PROVIDER, "A", address) for address in SHARED]
        self.records.append(Record(PROVIDER, "AAAA", "2001:db8:ffff::1"))  # nobody is there
        self.files: list[PolicyFile] = []
        self.certificates: list[CertificateSpec] = []
        self._own = 0

    def publish(self, domain: str, mail_hosts: Sequence[str], random: Random) -> Published:
        """Put up a policy of a kind that chance draws."""
        kind = random.choices(STS, [each.weight for each in STS])[0]
        own = random.random() < _OWN
        if kind.there:
            self._install(domain, kind, _body(kind, mail_hosts), own=own)
        return Published(
            kind.outcome,
            kind.policy,
            kind.mode,
            _match(kind, mail_hosts),
            tuple(sorted(_findings(kind, mail_hosts))),
        )

    def _install(self, domain: str, kind: StsKind, body: str, *, own: bool) -> None:
        host, address = f"mta-sts.{domain}", self._address() if own else None
        if address:
            self.records.append(Record(host, "A", address))
        else:
            self.records.append(Record(host, "CNAME", PROVIDER))
        name = kind.named.replace("{h}", host).replace("{d}", domain)
        spec = CertificateSpec(f"sts {kind.state} {name} {host}", (name,), kind.state)
        self.certificates.append(spec)
        self.files.append(PolicyFile(host, address, spec.id, kind.manner, body))

    def _address(self) -> str:
        self._own += 1
        return f"127.254.{1 + self._own // 250}.{self._own % 250 + 1}"


def _body(kind: StsKind, hosts: Sequence[str]) -> str:
    wild = [f"*.{host.partition('.')[2]}" for host in hosts]
    for name, patterns in (("{all}", hosts), ("{wild}", wild), ("{one}", hosts[:1])):
        lines = "".join(f"mx: {pattern}\r\n" for pattern in dict.fromkeys(patterns))
        kind = kind._replace(body=kind.body.replace(name, lines))
    return kind.body


def _match(kind: StsKind, hosts: Sequence[str]) -> str | None:
    if kind.lists == "one":
        return "matched" if len(set(hosts)) == 1 else "partly"
    return _MATCHES.get(kind.lists)


def _findings(kind: StsKind, hosts: Sequence[str]) -> Iterator[str]:
    yield from kind.findings
    if kind.policy == "unavailable":
        yield "no_policy_file"
    if kind.policy == "unproven":
        yield "unproven_host"
    if _match(kind, hosts) in ("partly", "mismatched"):
        yield "unlisted_host"
