"""The network: resolvers, who we are to others, and the way out to mail servers.

Questions go to the resolvers of the settings only. A mail server is contacted only if one is
named, only within the scope, and beyond loopback only if we say who we are.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from ipaddress import ip_address
from pathlib import Path

from pipeline.doctor.check import Check, State
from pipeline.errors import ConfigError
from pipeline.identity import (
    UnconfirmedError,
    check_identity,
    confirm_name,
    contacts_strangers,
    is_contact,
    is_host_name,
)
from pipeline.instruments import open_prober
from pipeline.limits import OptOutList
from pipeline.settings import Settings
from schemas.outcomes import Outcome, ProbeOutcome
from schemas.smtp import Smtp
from stages.dns.answer import Question, Resolver, RRType
from stages.dns.client import UdpResolver
from stages.dns.settings import UdpSettings
from stages.enrich.special import Scope
from stages.smtp.stage import SmtpStage, Target

Server = tuple[str, int]

_ABSENT = "no-such-name.invalid"
"""Exists nowhere, by decree (RFC 6761 section 6.4)."""
_PUBLIC = frozenset(
    {"1.0.0.1", "1.1.1.1", "8.8.4.4", "8.8.8.8", "9.9.9.9", "149.112.112.112", "208.67.220.220",
     "208.67.222.222"}
)  # fmt: skip
"""Resolvers run for everybody, which slow down or refuse who asks too much."""


async def resolvers(settings: Settings, servers: Sequence[Server]) -> list[Check]:
    """Whether each resolver answers, and honestly."""
    return await asyncio.gather(*(_resolver(settings, server) for server in servers))


async def _resolver(settings: Settings, server: Server) -> Check:
    host, port = server
    name = f"resolver {host}" if port == 53 else f"resolver {host} port {port}"  # noqa: PLR2004
    async with UdpResolver([server], patience(settings)) as resolver:
        root, absent = await resolver.ask([Question(".", RRType.NS), Question(_ABSENT, RRType.A)])
    if root.query.server is None:
        advice = "is it running, and does a firewall let UDP through?"
        return Check(name, State.FAIL, f"no answer ({root.outcome})", advice)
    if not root.outcome.answered:
        advice = "does it resolve for us, and can it reach the root servers?"
        return Check(name, State.FAIL, f"answers {root.outcome}", advice)
    if absent.outcome is Outcome.OK:
        found = f"answers {', '.join(absent.texts())} for a name that does not exist"
        return Check(name, State.FAIL, found, "use a resolver that does not rewrite NXDOMAIN")
    found = f"answers in {root.query.rtt_ms:.3g} ms ({root.outcome})"
    if host in _PUBLIC:
        return Check(name, State.WARN, f"{found}; a public one", "run your own for large crawls")
    return Check(name, State.OK, found)


def patience(settings: Settings) -> UdpSettings:
    """As long as a crawl with these settings waits for resolvers."""
    return UdpSettings(timeout=settings.dns_timeout, attempts=settings.dns_attempts)


async def identity(settings: Settings, servers: Sequence[Server]) -> AsyncIterator[Check]:
    """Whether our EHLO name leads to us and back, and people can reach us."""
    if not settings.smtp and not settings.sts_policies:
        yield Check("EHLO name", State.UNCHECKED, "smtp is off: nobody is greeted")
        return
    if settings.contact:
        yield _contact(settings.contact, settings)
    else:
        yield _unset("contact", settings, "set contact to a URL or address of ours")
    yield _opt_out(settings.opt_out)
    if settings.ehlo_name is None:
        yield _unset("EHLO name", settings, "set ehlo_name to the name that our address has")
        return
    if contacts_strangers(settings) and not is_host_name(settings.ehlo_name):
        found = f"{settings.ehlo_name} is no host name under a registered domain"
        yield Check("EHLO name", State.FAIL, found, "set ehlo_name to the name of this machine")
        return
    async with UdpResolver(servers, patience(settings)) as resolver:
        yield await _ehlo_name(settings.ehlo_name, resolver)


def _contact(contact: str, settings: Settings) -> Check:
    if is_contact(contact) or not contacts_strangers(settings):
        return Check("contact", State.OK, contact)
    found = f"{contact} is neither a web address nor a mail address"
    return Check("contact", State.FAIL, found, "set contact to a URL or address of ours")


def _unset(name: str, settings: Settings, advice: str) -> Check:
    if settings.scope is Scope.LOOPBACK:
        return Check(name, State.OK, "not set, and not needed on loopback")
    return Check(name, State.FAIL, "not set: no mail server may be probed", advice)


def _opt_out(path: Path | None) -> Check:
    if path is None:
        return Check("opt-out list", State.OK, "none set: nobody has opted out yet")
    try:
        OptOutList.open(path)
    except ConfigError as error:
        return Check("opt-out list", State.FAIL, str(error), "mend the file: docs/operating.md")
    return Check("opt-out list", State.OK, str(path))


async def _ehlo_name(name: str, resolver: Resolver) -> Check:
    try:
        addresses = await confirm_name(name, resolver)
    except UnconfirmedError as error:
        return Check("EHLO name", State.FAIL, error.found, error.advice)
    found = f"{name} -> {', '.join(addresses)} and back"
    if not any(_is_ours(address) for address in addresses):
        advice = "behind NAT this is as it should be; else publish an address of this machine"
        return Check("EHLO name", State.WARN, f"{found}; no address of this machine", advice)
    return Check("EHLO name", State.OK, found)


def _is_ours(address: str) -> bool:
    """Whether an interface of this machine has the address; nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


async def way_out(settings: Settings, servers: Sequence[Server], host: str | None) -> Check:
    """Whether a mail server that the user names can be reached and greeted."""
    name = f"port {settings.smtp_port}"
    if not settings.smtp:
        return Check(name, State.UNCHECKED, "smtp is off: nobody is probed")
    if host is None:
        advice = "name a mail server that you may contact with --probe HOST"
        return Check(name, State.UNCHECKED, "nobody is contacted unasked", advice)
    try:
        check_identity(settings)
    except ConfigError as error:
        return Check(name, State.UNCHECKED, str(error), "first say who we are")
    addresses = await _addresses(settings, servers, host)
    permitted = [address for address in addresses if settings.scope.permits(address)]
    if not permitted:
        has = ", ".join(addresses) or "none"
        found = f"{host} has no address in scope {settings.scope} (has: {has})"
        return Check(name, State.UNCHECKED, found, "name another mail server")
    target = Target(permitted[0], settings.smtp_port, host)
    (row,) = (await SmtpStage(open_prober(settings))(target)).rows
    assert isinstance(row, Smtp)
    return _reached(name, f"{host} [{row.address}]", row)


async def _addresses(settings: Settings, servers: Sequence[Server], host: str) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    async with UdpResolver(servers, patience(settings)) as resolver:
        answers = await resolver.ask([Question(host, RRType.A), Question(host, RRType.AAAA)])
    return [address for answer in answers for address in answer.texts()]


def _reached(name: str, server: str, row: Smtp) -> Check:
    if row.outcome is ProbeOutcome.OK:
        return Check(name, State.OK, f"{server} answers; STARTTLS {row.starttls}")
    found = f"{server}: {row.outcome} ({row.detail or row.outcome.meaning})"
    if row.outcome.answers:
        return Check(name, State.WARN, found, "the way is open, but it does not want us")
    advice = "try another server; if none answers, your provider filters the port: ask it"
    return Check(name, State.FAIL, found, advice)
