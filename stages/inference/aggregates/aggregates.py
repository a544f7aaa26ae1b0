"""All aggregates of a run, from its seeds and the labels that inference gave them."""

import ibis.expr.types as ir

from stages.inference.aggregates.coverage import coverage
from stages.inference.aggregates.cuts import populations
from stages.inference.aggregates.shares import concentration, provider_shares
from stages.inference.providers.companies import CompanyMap


def aggregates(
    domains: ir.Table, providers: ir.Table, companies: CompanyMap
) -> dict[str, ir.Table]:
    """The tables provider_shares, concentration and coverage, by name."""
    members = populations(domains).cache()
    shares = provider_shares(providers, domains, members, companies).cache()
    return {
        "provider_shares": shares,
        "concentration": concentration(shares),
        "coverage": coverage(providers, members),
    }
