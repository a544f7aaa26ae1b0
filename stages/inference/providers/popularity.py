"""Popularity of evidence: with how many domains' mail it is seen. A domain counts once.

Counted are the exchanges that count for a domain and their live addresses; of certificates
the trusted ones. This is a first pass over the whole run: a label of one domain depends on all.
"""

from typing import NamedTuple

import ibis.expr.types as ir

from stages.inference.providers.evidence import Certificates
from stages.inference.providers.exchanges import Exchanges


class Popularity(NamedTuple):
    """Numbers of domains by what their mail is seen with."""

    by_host: ir.Table
    """host_id, domains: the chosen exchanges themselves."""
    by_address: ir.Table
    """host_id, domains: of the most popular address of each live exchange."""
    by_domain: ir.Table
    """registered_domain, domains: of the names in certificates."""


def popularity(found: Exchanges, certificates: Certificates) -> Popularity:
    """All three counts, over mail sets and not domains: far fewer, and each says how many."""
    chosen = found.chosen.join(found.mail_sets.select("mail_set", "domains"), "mail_set")
    uses = chosen.join(found.live, "host_id").select("mail_set", "address_id", "domains")
    uses = uses.distinct().cache()
    addresses = uses.group_by("address_id").agg(domains=uses.domains.sum())
    hosts = found.live.join(addresses, "address_id")
    shown = uses.join(certificates.shown, "address_id")
    names = shown.select("mail_set", "certificate_id", "domains").distinct()
    names = names.join(certificates.registered_domains, "certificate_id")
    seen = names.select("mail_set", "registered_domain", "domains").distinct()
    return Popularity(
        chosen.group_by("host_id").agg(domains=chosen.domains.sum()).cache(),
        hosts.group_by("host_id").agg(domains=hosts.domains.max()).cache(),
        seen.group_by("registered_domain").agg(domains=seen.domains.sum()).cache(),
    )
