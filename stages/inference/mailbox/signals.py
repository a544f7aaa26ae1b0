"""What tells of the keepers of mailboxes: a row a domain, keeper, signal and value.

Every signal is a name, text or network that the company map, or the domain itself, explains.
"""

from collections.abc import Mapping
from functools import reduce

import ibis
import ibis.expr.types as ir

from schemas.mailbox_evidence import Signal
from stages.inference.mailbox.exchanges import of_exchanges
from stages.inference.mailbox.keepers import KEEPERS, ROW, named, reading
from stages.inference.mailbox.policies import of_autodiscover, of_dkim
from stages.inference.mailbox.ranges import keeper_ranges, within
from stages.inference.mailbox.senders import of_spf, own_terms
from stages.inference.providers.companies import CompanyMap
from stages.inference.providers.method import Method

_TENANT = "ms="
"""Begins the record of a Microsoft 365 tenant, which may be there for its documents alone."""


def signals(gated: ir.Table, census: Mapping[str, ir.Table], method: Method) -> ir.Table:
    """domain, keeper, signal, value; each row once.

    ``gated`` has the domains behind a gateway or forwarder: domain, registered_domain.
    ``census`` has domains, hosts, spf, smtp, certificates, and policies, which may be empty.
    """
    if not gated.count().to_pyarrow().as_py():
        nothing = dict.fromkeys(ROW, ibis.null(str))
        return gated.select(**{**nothing, "domain": gated.domain.cast("string")}).limit(0)
    companies = method.companies
    gated = gated.select("domain", "registered_domain")
    domains = census["domains"].semi_join(gated, "domain")
    domains = domains.select("domain", "registered_domain", "mail_hosts", "txt").cache()
    policies = census["policies"].join(gated, "domain").cache()
    terms = own_terms(gated, census["spf"]).cache()
    found = [
        *of_exchanges(domains, census, method),
        *of_dkim(policies, companies),
        *of_autodiscover(policies, companies),
        *of_spf(terms, companies),
        within(terms, keeper_ranges(census["spf"], companies, KEEPERS)),
        *_tokens(domains, companies),
    ]
    return reduce(lambda one, other: one.union(other), found).distinct()


def _tokens(domains: ir.Table, companies: CompanyMap) -> list[ir.Table]:
    listed = domains.select("domain", "registered_domain", record=domains.txt.unnest())
    rows = listed.mutate(value=listed.record["text"])
    rows = rows.filter(~rows.value.lower().startswith("v=spf1"))
    tenant = rows.value.lower().startswith(_TENANT)
    return [
        named(rows.filter(~tenant), reading(companies.of_token, Signal.TOKEN)),
        named(rows.filter(tenant), reading(companies.of_token, Signal.TENANT)),
    ]
