"""Records of a run from what lines of a scan say of one domain, host or address. Pure.

A scan knows neither when it asked nor how questions ended that bore nothing: the moment is that
of its file, and a question without an answer counts as `not_asked`.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple

from certs.registered import registered_domain
from schemas.addresses import Address
from schemas.domains import Domain, SeedRank
from schemas.hosts import Host
from schemas.mx import Exchange
from schemas.outcomes import HostStatus, Mail, Outcome, ProbeOutcome, ProbeStep, StartTls
from schemas.query import Query
from schemas.smtp import Smtp, Timings
from stages.dns.mail import exchange_kind, mail, mail_hosts
from stages.enrich.special import special_purpose
from stages.scan.reply import reply_of
from stages.smtp.greeting import extensions, offers_starttls
from stages.smtp.software import software

_NO_TIMINGS = Timings(None, None, None, None, None, None)
_OUTCOMES = {
    Mail.NO_MX: Outcome.NODATA,
    Mail.NXDOMAIN: Outcome.NXDOMAIN,
    Mail.BUG: Outcome.BUG,
    HostStatus.NO_ADDRESS: Outcome.NODATA,
    HostStatus.NXDOMAIN: Outcome.NXDOMAIN,
    HostStatus.BUG: Outcome.BUG,
}


def domain_record(
    domain: str, mx: Iterable[tuple[int, str]], without: Mail, *, list_name: str, when: int
) -> Domain:
    """A domain with its MX records as (preference, exchange); without any, `without`."""
    records = tuple(Exchange(*record, exchange_kind(record[1])) for record in sorted(set(mx)))
    said = mail(Outcome.OK, records) if records else without
    hosts = (domain,) if said is Mail.NO_MX else mail_hosts(records)
    unasked = _query(Outcome.NOT_ASKED)
    return Domain(
        domain=domain,
        registered_domain=registered_domain(domain),
        asked=when,
        seeds=(SeedRank(list_name, None),),
        mail=said,
        mx=records,
        mail_hosts=hosts,
        mx_query=_query(Outcome.OK if records else _OUTCOMES.get(said, Outcome.NOT_ASKED)),
        txt=(),
        txt_query=unasked,
        dmarc=(),
        dmarc_query=unasked,
    )


def host_record(host: str, addresses: Iterable[str], status: HostStatus, *, when: int) -> Host:
    """A host with its addresses, which may be none."""
    found = sorted(addresses, key=lambda address: ip_address(address).packed)
    a = tuple(address for address in found if ":" not in address)
    aaaa = tuple(address for address in found if ":" in address)
    without = _OUTCOMES.get(status, Outcome.NOT_ASKED)
    return Host(
        host=host,
        registered_domain=registered_domain(host),
        asked=when,
        status=status,
        a=a,
        aaaa=aaaa,
        cname_chain=(),
        a_query=_query(Outcome.OK if a else without),
        aaaa_query=_query(Outcome.OK if aaaa else without),
    )


def address_record(
    address: str,
    asn: int | None,
    *,
    when: int,
    prefix: str | None = None,
    country: str | None = None,
) -> Address:
    """An address with the AS, prefix and country that the files of others name."""
    return Address(
        address=address,
        enriched=when,
        version=ip_address(address).version,
        asn=asn,
        prefix=prefix,
        as_name=None,
        country=country,
        cloud_provider=None,
        cloud_region=None,
        cloud_service=None,
        reserved=special_purpose(address),
        ptr=(),
        ptr_query=None,
    )


class Heard(NamedTuple):
    """What the scan has of one address."""

    address: str
    outcome: ProbeOutcome
    detail: str | None
    banner: str | None
    ehlo: str | None
    leaf: str | None
    """SHA-256 of the certificate shown."""


def smtp_record(probe: Heard, *, port: int, when: int) -> Smtp:
    """A probe by what was heard."""
    address, outcome, detail, banner, ehlo, leaf = probe
    greeting, reply = reply_of(banner), reply_of(ehlo)
    named = software(greeting, reply)
    heard = reply is not None and reply.positive
    probed = outcome is not ProbeOutcome.NOT_PROBED
    return Smtp(
        address=address,
        port=port,
        probed=when,
        attempts=int(probed),
        outcome=outcome,
        step=_step(banner, ehlo, leaf) if probed else ProbeStep.NONE,
        detail=detail,
        banner=banner,
        banner_raw=None,
        ehlo=ehlo,
        ehlo_raw=None,
        extensions=extensions(reply) if reply is not None and heard else (),
        ehlo_tls_raw=None,
        software=named.name if named else None,
        software_version=named.version if named else None,
        starttls=_starttls(leaf, offered=offers_starttls(reply) if reply and heard else None),
        tls_error=None,
        tls_version=None,
        cipher=None,
        server_name=None,
        chain=(leaf,) if leaf else (),
        timings=_NO_TIMINGS,
    )


def _step(banner: str | None, ehlo: str | None, leaf: str | None) -> ProbeStep:
    if leaf is not None:
        return ProbeStep.TLS
    if ehlo is not None:
        return ProbeStep.EHLO
    return ProbeStep.CONNECT if banner is None else ProbeStep.BANNER


def _starttls(leaf: str | None, *, offered: bool | None) -> StartTls:
    if leaf is not None:
        return StartTls.OK
    if offered is None:
        return StartTls.NOT_TRIED
    return StartTls.TLS_FAILED if offered else StartTls.NOT_OFFERED


def _query(outcome: Outcome) -> Query:
    return Query(outcome, None, None, None, None, 0, tcp=False)
