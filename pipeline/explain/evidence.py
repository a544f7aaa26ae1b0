"""All rows of a run that bear on one domain, found by following keys from its own row."""

from contextlib import closing
from dataclasses import dataclass

from certs.registered import registered_domain
from pipeline.errors import ConfigError
from pipeline.rows import Rows
from pipeline.warehouse import Run
from schemas import (
    ADDRESSES,
    CERTIFICATES,
    DOMAINS,
    ESPS,
    HOSTS,
    MAIL_POLICIES,
    MAILBOX_EVIDENCE,
    MX,
    MX_PROVIDERS,
    POLICIES,
    PROVIDERS,
    SMTP,
    SPF,
    SPF_TRUST,
    STS_POLICIES,
)
from schemas.addresses import Address
from schemas.certificates import Certificate
from schemas.domains import Domain
from schemas.esps import Esp
from schemas.hosts import Host
from schemas.mail_policies import MailPolicy
from schemas.mailbox_evidence import MailboxEvidence
from schemas.mx import Mx
from schemas.mx_providers import MxProvider
from schemas.policies import Policy
from schemas.providers import Provider
from schemas.smtp import Smtp
from schemas.spf import Spf
from schemas.spf_trust import SpfTrust
from schemas.sts_policies import PolicyFetch
from stages.seeds.entry import Rejected
from stages.seeds.name import domain as seed_name


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
    policies: MailPolicy | None
    """What inference makes of its policies; None if it has not run since the domain was asked."""
    policy_file: PolicyFetch | None
    """Its MTA-STS policy; None if there is none, or the run fetched none."""
    policy: Policy | None
    """None where the run's plan does not ask for it, or the domain has no mail."""
    mx_providers: dict[str, MxProvider]
    """By exchange."""
    mailbox: list[MailboxEvidence]
    """What tells who keeps the mailboxes behind a gateway or forwarder, the weightiest first."""
    spf_trust: SpfTrust | None
    """None if inference has not run."""
    esps: list[Esp]
    """Its e-mail security providers."""
    provider: Provider | None
    """None if inference has not run, or not since the domain was asked."""


def gather(run: Run, name: str) -> Evidence:
    """What a run knows of a seed; ConfigError, with the nearest seed, if it is none of its own."""
    with closing(Rows(run)) as reader:
        return look_up(reader, name)


def look_up(reader: Rows, name: str) -> Evidence:
    """The same by rows that are open already."""
    key = _key(name)
    found = reader.by_key(DOMAINS, Domain, [key])
    if key not in found:
        raise ConfigError(_missing(reader, name, key))
    return _follow(reader, found[key])


def _follow(reader: Rows, domain: Domain) -> Evidence:
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
    clues = reader.rows(MAILBOX_EVIDENCE, MailboxEvidence, "domain", [domain.domain])
    return Evidence(
        domain=domain,
        hosts=hosts,
        addresses=reader.by_key(ADDRESSES, Address, addresses),
        smtp=smtp,
        certificates=reader.by_key(CERTIFICATES, Certificate, leafs),
        spf=spf,
        mail_hosts=mail_hosts,
        policies=reader.by_key(MAIL_POLICIES, MailPolicy, [domain.domain]).get(domain.domain),
        policy_file=reader.by_key(STS_POLICIES, PolicyFetch, [domain.domain]).get(domain.domain),
        policy=reader.by_key(POLICIES, Policy, [domain.domain]).get(domain.domain),
        mx_providers={vote.mx: vote for vote in votes},
        mailbox=sorted(clues, key=lambda clue: (-clue.weight, clue.keeper, clue.signal)),
        spf_trust=reader.by_key(SPF_TRUST, SpfTrust, [domain.domain]).get(domain.domain),
        esps=reader.rows(ESPS, Esp, "domain", [domain.domain]),
        provider=reader.by_key(PROVIDERS, Provider, [domain.domain]).get(domain.domain),
    )


def _spf(reader: Rows, name: str) -> dict[str, Spf]:
    """The SPF rows that a name leads to, itself included; a level of includes at a time."""
    rows: dict[str, Spf] = {}
    level = {name}
    while level:
        found = reader.by_key(SPF, Spf, level)
        rows |= found
        level = {name for row in found.values() for name in row.includes} - rows.keys()
    return rows


def _key(name: str) -> str:
    try:
        return seed_name(name.strip(), exact=True)
    except Rejected as error:
        raise ConfigError(f"{name!r} is no domain: {error.reason}") from error


def _missing(reader: Rows, name: str, key: str) -> str:
    """Why there is nothing to explain, and what may have been meant."""
    seeds = f"run {reader.run.id!r}"
    if not reader.run.warehouse.exists(reader.run.seeds):
        return f"{seeds} has no seeds yet"
    if reader.is_waiting(key):
        return f"{key} is a seed of {seeds} that has not been asked yet: resume the crawl"
    folded = registered_domain(key)
    meant = folded if folded and reader.is_waiting(folded) else reader.nearest(key)
    return f"{name} is no seed of {seeds}" + (f"; did you mean {meant}?" if meant else "")
