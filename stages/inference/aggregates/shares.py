"""Who has which part of the domains' mail, and how concentrated that is.

A domain whose exchanges lead to n providers counts 1/n for each (IMC'21, section 5). Two ids of
one company are one provider.
"""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.aggregates import Dimension, Unknown
from schemas.providers import Mailbox
from stages.inference.aggregates.cuts import counted, with_share
from stages.inference.providers.companies import CompanyMap

_COMPANIES = pa.schema(
    [
        ("provider_id", pa.string()),
        ("company", pa.string()),
        ("role", pa.string()),
        ("country", pa.string()),
    ]
)


def provider_shares(
    providers: ir.Table, domains: ir.Table, populations: ir.Table, companies: CompanyMap
) -> ir.Table:
    """The columns of ``provider_shares``; ``domains`` is the crawl's table."""
    parts = _parts(providers, domains, companies)
    dimensions = [
        parts.select("domain", "weight", value=value, dimension=ibis.literal(str(dimension)))
        for dimension, value in (
            (Dimension.PROVIDER, _provider(parts)),
            (Dimension.ROLE, _of_company(parts, parts.role)),
            (Dimension.COUNTRY, _of_company(parts, parts.country)),
        )
    ]
    every = ibis.union(*dimensions, _unmapped(parts), _mailboxes(providers, domains))
    rows = counted(every, populations, ["dimension", "value"])
    return with_share(rows, "dimension")


def concentration(shares: ir.Table) -> ir.Table:
    """The columns of ``concentration``, from those of ``provider_shares``."""
    named = shares.filter(
        (shares.dimension == Dimension.PROVIDER) & (shares.value != str(Unknown.NONE))
    )
    named = with_share(named)
    cut = ["seed_list", "rank_cut", "tld"]
    order = [named.share.desc(), named.value]
    ranked = named.mutate(place=ibis.row_number().over(group_by=cut, order_by=order))
    return ranked.group_by(cut).agg(
        providers=ranked.count(),
        **{f"top{size}": ranked.share.sum(where=ranked.place < size) for size in (1, 5, 10)},
        hhi=(ranked.share * ranked.share).sum(),
        domains=ranked.domains.sum(),
    )


def _parts(providers: ir.Table, domains: ir.Table, companies: CompanyMap) -> ir.Table:
    """domain, provider_id, own, company, role, country, weight: a row a domain and provider."""
    listed = providers.select("domain", part=providers.shares.unnest())
    rows = listed.select(
        "domain", provider_id=listed.part["provider_id"], weight=listed.part["weight"]
    )
    rows = rows.cast({"weight": "float64"})
    ids = rows.select("provider_id").distinct().drop_null().to_pyarrow()
    mapped = [(key, companies.of(key)) for key in ids["provider_id"].to_pylist()]
    known = [
        {"provider_id": key, "company": c.name, "role": str(c.role), "country": c.country}
        for key, c in mapped
        if c
    ]
    table = ibis.memtable(pa.Table.from_pylist(known, schema=_COMPANIES))
    rows = rows.left_join(table, "provider_id").drop("provider_id_right")
    rows = rows.join(domains.select("domain", "registered_domain"), "domain")
    own = rows.provider_id == rows.registered_domain
    return rows.mutate(own=own.fill_null(False)).cache()  # noqa: FBT003


def _unmapped(parts: ir.Table) -> ir.Table:
    rows = parts.filter(parts.company.isnull() & parts.provider_id.notnull() & ~parts.own)
    dimension = ibis.literal(str(Dimension.UNMAPPED))
    return rows.select("domain", "weight", value=rows.provider_id, dimension=dimension)


def _mailboxes(providers: ir.Table, domains: ir.Table) -> ir.Table:
    """domain, weight, value, dimension: a row a domain whose mail goes anywhere."""
    rows = providers.filter(providers.exchanges > 0)
    rows = rows.join(domains.select("domain", "registered_domain"), "domain")
    value = ibis.cases(
        (rows.mailbox.isnull(), str(Unknown.NONE)),
        (rows.mailbox == Mailbox.UNKNOWN, str(Unknown.HIDDEN)),
        (rows.mailbox == Mailbox.OWN, rows.registered_domain.coalesce(rows.domain)),
        else_=rows.mailbox_company.coalesce(rows.operator_id),
    )
    return rows.select(
        "domain",
        weight=ibis.literal(1.0),
        value=value,
        dimension=ibis.literal(str(Dimension.MAILBOX)),
    )


def _provider(parts: ir.Table) -> ir.StringValue:
    return ibis.coalesce(parts.company, parts.provider_id, str(Unknown.NONE))


def _of_company(parts: ir.Table, value: ir.StringValue) -> ir.StringValue:
    return ibis.cases(
        (parts.company.notnull(), value),
        (parts.provider_id.isnull(), str(Unknown.NONE)),
        (parts.own, str(Unknown.SELF)),
        else_=str(Unknown.UNMAPPED),
    )
