"""The way out to policy hosts of MTA-STS, where policies are to be fetched.

As with mail servers: one is contacted only if its domain is named, only within the scope, and
beyond loopback only if we say who we are. One file is asked for, as a crawl would.
"""

from collections.abc import Sequence

from certs.trust import TrustStore
from pipeline.doctor.check import Check, State
from pipeline.doctor.network import Server, patience
from pipeline.errors import ConfigError
from pipeline.identity import check_identity
from pipeline.instruments import open_fetcher
from pipeline.settings import Settings
from schemas.outcomes import FetchOutcome, HostCheck, Verdict
from schemas.provenance import TableError, one_line
from schemas.sts_policies import PolicyFetch
from stages.dns.client import UdpResolver
from stages.seeds.entry import Rejected
from stages.seeds.name import domain as domain_of
from stages.sts.stage import StsStage

_UNCONTACTED = (
    FetchOutcome.NO_ADDRESS,
    FetchOutcome.DNS_FAILED,
    FetchOutcome.RESERVED,
    FetchOutcome.NOT_FETCHED,
)


async def way_to_policies(
    settings: Settings, servers: Sequence[Server], domain: str | None
) -> list[Check]:
    """Whether the policy host of a domain can be asked; nothing where no policy is to be."""
    name = f"port {settings.sts_port}"
    if not settings.sts_policies:
        off = Check(name, State.UNCHECKED, "sts_policies is off: no policy is fetched")
        return [off] if domain else []
    if domain is None:
        advice = "name a domain with MTA-STS whose policy you may fetch with --policy DOMAIN"
        return [Check(name, State.UNCHECKED, "nobody is contacted unasked", advice)]
    try:
        check_identity(settings)
    except ConfigError as error:
        return [Check(name, State.UNCHECKED, str(error), "first say who we are")]
    try:
        wanted = domain_of(domain, exact=True)
        trust = TrustStore.open(settings.roots, settings.intermediates)
    except Rejected as error:
        return [Check(name, State.UNCHECKED, f"{domain} is no domain: {error.reason}")]
    except TableError as error:
        return [Check(name, State.UNCHECKED, one_line(error), "first mend table trust")]
    async with UdpResolver(servers, patience(settings)) as resolver:
        stage = StsStage(resolver, open_fetcher(settings), trust, settings.scope, settings.sts_port)
        (row,) = (await stage(wanted)).rows
    assert isinstance(row, PolicyFetch)
    return [_reached(name, row, settings)]


def _reached(name: str, row: PolicyFetch, settings: Settings) -> Check:
    if row.outcome in _UNCONTACTED:
        has = ", ".join((*row.a, *row.aaaa)) or "none"
        found = f"{row.host} has no address in scope {settings.scope} (has: {has}; {row.detail})"
        return Check(name, State.UNCHECKED, found, "name another domain")
    server = f"{row.host} [{row.address}]"
    told = f"{server}: {row.outcome} ({row.detail or row.outcome.meaning})"
    if row.outcome.unreached:
        advice = "try another domain; if none answers, a firewall keeps HTTPS in: ask for the port"
        return Check(name, State.FAIL, told, advice)
    if not row.outcome.answers:
        return Check(name, State.WARN, told, "the way is open; try another domain")
    if row.verdict is not Verdict.TRUSTED or row.host_check is not HostCheck.MATCHES:
        found = f"{server}: its certificate is {row.verdict} ({row.verdict_reason}), for its name "
        advice = "try another domain; if all are so, a proxy stands between, and no policy counts"
        return Check(name, State.WARN, f"{found}{row.host_check}", advice)
    return Check(name, State.OK, f"{server} answers: {row.outcome}")
