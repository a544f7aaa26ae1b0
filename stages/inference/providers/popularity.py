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
    uses = chosen.join(live, "host").select("domain", "address").distinct().cache()
    addresses = uses.group_by("address").agg(domains=uses.count())
    hosts = live.join(addresses, "address")
    shown = uses.join(certificates.shown, "address").select("domain", "sha256").distinct()
    names = shown.join(certificates.registered_domains, "sha256")
    return Popularity(
        chosen.group_by("host").agg(domains=chosen.count()),
        hosts.group_by("host").agg(domains=hosts.domains.max()),
        names.group_by("registered_domain").agg(domains=names.domain.nunique()).cache(),
    )
