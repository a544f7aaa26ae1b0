"""SPF: whom a domain lets send, of whom one may keep its mailboxes."""

import ibis.expr.types as ir

from schemas.mailbox_evidence import Signal
from stages.inference.mailbox.keepers import Reading, below, named, of_self, reading
from stages.inference.providers.companies import CompanyMap


def own_terms(gated: ir.Table, spf: ir.Table) -> ir.Table:
    """domain, registered_domain, name, qualifier, domain_spec, network: the own records' terms.

    A record may be split: what it includes below its own registered domain is its own, too.
    """
    records = spf.select("terms", "includes", domain="name")
    own = records.join(gated, "domain").cache()
    listed = own.select("domain", "registered_domain", name=own.includes.unnest())
    parts = listed.filter(listed.name.endswith("." + listed.registered_domain))
    further = parts.join(spf.select("name", "terms"), "name")
    return _fields(own).union(_fields(further))


def of_spf(terms: ir.Table, companies: CompanyMap) -> list[ir.Table]:
    """Includes and redirects, and hosts of the domain's own; ``terms`` as in ``own_terms``."""
    leads = terms.filter(terms.name.isin(["include", "redirect"]))
    leads = leads.mutate(value=leads.domain_spec.lower())
    passes = (leads.qualifier == "+") | (leads.name == "redirect")
    soft = leads.qualifier.isin(["~", "?"])
    own = terms.filter(terms.name.isin(["a", "mx"]) & (terms.qualifier == "+"))
    bare = own.filter(own.domain_spec.isnull())
    hosts = own.mutate(value=own.domain_spec.lower())
    hosts = hosts.filter(below(hosts.value, hosts.registered_domain))
    look = Reading(companies.of_spf, Signal.SPF_INCLUDE, Signal.SPF_HOST, Signal.SPF_OTHER)
    return [
        named(leads.filter(passes), look),
        named(leads.filter(soft), reading(companies.of_spf, Signal.SPF_SOFT)),
        of_self(bare.select("domain", value="name").distinct(), Signal.OWN_SPF),
        of_self(hosts.select("domain", "value"), Signal.OWN_HOST),
    ]


def _fields(records: ir.Table) -> ir.Table:
    terms = records.select("domain", "registered_domain", term=records.terms.unnest())
    fields = {
        field: terms.term[field].cast("string")
        for field in ("name", "qualifier", "domain_spec", "network")
    }
    return terms.select(
        domain=terms.domain.cast("string"),
        registered_domain=terms.registered_domain.cast("string"),
        **fields,
    )
