"""What a crawl measures with: resolver, prober, tables and trust, opened from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from certs.trust import TrustStore
from pipeline.errors import ConfigError
from pipeline.graph import Node
from pipeline.identity import user_agent
from pipeline.limits import Caps, Consent, Limits, OptOutList, Polite
from pipeline.settings import Settings, server
from schemas import (
    ADDRESSES,
    APEX,
    CERTIFICATES,
    DMARC,
    DMARC_CONSENTS,
    DOMAINS,
    HOSTS,
    MX,
    POLICIES,
    SMTP,
    SPF,
    STS_POLICIES,
    TLSA,
)
from schemas.outcomes import Outcome
from schemas.provenance import Provenance, TableError
from stages.certificates.shown import ShownCertificate
from stages.certificates.stage import CertificateStage
from stages.dns.answer import Answer, Question, Resolver, RRType
from stages.dns.apex import ApexStage
from stages.dns.apex import not_asked as apex_not_asked
from stages.dns.client import UdpResolver
from stages.dns.fallback import AiodnsResolver
from stages.dns.settings import UdpSettings
from stages.dns.stage import DomainStage, HostStage, MxStage, not_asked
from stages.enrich.cloud import CloudTable
from stages.enrich.special import Scope
from stages.enrich.stage import EnrichStage
from stages.enrich.tables import AsnTable, OwnerTable
from stages.policy.records import (
    ConsentStage,
    DmarcStage,
    TlsaStage,
    consent_not_asked,
    dmarc_not_asked,
)
from stages.policy.stage import PolicyStage
from stages.policy.stage import not_asked as policies_not_asked
from stages.smtp.probe import Prober, ProbeSettings
from stages.smtp.stage import SmtpStage
from stages.smtp.tls import client_context
from stages.spf.stage import SpfStage
from stages.sts.fetch import Fetcher, FetchSettings
from stages.sts.fetch import client_context as https_context
from stages.sts.record import not_asked as sts_not_asked
from stages.sts.stage import StsStage

_RESOLV_CONF = Path("/etc/resolv.conf")


@dataclass(frozen=True)
class Tables:
    """The look-up tables of a run."""

    asn: AsnTable | None
    owner: OwnerTable | None
    cloud: CloudTable
    trust: TrustStore

    @property
    def provenance(self) -> list[Provenance]:
        """Where each comes from."""
        tables = (self.asn, self.owner, self.cloud)
        looked_up = (table.provenance for table in tables if table is not None)
        return [*looked_up, *self.trust.provenance]


def open_tables(settings: Settings) -> Tables:
    """Open every table that is set; ConfigError for one that cannot be used."""
    try:
        return Tables(
            asn=AsnTable.open(settings.asn_table) if settings.asn_table else None,
            owner=OwnerTable.open(settings.owner_table) if settings.owner_table else None,
            cloud=CloudTable.open(settings.cloud_table),
            trust=TrustStore.open(settings.roots, settings.intermediates),
        )
    except TableError as error:
        raise ConfigError(str(error)) from error


def nameservers(settings: Settings) -> list[tuple[str, int]]:
    """The resolvers to ask: those set, or those of the system."""
    if settings.nameservers:
        servers = [server(text) for text in settings.nameservers]
    elif settings.scope is Scope.LOOPBACK:
        raise ConfigError("scope is loopback: name a nameserver on loopback with --nameserver")
    else:
        servers = _system_nameservers()
    if settings.scope is Scope.LOOPBACK:
        for address, _ in servers:
            if not Scope.LOOPBACK.permits(address):
                raise ConfigError(f"scope is loopback, but nameserver {address} is not on it")
    return servers


def _system_nameservers() -> list[tuple[str, int]]:
    try:
        lines = _RESOLV_CONF.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError as error:
        raise ConfigError(f"{_RESOLV_CONF}: {error.strerror}; use --nameserver") from error
    fields = [line.split() for line in lines]
    found = [words[1] for words in fields if len(words) > 1 and words[0] == "nameserver"]
    if not found:
        raise ConfigError(f"no nameserver in {_RESOLV_CONF}; use --nameserver")
    return [server(text if text.count(":") < 2 else f"[{text}]") for text in found]  # noqa: PLR2004


async def check_nameservers(resolver: Resolver, settings: Settings) -> None:
    """Ask for the root; ConfigError if no server answers anything."""
    (answer,) = await resolver.ask([Question(".", RRType.NS)])
    if answer.outcome in (Outcome.TIMEOUT, Outcome.UNREACHABLE):
        names = ", ".join(f"{address} port {port}" for address, port in nameservers(settings))
        raise ConfigError(f"no nameserver answers: {names}")


@asynccontextmanager
async def open_resolver(settings: Settings) -> AsyncIterator[UdpResolver]:
    """The bulk resolver with its second opinion."""
    servers = nameservers(settings)
    udp = UdpSettings(
        timeout=settings.dns_timeout,
        attempts=settings.dns_attempts,
        max_in_flight=settings.dns_in_flight,
        rate=settings.dns_rate,
        sharers=settings.workers,
    )
    second_opinion = AiodnsResolver(servers, timeout=2 * settings.dns_timeout)
    async with second_opinion as second, UdpResolver(servers, udp, second) as resolver:
        yield resolver


def open_prober(settings: Settings) -> Prober:
    """The SMTP client; on loopback it may go without a name of ours."""
    probe = ProbeSettings(
        ehlo_name=settings.ehlo_name or "localhost",
        scope=settings.scope,
        total=settings.smtp_timeout,
    )
    return Prober(probe, client_context())


def open_fetcher(settings: Settings) -> Fetcher:
    """The HTTPS client for MTA-STS policies."""
    fetch = FetchSettings(user_agent(settings), settings.scope, total=settings.sts_timeout)
    return Fetcher(fetch, https_context())


def _smtp_limits(settings: Settings) -> Limits:
    caps = Caps(
        rate=settings.smtp_rate,
        in_flight=settings.smtp_in_flight,
        per_network=settings.smtp_per_network,
        per_provider=settings.smtp_per_provider,
        spacing=settings.smtp_spacing,
        pause=settings.smtp_block_pause,
        longest_pause=settings.smtp_block_pause_max,
        patience=settings.smtp_block_patience,
    )
    return Limits(caps, exempt=_exempt(settings))


def _sts_limits(settings: Settings) -> Limits:
    """Those of policy hosts; after a block the same patience as with mail servers."""
    caps = Caps(
        rate=settings.sts_rate,
        in_flight=settings.sts_in_flight,
        per_network=settings.sts_per_network,
        per_provider=settings.sts_per_provider,
        spacing=settings.sts_spacing,
        pause=settings.smtp_block_pause,
        longest_pause=settings.smtp_block_pause_max,
        patience=settings.smtp_block_patience,
    )
    return Limits(caps, exempt=_exempt(settings))


def _exempt(settings: Settings) -> bool:
    return settings.scope is Scope.LOOPBACK and not settings.limits_on_loopback


def nodes(settings: Settings, resolver: Resolver, prober: Prober, tables: Tables) -> list[Node]:
    """The stages of the plan, and how each is run."""
    width, again = settings.dns_in_flight, settings.dns_retry_after
    few = max(1, width // 10)  # of names that many share
    ptr = resolver if settings.ptr else None
    enrich = EnrichStage(tables.asn, tables.owner, tables.cloud, ptr, settings.scope)
    opt_out = OptOutList.open(settings.opt_out) if settings.opt_out else OptOutList()
    policies = PolicyStage(resolver, settings.dkim_selectors)
    crawl = [
        Node(DOMAINS, Consent(DomainStage(resolver), opt_out, not_asked), width, again),
        Node(APEX, Consent(ApexStage(resolver), opt_out, apex_not_asked), width, again),
        Node(HOSTS, HostStage(resolver, settings.scope), width, again),
        Node(SPF, SpfStage(resolver), width, again, Answer, _name_asked),
        Node(MX, MxStage(resolver), few, again),
        Node(DMARC, Consent(DmarcStage(resolver), opt_out, dmarc_not_asked), few, again),
        Node(TLSA, TlsaStage(resolver), few, again),
        Node(POLICIES, Consent(policies, opt_out, policies_not_asked), width, again),
        Node(
            DMARC_CONSENTS, Consent(ConsentStage(resolver), opt_out, consent_not_asked), few, again
        ),
        Node(ADDRESSES, enrich, width),
    ]
    crawl = [node for node in crawl if node.table in settings.tables]
    if settings.sts_policies:
        crawl.append(_policy_files(settings, resolver, tables, opt_out))
    if settings.smtp:
        crawl.append(_mail_servers(settings, prober, opt_out))
    if settings.smtp or settings.sts_policies:
        judge = CertificateStage(tables.trust)
        crawl.append(
            Node(CERTIFICATES, judge, evidence=ShownCertificate, evidence_key=_fingerprint)
        )
    return crawl


def _mail_servers(settings: Settings, prober: Prober, opt_out: OptOutList) -> Node:
    probe = Polite(SmtpStage(prober), _smtp_limits(settings), opt_out, settings.scope)
    # Those who wait for their turn do so in workers of the lane; limits count who is at work.
    workers = settings.smtp_in_flight + (0 if _exempt(settings) else settings.smtp_waiting)
    return Node(SMTP, probe, workers, settings.smtp_retry_after, let_go=probe.let_go)


def _policy_files(
    settings: Settings, resolver: Resolver, tables: Tables, opt_out: OptOutList
) -> Node:
    fetch = Polite(open_fetcher(settings), _sts_limits(settings), opt_out, settings.scope)
    stage = StsStage(resolver, fetch, tables.trust, settings.scope, settings.sts_port)
    workers = settings.sts_in_flight + (0 if _exempt(settings) else settings.sts_waiting)
    return Node(
        STS_POLICIES,
        Consent(stage, opt_out, sts_not_asked),
        workers,
        settings.sts_retry_after,
        let_go=fetch.let_go,
    )


def _name_asked(answer: Answer) -> str:
    return answer.question.name


def _fingerprint(shown: ShownCertificate) -> str:
    return shown.sha256
