"""What the DNS tells of the keepers of mailboxes: a row a domain, keeper, signal and value.

Every signal is a name, text or network that the company map, or the domain itself, explains.
Only companies that keep mail or host it are keepers: a marketing company's DKIM key says that it
sends for the domain, not that it takes its mail.
"""

from collections.abc import Callable, Mapping
from functools import reduce

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.mailbox_evidence import Signal
from schemas.providers import Role
from stages.inference.mailbox.ranges import keeper_ranges, within
from stages.inference.providers.companies import CompanyMap
from stages.inference.providers.company import Company

SELF = "(self)"
KEEPERS = frozenset({Role.MAILBOX, Role.HOSTING})
_ROW = ibis.schema(dict.fromkeys(("domain", "keeper", "signal", "value"), "string"))
_KNOWN = pa.schema([("value", pa.string()), ("keeper", pa.string())])

Look = Callable[[str], Company | None]


def signals(gated: ir.Table, census: Mapping[str, ir.Table], companies: CompanyMap) -> ir.Table:
    """domain, keeper, signal, value; each row once.

    ``gated`` has the domains behind a gateway or forwarder: domain, registered_domain.
    ``census`` has domains, hosts, spf, and policies, which may be empty.
    """
    if not gated.count().to_pyarrow().as_py():
        # Made of a table of the backend: what is cached must lie there, not in the default one.
        return gated.select(**{name: ibis.null(str) for name in _ROW}).limit(0)
    domains = census["domains"].semi_join(gated, "domain")
    policies = census["policies"].semi_join(gated, "domain")
    terms = _terms(gated, census["spf"]).cache()
    found = [
        _lower_mx(domains, census["hosts"], companies),
        *_dkim(policies, companies),
        *_autodiscover(
            policies.join(gated.select("domain", "registered_domain"), "domain").cache(), companies
        ),
        *_spf(terms, companies),
        within(terms, keeper_ranges(census["spf"], companies, KEEPERS)),
        _tokens(domains, companies),
    ]
    rows = [table.select(*_ROW).cast(_ROW) for table in found]
    return reduce(lambda one, other: one.union(other), rows).distinct()


def _named(rows: ir.Table, look: Look, signal: Signal) -> ir.Table:
    """The rows (domain, value) whose value a keeper explains; Python sees each value once."""
    values = rows.select("value").distinct().drop_null().to_pyarrow()["value"].to_pylist()
    found = [(value, look(value)) for value in values]
    known = [
        {"value": value, "keeper": company.name}
        for value, company in found
        if company and company.role in KEEPERS
    ]
    table = ibis.memtable(pa.Table.from_pylist(known, schema=_KNOWN))
    return rows.join(table, "value").mutate(signal=ibis.literal(str(signal)))


def _lower_mx(domains: ir.Table, hosts: ir.Table, companies: CompanyMap) -> ir.Table:
    """Exchanges by name: the gateway's own are a gateway's, so no keeper explains them."""
    listed = domains.select("domain", host=domains.mail_hosts.unnest()).cache()
    named = listed.join(hosts.select("host", value="registered_domain"), "host")
    rows = named.select("domain", "value").distinct()
    return _named(rows, companies.of, Signal.LOWER_MX)


def _dkim(policies: ir.Table, companies: CompanyMap) -> list[ir.Table]:
    """Targets of CNAMEs; selectors where a key stands. What a wildcard holds says nothing."""
    keys = policies.select("domain", "domainkey_chain", "domainkey", key=policies.dkim.unnest())
    chain = keys.key["cname_chain"]
    wild = (chain.length() > 0) & (chain == keys.domainkey_chain)
    aliases = keys.filter(~wild).select("domain", value=chain.unnest())
    standing = (keys.key["txt"].length() > 0) & (keys.key["txt"] != keys.domainkey)
    selectors = keys.filter(standing).select("domain", value=keys.key["selector"])
    return [
        _named(aliases, companies.of_dkim, Signal.DKIM_CNAME),
        _named(selectors, companies.of_selector, Signal.DKIM_SELECTOR),
    ]


def _autodiscover(policies: ir.Table, companies: CompanyMap) -> list[ir.Table]:
    aliases = policies.select(
        "domain", "registered_domain", value=policies.autodiscover_chain.unnest()
    )
    services = policies.select(
        "domain", "registered_domain", service=policies.autodiscover_srv.unnest()
    )
    targets = services.select("domain", "registered_domain", value=services.service["target"])
    names = aliases.union(targets)
    below = "." + names.registered_domain
    own = names.filter((names.value == names.registered_domain) | names.value.endswith(below))
    direct = policies.filter(
        (policies.autodiscover_chain.length() == 0) & (policies.autodiscover.length() > 0)
    ).select("domain", "registered_domain", value=policies.autodiscover[0])
    named = names.select("domain", "value")
    return [
        _named(named, companies.of_autodiscover, Signal.AUTODISCOVER),
        own.union(direct).mutate(
            keeper=ibis.literal(SELF), signal=ibis.literal(str(Signal.OWN_AUTODISCOVER))
        ),
    ]


def _terms(gated: ir.Table, spf: ir.Table) -> ir.Table:
    """domain, name, qualifier, domain_spec, network: terms of the domains' own records.

    A record may be split: what it includes below its own registered domain is its own, too.
    """
    records = spf.select("terms", "includes", domain="name")
    own = records.join(gated, "domain").cache()
    listed = own.select("domain", "registered_domain", name=own.includes.unnest())
    parts = listed.filter(listed.name.endswith("." + listed.registered_domain))
    further = parts.join(spf.select("name", "terms"), "name")
    return _fields(own).union(_fields(further))


def _fields(records: ir.Table) -> ir.Table:
    terms = records.select("domain", term=records.terms.unnest())
    fields = {
        field: terms.term[field].cast("string")
        for field in ("name", "qualifier", "domain_spec", "network")
    }
    return terms.select(domain=terms.domain.cast("string"), **fields)


def _spf(terms: ir.Table, companies: CompanyMap) -> list[ir.Table]:
    leads = terms.filter(terms.name.isin(["include", "redirect"]))
    leads = leads.mutate(value=leads.domain_spec.lower())
    passes = (leads.qualifier == "+") | (leads.name == "redirect")
    soft = leads.qualifier.isin(["~", "?"])
    own = terms.filter(terms.name.isin(["a", "mx"]) & (terms.qualifier == "+"))
    own = own.filter(own.domain_spec.isnull()).select("domain", value="name").distinct()
    return [
        _named(leads.filter(passes), companies.of_spf, Signal.SPF_INCLUDE),
        _named(leads.filter(soft), companies.of_spf, Signal.SPF_SOFT),
        own.mutate(keeper=ibis.literal(SELF), signal=ibis.literal(str(Signal.OWN_SPF))),
    ]


def _tokens(domains: ir.Table, companies: CompanyMap) -> ir.Table:
    listed = domains.select("domain", record=domains.txt.unnest())
    rows = listed.select("domain", value=listed.record["text"])
    rows = rows.filter(~rows.value.lower().startswith("v=spf1"))
    return _named(rows, companies.of_token, Signal.TOKEN)
