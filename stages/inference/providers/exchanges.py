"""Where a domain's mail goes: its most preferred exchanges that answer, or why there is none.

IMC'21 takes the exchanges of lowest preference among those with an address that answers SMTP;
dead addresses are dropped. Where no address of a domain was probed at all, those that have an
address stand in. A domain without MX is its own exchange (RFC 5321 section 5.1).
"""

from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from schemas.outcomes import ExchangeKind, HostStatus, Mail, ProbeOutcome
from schemas.providers import Category

_ANSWERS = [str(outcome) for outcome in ProbeOutcome if outcome.answers_smtp]
_NOT_ASKED = [str(ProbeOutcome.NOT_PROBED), str(ProbeOutcome.BUG)]
_UNSURE = [str(HostStatus.FAILED), str(HostStatus.BUG)]
_CANDIDATE = ibis.schema({"domain": "string", "host": "string", "preference": "int32"})


class Exchanges(NamedTuple):
    """Three tables, none of which has a row twice."""

    chosen: ir.Table
    """domain, host, preference: the exchanges that count."""
    live: ir.Table
    """host, address: the addresses of chosen hosts that answer SMTP."""
    domains: ir.Table
    """domain, registered_domain, category (null where an exchange answers), implicit: all seeds."""


def exchanges(domains: ir.Table, hosts: ir.Table, probes: ir.Table) -> Exchanges:
    """The exchanges that count; ``probes`` are the rows of smtp of one port."""
    addresses = _addresses(hosts, probes).cache()
    reached = _reached(_candidates(domains), hosts, addresses).cache()
    fates = _fates(domains, reached).cache()
    chosen = _chosen(reached, fates).cache()
    live = addresses.filter(addresses.live).semi_join(chosen, "host").select("host", "address")
    return Exchanges(chosen, live.cache(), _categories(fates))


def _candidates(domains: ir.Table) -> ir.Table:
    """domain, host, preference: exchanges that are host names, and domains without MX."""
    listed = domains.filter(domains.mail == Mail.MX).select("domain", mx=domains.mx.unnest())
    hosts = listed.filter(listed.mx.kind == ExchangeKind.HOST)
    explicit = hosts.group_by("domain", host=hosts.mx.exchange).agg(
        preference=hosts.mx.preference.min()
    )
    implicit = domains.filter(domains.mail == Mail.NO_MX).select(
        "domain", host="domain", preference=ibis.literal(0)
    )
    return explicit.cast(_CANDIDATE).union(implicit.cast(_CANDIDATE))


def _addresses(hosts: ir.Table, probes: ir.Table) -> ir.Table:
    """host, address, asked, live."""
    listed = hosts.select("host", address=hosts.a.concat(hosts.aaaa).unnest()).distinct()
    joined = listed.left_join(probes.select("address", "outcome"), "address")
    return joined.select(
        "host",
        "address",
        asked=joined.outcome.notin(_NOT_ASKED).fill_null(False),  # noqa: FBT003
        live=joined.outcome.isin(_ANSWERS).fill_null(False),  # noqa: FBT003
    )


def _reached(candidates: ir.Table, hosts: ir.Table, addresses: ir.Table) -> ir.Table:
    """The candidates with status, asked and live; a host without a row is one that failed."""
    probed = addresses.group_by("host").agg(asked=addresses.asked.any(), live=addresses.live.any())
    rows = candidates.left_join(hosts.select("host", "status"), "host").drop("host_right")
    rows = rows.left_join(probed, "host").drop("host_right")
    return rows.mutate(
        status=rows.status.fill_null(str(HostStatus.FAILED)),
        asked=rows.asked.fill_null(False),  # noqa: FBT003
        live=rows.live.fill_null(False),  # noqa: FBT003
    )


def _fates(domains: ir.Table, reached: ir.Table) -> ir.Table:
    """Each seed with what its candidates have come to; nulls where it has none."""
    resolved = reached.status == HostStatus.RESOLVED
    fates = reached.group_by("domain").agg(
        live=reached.live.any(),
        asked=reached.asked.any(),
        resolved=resolved.any(),
        reserved=(reached.status == HostStatus.RESERVED).any(),
        unsure=reached.status.isin(_UNSURE).any(),
        live_preference=reached.preference.min(where=reached.live),
        resolved_preference=reached.preference.min(where=resolved),
    )
    seeds = domains.select("domain", "mail", "registered_domain")
    return seeds.left_join(fates, "domain").drop("domain_right")


def _chosen(reached: ir.Table, fates: ir.Table) -> ir.Table:
    joined = reached.join(
        fates.select(
            "domain",
            nobody_asked=~fates.asked.fill_null(False),  # noqa: FBT003
            live_preference="live_preference",
            resolved_preference="resolved_preference",
        ),
        "domain",
    )
    answering = joined.live & (joined.preference == joined.live_preference)
    standing_in = (
        joined.nobody_asked
        & (joined.status == HostStatus.RESOLVED)
        & (joined.preference == joined.resolved_preference)
    )
    return joined.filter(answering | standing_in).select("domain", "host", "preference")


def _categories(fates: ir.Table) -> ir.Table:
    no_mx = fates.mail == Mail.NO_MX
    category = ibis.cases(
        (fates.mail == Mail.NXDOMAIN, str(Category.NO_SUCH_DOMAIN)),
        (fates.mail == Mail.OPTED_OUT, str(Category.OPTED_OUT)),
        (fates.mail.isin([str(Mail.FAILED), str(Mail.BUG)]), str(Category.DNS_FAILED)),
        (fates.mail == Mail.NULL_MX, str(Category.NULL_MX)),
        (fates.resolved.isnull(), str(Category.BAD_MX)),
        (fates.live, ibis.null(str)),
        (fates.asked, str(Category.NO_SMTP)),
        (fates.resolved, str(Category.NOT_PROBED)),
        (fates.unsure, str(Category.MX_FAILED)),
        (fates.reserved, str(Category.RESERVED_MX)),
        (no_mx, str(Category.NO_MX)),
        else_=str(Category.DANGLING_MX),
    )
    return fates.select(
        "domain",
        "registered_domain",
        category=category,
        implicit=(no_mx & (fates.resolved | fates.reserved)).fill_null(False),  # noqa: FBT003
    )
