"""Popularity of evidence: with how many domains' mail it is seen. A domain counts once.

Counted are the exchanges that count for a domain and their live addresses; of certificates
the trusted ones. This is a first pass over the whole run: a label of one domain depends on all.
"""

from typing import NamedTuple

import ibis.expr.types as ir

from stages.inference.providers.evidence import Certificates


class Popularity(NamedTuple):
    """Numbers of domains by what their mail is seen with."""

    by_host: ir.Table
    """host, domains: the chosen exchanges themselves."""
    by_address: ir.Table
    """host, domains: of the most popular address of each live exchange."""
    by_domain: ir.Table
    """registered_domain, domains: of the names in certificates."""


def popularity(chosen: ir.Table, live: ir.Table, certificates: Certificates) -> Popularity:
    """All three counts; ``chosen`` and ``live`` as in ``Exchanges``."""
    mail_sets = _mail_sets(chosen).cache()
    uses = mail_sets.join(live, "host").select("mail_set", "address", "domains").distinct().cache()
    addresses = uses.group_by("address").agg(domains=uses.domains.sum())
    hosts = live.join(addresses, "address")
    shown = uses.join(certificates.shown, "address").select("mail_set", "sha256", "domains")
    names = shown.distinct().join(certificates.registered_domains, "sha256")
    seen = names.select("mail_set", "registered_domain", "domains").distinct()
    return Popularity(
        mail_sets.group_by("host").agg(domains=mail_sets.domains.sum()),
        hosts.group_by("host").agg(domains=hosts.domains.max()),
        seen.group_by("registered_domain").agg(domains=seen.domains.sum()).cache(),
    )


def _mail_sets(chosen: ir.Table) -> ir.Table:
    """mail_set, host, domains: sets of exchanges that domains share, and how many share each.

    Most domains have one of few sets, so that what follows is far less than a row a domain.
    """
    texts = chosen.group_by("domain").agg(mail_set=chosen.host.collect().sort().join(" "))
    sets = texts.group_by("mail_set").agg(domains=texts.count())
    return sets.select("mail_set", "domains", host=sets.mail_set.split(" ").unnest())
