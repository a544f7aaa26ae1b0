"""Provider inference: who runs each domain's mail, from the tables of a crawl alone (IMC'21).

``infer`` takes the tables of one run and gives ``mx_providers`` and ``providers`` with exactly
the columns and types of their schemas. Nothing here loops over domains: relational steps are
Ibis expressions on whatever backend holds the tables; only distinct greetings, certificate
names and provider ids pass through Python.

A domain whose evidence leads to its own registered domain has that as id; it has a company
only if the map names one.
"""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from certs.registered import suffix_list_sha256
from schemas.mx_providers import MX_PROVIDERS
from schemas.providers import PROVIDERS
from schemas.table import Table
from stages.inference.providers.companies import CompanyMap
from stages.inference.providers.evidence import banner_ids, tls_ids, trusted_certificates
from stages.inference.providers.exchanges import Exchanges, exchanges
from stages.inference.providers.labels import labels
from stages.inference.providers.popularity import popularity
from stages.inference.providers.rules import RULES_VERSION, flags
from stages.inference.providers.verdicts import verdicts, with_companies, with_foreign_as


def infer(
    census: Mapping[str, ir.Table], *, companies: CompanyMap, port: int, ehlo_name: str | None
) -> dict[str, ir.Table]:
    """``mx_providers`` and ``providers``, computed and held by the backend of ``census``.

    ``census`` has domains, hosts, smtp, certificates and addresses; of smtp the rows of
    ``port`` count. ``ehlo_name`` is how the prober introduced itself, null if it did not.
    """
    version = rules_version(companies)
    probes = census["smtp"].filter(census["smtp"].port == port)
    found = exchanges(census["domains"], census["hosts"], probes)
    certificates = trusted_certificates(probes, census["certificates"])
    counts = popularity(found.chosen, found.live, certificates)
    tls = tls_ids(found.live, certificates, counts.by_domain)
    banner = banner_ids(found.live, probes, ehlo_name)
    hosts = with_companies(verdicts(census["hosts"], tls, banner, counts).cache(), companies)
    hosts = with_foreign_as(hosts, found.live, census["addresses"], companies)
    hosts = _with_addresses(hosts, found.live).cache()
    mx = _labelled(found, hosts).mutate(rules_version=ibis.literal(version)).cache()
    providers = labels(found.domains, mx).mutate(rules_version=ibis.literal(version))
    return {
        "mx_providers": _shaped(mx, MX_PROVIDERS),
        "providers": _shaped(providers, PROVIDERS).cache(),
    }


def rules_version(companies: CompanyMap) -> str:
    """What a label depends on beside the crawl: rules, company map, Public Suffix List."""
    return f"{RULES_VERSION}-{companies.version}-{suffix_list_sha256()[:12]}"


def _with_addresses(hosts: ir.Table, live: ir.Table) -> ir.Table:
    lists = live.group_by("host").agg(addresses=live.address.collect().sort())
    rows = hosts.left_join(lists, "host").drop("host_right")
    return rows.mutate(addresses=rows.addresses.fill_null(ibis.literal([], "array<string>")))


def _labelled(found: Exchanges, hosts: ir.Table) -> ir.Table:
    """The columns of mx_providers, and role: a row a domain and chosen exchange."""
    rows = found.chosen.mutate(siblings=found.chosen.count().over(group_by="domain"))
    rows = rows.join(hosts, "host")
    rows = rows.join(found.domains.select("domain", "registered_domain"), "domain")
    own = (rows.provider_id == rows.registered_domain).fill_null(False)  # noqa: FBT003
    rows = rows.mutate(own=own)
    return rows.mutate(
        mx=rows.host,
        weight=1 / rows.siblings,
        flags=flags(rows),
    )


def _shaped(rows: ir.Table, table: Table) -> ir.Table:
    """The columns of the schema, in its order and of its types."""
    schema = ibis.Schema.from_pyarrow(table.schema)
    return rows.select(*schema.names).cast(schema)
