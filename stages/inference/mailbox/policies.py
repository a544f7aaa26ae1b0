"""DKIM keys and autodiscover: what was set up for the mailboxes, and what only a wildcard gives."""

import ibis.expr.types as ir

from schemas.mailbox_evidence import Signal
from schemas.outcomes import Outcome
from stages.inference.mailbox.keepers import Reading, below, named, of_self, reading, shaped
from stages.inference.providers.companies import CompanyMap


def of_dkim(policies: ir.Table, companies: CompanyMap) -> list[ir.Table]:
    """Targets of CNAMEs, and selectors where a key stands.

    An alias for a name that has no key is what an account that is gone leaves behind.
    """
    keys = policies.select(
        "domain",
        "registered_domain",
        "domainkey_chain",
        "domainkey",
        key=policies.dkim.unnest(),
    )
    chain, text = keys.key["cname_chain"], keys.key["txt"]
    wild = (chain.length() > 0) & (chain == keys.domainkey_chain)
    aliases = keys.filter(~wild).select(
        "domain", "registered_domain", stands=text.length() > 0, value=chain.unnest()
    )
    standing = keys.filter((text.length() > 0) & (text != keys.domainkey) & (chain.length() == 0))
    selectors = standing.mutate(value=standing.key["selector"])
    live = named(
        aliases.filter(aliases.stands), reading(companies.of_dkim, Signal.DKIM_CNAME)
    ).cache()
    gone = named(aliases.filter(~aliases.stands), reading(companies.of_dkim, Signal.DKIM_GONE))
    return [
        live,
        shaped(gone.anti_join(live, ["domain", "keeper"])),
        named(selectors, reading(companies.of_selector, Signal.DKIM_SELECTOR)),
    ]


def of_autodiscover(policies: ir.Table, companies: CompanyMap) -> list[ir.Table]:
    """Where mail programs are sent by CNAME or SRV, or by an address of the domain's own."""
    wild = (policies.autodiscover_chain.length() > 0) & (
        policies.autodiscover_chain == policies.domainkey_chain
    )
    aliases = policies.filter(~wild).select(
        "domain", "registered_domain", value=policies.autodiscover_chain.unnest()
    )
    services = policies.select(
        "domain", "registered_domain", service=policies.autodiscover_srv.unnest()
    )
    targets = services.select("domain", "registered_domain", value=services.service["target"])
    names = aliases.union(targets).cache()
    own = names.filter(below(names.value, names.registered_domain))
    direct = policies.filter(
        (policies.autodiscover_chain.length() == 0)
        & (policies.autodiscover.length() > 0)
        & ~_any_name_exists(policies)
    ).select("domain", value=policies.autodiscover[0])
    look = Reading(
        companies.of_autodiscover,
        Signal.AUTODISCOVER,
        Signal.AUTODISCOVER_HOST,
        Signal.AUTODISCOVER,
    )
    return [
        named(names, look),
        of_self(own.select("domain", "value").union(direct), Signal.OWN_AUTODISCOVER),
    ]


def _any_name_exists(policies: ir.Table) -> ir.BooleanValue:
    """Whether names do that nobody set up: selectors without a record, and none that is not there.

    A wildcard with an address gives every name, but no TXT record.
    """
    empty = policies.dkim.filter(lambda key: key["query"]["outcome"] == Outcome.NODATA)
    absent = policies.dkim.filter(lambda key: key["query"]["outcome"] == Outcome.NXDOMAIN)
    return (empty.length() > 0) & (absent.length() == 0)
