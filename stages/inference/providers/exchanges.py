"""Where a domain's mail goes: its most preferred exchanges that answer, or why there is none.

IMC'21 takes the exchanges of lowest preference among those with an address that answers SMTP;
dead addresses are dropped. Where no address of a domain was probed at all, those that have an
address stand in. A domain without MX is its own exchange (RFC 5321 section 5.1).

Most domains share one of few MX answers. What follows from an answer is worked out once for
each distinct one, its *mail set*, and joined back to the seeds by number at the very end.
"""

from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from schemas.outcomes import ExchangeKind, HostStatus, Mail, ProbeOutcome
from schemas.providers import Category

_ANSWERS = [str(outcome) for outcome in ProbeOutcome if outcome.answers]
_NOT_ASKED = [str(ProbeOutcome.NOT_PROBED), str(ProbeOutcome.BUG)]
_UNSURE = [str(HostStatus.FAILED), str(HostStatus.BUG)]
_ANSWER = ("mail", "mx", "implicit")
"""The MX answer: what it is, its records, and the domain itself where there are none."""
_CANDIDATE = ibis.schema({"mail_set": "int64", "host": "string", "preference": "int32"})


class Exchanges(NamedTuple):
    """Tables none of which has a row twice; hosts and addresses go by number, to join quickly."""

    seeds: ir.Table
    """domain, registered_domain, mail_set: all seeds."""
    mail_sets: ir.Table
    """mail_set, domains (how many have it), category (null where an exchange answers), implicit."""
    chosen: ir.Table
    """mail_set, host_id, preference: the exchanges that count."""
    live: ir.Table
    """host_id, address_id: the addresses of chosen hosts that answer SMTP."""
    hosts: ir.Table
    """host_id, host, registered_domain: of all hosts that are exchanges."""
    addresses: ir.Table
    """address_id, address: of all that were probed."""


def exchanges(domains: ir.Table, hosts: ir.Table, probes: ir.Table) -> Exchanges:
    """The exchanges that count; ``probes`` are the rows of smtp of one port."""
    answers = _answers(domains)
    sets = _numbered(answers).cache()
    seeds = answers.join(sets.select(*_ANSWER, "mail_set"), list(_ANSWER))
    seeds = seeds.select("domain", "registered_domain", "mail_set").cache()
    candidates = _candidates(sets).cache()
    hosts = hosts.filter(hosts.host.isin(candidates.host)).select(
        "host",
        "registered_domain",
        "status",
        host_id=ibis.row_number(),
        addresses=hosts.a.concat(hosts.aaaa),
    )
    hosts = hosts.cache()
    probes = _probed(probes).cache()
    leads = hosts.select("host_id", address=hosts.addresses.unnest()).distinct()
    leads = leads.join(probes, "address").drop("address").cache()
    reached = _reached(candidates, hosts, leads).cache()
    fates = _fates(sets, reached).cache()
    chosen = _chosen(reached, fates).cache()
    live = leads.filter(leads.live).semi_join(chosen, "host_id").select("host_id", "address_id")
    return Exchanges(
        seeds,
        _categories(fates).cache(),
        chosen,
        live.cache(),
        hosts.select("host_id", "host", "registered_domain"),
        probes.select("address_id", "address"),
    )


def _answers(domains: ir.Table) -> ir.Table:
    """domain, registered_domain and ``_ANSWER``: what its mail set depends on."""
    implicit = (domains.mail == Mail.NO_MX).ifelse(domains.domain, "")
    return domains.select("domain", "registered_domain", "mail", "mx", implicit=implicit)


def _numbered(answers: ir.Table) -> ir.Table:
    """mail_set, ``_ANSWER``, domains."""
    sets = answers.group_by(*_ANSWER).agg(domains=answers.count())
    return sets.mutate(mail_set=ibis.row_number())


def _candidates(sets: ir.Table) -> ir.Table:
    """mail_set, host, preference: exchanges that are host names, and domains without MX."""
    listed = sets.filter(sets.mail == Mail.MX).select("mail_set", mx=sets.mx.unnest())
    hosts = listed.filter(listed.mx.kind == ExchangeKind.HOST)
    explicit = hosts.group_by("mail_set", host=hosts.mx.exchange).agg(
        preference=hosts.mx.preference.min()
    )
    implicit = sets.filter(sets.mail == Mail.NO_MX).select(
        "mail_set", host="implicit", preference=ibis.literal(0)
    )
    return explicit.cast(_CANDIDATE).union(implicit.cast(_CANDIDATE))


def _probed(probes: ir.Table) -> ir.Table:
    """address_id, address, asked, live."""
    return probes.select(
        "address",
        address_id=ibis.row_number(),
        asked=probes.outcome.notin(_NOT_ASKED),
        live=probes.outcome.isin(_ANSWERS),
    )


def _reached(candidates: ir.Table, hosts: ir.Table, leads: ir.Table) -> ir.Table:
    """mail_set, host_id, preference, status, asked, live of the candidates.

    A host without a row, and so without a number, is one that failed.
    """
    probed = leads.group_by("host_id").agg(asked=leads.asked.any(), live=leads.live.any())
    rows = candidates.left_join(hosts.select("host", "host_id", "status"), "host")
    rows = rows.drop("host", "host_right").left_join(probed, "host_id").drop("host_id_right")
    return rows.mutate(
        status=rows.status.fill_null(str(HostStatus.FAILED)),
        asked=rows.asked.fill_null(False),  # noqa: FBT003
        live=rows.live.fill_null(False),  # noqa: FBT003
    )


def _fates(sets: ir.Table, reached: ir.Table) -> ir.Table:
    """Each mail set with what its candidates have come to; nulls where it has none."""
    resolved = reached.status == HostStatus.RESOLVED
    fates = reached.group_by("mail_set").agg(
        live=reached.live.any(),
        asked=reached.asked.any(),
        resolved=resolved.any(),
        reserved=(reached.status == HostStatus.RESERVED).any(),
        unsure=reached.status.isin(_UNSURE).any(),
        live_preference=reached.preference.min(where=reached.live),
        resolved_preference=reached.preference.min(where=resolved),
    )
    rows = sets.select("mail_set", "domains", "mail").left_join(fates, "mail_set")
    return rows.drop("mail_set_right")


def _chosen(reached: ir.Table, fates: ir.Table) -> ir.Table:
    joined = reached.join(
        fates.select(
            "mail_set",
            nobody_asked=~fates.asked.fill_null(False),  # noqa: FBT003
            live_preference="live_preference",
            resolved_preference="resolved_preference",
        ),
        "mail_set",
    )
    answering = joined.live & (joined.preference == joined.live_preference)
    standing_in = (
        joined.nobody_asked
        & (joined.status == HostStatus.RESOLVED)
        & (joined.preference == joined.resolved_preference)
    )
    return joined.filter(answering | standing_in).select("mail_set", "host_id", "preference")


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
        "mail_set",
        "domains",
        category=category,
        implicit=(no_mx & (fates.resolved | fates.reserved)).fill_null(False),  # noqa: FBT003
    )
