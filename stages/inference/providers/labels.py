"""A domain's label: its providers' shares and the one that runs most of its mail.

Every exchange that counts is an equal part of its domain (IMC'21 counts providers in such
fractions). The operator is the id with the largest share, by text where two are equal.
"""

import ibis
import ibis.expr.types as ir

from schemas.mx_providers import Source
from schemas.providers import Category

_PRIORITY = tuple(Source)
_CATEGORIES = {
    Source.TLS: Category.BY_TLS,
    Source.BANNER: Category.BY_BANNER,
    Source.MX: Category.BY_MX,
}


def labels(mail_sets: ir.Table, mx: ir.Table) -> ir.Table:
    """mail_set and the columns of providers that depend on it alone: a row a mail set.

    ``mail_sets`` as in ``Exchanges``; ``mx`` has mail_set, provider_id, company, role, source,
    probability: of who most probably runs each exchange.
    """
    shares = _shares(mx).cache()
    lists = shares.group_by("mail_set").agg(
        shares=_ordered(shares), exchanges=shares.exchanges.sum()
    )
    operators = shares.filter(shares["rank"] == 0).drop("exchanges")
    rows = mail_sets.left_join(lists, "mail_set").drop("mail_set_right")
    rows = rows.left_join(operators, "mail_set").drop("mail_set_right")
    return rows.select(
        "mail_set",
        "implicit",
        "role",
        "source",
        category=_category(rows),
        operator_id=rows.provider_id,
        operator_company=rows.company,
        probability=rows.probability,
        shares=rows.shares.fill_null(ibis.literal([], type=rows.shares.type())),
        exchanges=rows.exchanges.fill_null(0),
    )


def _shares(mx: ir.Table) -> ir.Table:
    """mail_set, provider_id, company, role, source, exchanges, weight, rank from 0."""
    ranks = [(mx.source == source, rank) for rank, source in enumerate(_PRIORITY)]
    grouped = mx.group_by("mail_set", "provider_id", "company", "role").agg(
        exchanges=mx.count(),
        priority=ibis.cases(*ranks).min(),
        probability=mx.probability.mean(),
    )
    of_set = ibis.window(group_by=grouped.mail_set)
    order = [grouped.provider_id.isnull(), grouped.exchanges.desc(), grouped.provider_id]
    sources = [(grouped.priority == rank, str(s)) for rank, s in enumerate(_PRIORITY)]
    return grouped.select(
        "mail_set",
        "provider_id",
        "company",
        "role",
        "exchanges",
        "probability",
        source=ibis.cases(*sources),
        weight=grouped.exchanges / grouped.exchanges.sum().over(of_set),
        rank=ibis.row_number().over(group_by=grouped.mail_set, order_by=order),
    )


def _ordered(shares: ir.Table) -> ir.ArrayValue:
    """Shares by rank. Sorting structs by their first field is what every backend can do."""
    fields = {name: shares[name] for name in ("rank", "provider_id", "company", "weight")}
    ranked = ibis.struct(fields).collect().sort()
    return ranked.map(
        lambda share: ibis.struct(
            {name: share[name] for name in ("provider_id", "company", "weight")}
        )
    )


def _category(rows: ir.Table) -> ir.StringColumn:
    labelled = [(rows.source == source, str(category)) for source, category in _CATEGORIES.items()]
    by_source = ibis.cases(*labelled, else_=str(Category.UNLABELLED))
    return rows.category.coalesce(by_source)
