"""Provider inference: who runs each domain's mail, from the tables of a crawl alone (IMC'21).

``infer`` takes the tables of one run and gives ``mx_providers``, ``providers`` and
``mailbox_evidence`` with exactly the columns and types of their schemas. Nothing here loops over
domains: relational steps are Ibis expressions on whatever backend holds the tables; only distinct
greetings, certificate names and provider ids pass through Python. What can be known of a host is
worked out once a host, of a mail set once a mail set; the results, a row a domain, are joins that
run when they are read, so that no table of that size need be held.

A domain whose evidence leads to its own registered domain has that as id; it has a company
only if the map names one.
"""

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.mailbox_evidence import MAILBOX_EVIDENCE
from schemas.mx_providers import Source
from schemas.providers import PROVIDERS
from schemas.table import Table
from stages.inference.mailbox.mailboxes import behind, evidence, mailboxes, with_mailboxes
from stages.inference.mailbox.signals import signals
from stages.inference.providers.evidence import (
    certificate_claims,
    nothing_said,
    of_hosts,
    trusted_certificates,
)
from stages.inference.providers.exchanges import exchanges
from stages.inference.providers.greetings import greeting_claims
from stages.inference.providers.labels import labels
from stages.inference.providers.method import Method
from stages.inference.providers.networks import with_networks
from stages.inference.providers.popularity import popularity
from stages.inference.providers.probability import with_operators
from stages.inference.providers.rows import by_domain, host_rows
from stages.inference.providers.rules import doubts
from stages.inference.providers.verdicts import (
    verdicts,
    with_companies,
    with_operators_companies,
)

Announce = Callable[[str], None]
"""Called with the name of each step as it begins."""


def infer(
    census: Mapping[str, ir.Table], method: Method, announce: Announce = lambda _: None
) -> dict[str, ir.Table | pa.RecordBatchReader]:
    """The tables inferred, by name, to be read from the backend of ``census``; a reader once.

    ``census`` has domains, hosts, spf, policies, smtp, certificates and addresses.
    """
    announce("exchanges")
    probes = census["smtp"].filter(census["smtp"].port == method.port)
    found = exchanges(census["domains"], census["hosts"], probes)
    announce("popularity")
    certificates = trusted_certificates(probes, found.addresses, census["certificates"])
    counts = popularity(found, certificates)
    said = dict.fromkeys((Source.TLS, Source.BANNER), nothing_said())
    if Source.TLS in method.sources:
        announce("certificates")
        claims = certificate_claims(certificates, counts.by_domain)
        said[Source.TLS] = of_hosts(found.live, claims)
    if Source.BANNER in method.sources:
        announce("greetings")
        claims = greeting_claims(found.live, probes, found.addresses, method.ehlo_name)
        said[Source.BANNER] = of_hosts(found.live, claims)
    announce("verdicts")
    tls, banner = said[Source.TLS].ids, said[Source.BANNER].ids
    hosts = verdicts(found.hosts, tls, banner, counts, method.sources).cache()
    hosts = with_companies(hosts, method.companies).cache()
    placed = found.addresses.join(census["addresses"].select("address", "asn"), "address")
    hosts = with_networks(hosts, found.live, placed.drop("address"), method.companies)
    hosts = _with_operators(_with_doubts(hosts, method), method).cache()
    announce("labels")
    chosen = _weighted(found.chosen)
    of_set = labels(found.mail_sets, chosen.join(_operators(hosts), "host_id")).cache()
    rows = host_rows(hosts, found, said, certificates.sha256)
    announce("mailboxes")
    labelled = found.seeds.join(of_set, "mail_set")
    gated = behind(labelled).cache()
    clues = evidence(signals(gated, census, method)).cache()
    providers = with_mailboxes(labelled, mailboxes(clues).cache(), method.companies)
    return {
        "mx_providers": by_domain(found.seeds, chosen, rows, method.version),
        "providers": _shaped(providers, PROVIDERS, method),
        "mailbox_evidence": _shaped(clues, MAILBOX_EVIDENCE, method),
    }


def _with_doubts(hosts: ir.Table, method: Method) -> ir.Table:
    """Doubts both ways, as all they need know of the domain is whether the id is its own."""
    for prefix, own in (("own", True), ("other", False)):
        hosts = hosts.mutate(own=ibis.literal(own))
        found = doubts(hosts, method.rules, method.popular)
        hosts = hosts.mutate({f"{prefix}_flags": found.flags, f"{prefix}_hint_id": found.hint_id})
    return hosts


def _with_operators(hosts: ir.Table, method: Method) -> ir.Table:
    """Whether the id is the domain's own is left aside: then no rule hints at another."""
    hosts = with_operators(hosts.mutate(flags=hosts.other_flags, hint_id=hosts.other_hint_id))
    return with_operators_companies(hosts.drop("flags", "hint_id").cache(), method.companies)


def _operators(hosts: ir.Table) -> ir.Table:
    """host_id and what labels are made of."""
    return hosts.select(
        "host_id",
        "source",
        "probability",
        provider_id="operator_id",
        company="operator_company",
        role="operator_role",
    )


def _weighted(chosen: ir.Table) -> ir.Table:
    siblings = chosen.group_by("mail_set").agg(weight=1 / chosen.count())
    return chosen.join(siblings, "mail_set").cache()


def _shaped(rows: ir.Table, table: Table, method: Method) -> ir.Table:
    """The columns of the schema, in its order and of its types."""
    schema = ibis.Schema.from_pyarrow(table.schema)
    rows = rows.mutate(rules_version=ibis.literal(method.version))
    return rows.select(*schema.names).cast(schema)
