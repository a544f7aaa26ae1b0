"""Domains that differ between two runs, and where they went.

A move is one of companies: two ids of one company are no move. Whether it may be noise is told
by the run that saw less, and by the exchanges: where they are the same hosts in both runs, the
domain has changed nothing; its provider's certificate or greeting, or our map, has.
"""

import ibis
import ibis.expr.types as ir

from schemas.aggregates import Unknown
from schemas.changes import CHANGES, MOVEMENTS, Change, Doubt
from schemas.providers import Category
from schemas.table import Table

_UNMEASURED = [
    str(category)
    for category in (
        Category.OPTED_OUT,
        Category.DNS_FAILED,
        Category.MX_FAILED,
        Category.NOT_PROBED,
        Category.NO_SMTP,
    )
]
_SIDE = (
    "category",
    "operator_id",
    "operator_company",
    "source",
    "mailbox_company",
    "exchanges",
)


def side(providers: ir.Table, mx_providers: ir.Table) -> ir.Table:
    """domain, the columns of ``Side``, mailbox: of one run's inferred tables."""
    lists = mx_providers.group_by("domain").agg(exchanges=mx_providers.mx.collect().sort())
    rows = providers.drop("exchanges").left_join(lists, "domain").drop("domain_right")
    none = ibis.literal([], "array<string>")
    return rows.select("domain", "mailbox", *_SIDE[:-1], exchanges=rows.exchanges.fill_null(none))


def changes(then: ir.Table, now: ir.Table, earlier: str) -> ir.Table:
    """The columns of ``changes``, from the sides of two runs; ``earlier`` is the first one's id."""
    then = then.rename({f"then_{name}": name for name in then.columns})
    now = now.rename({f"now_{name}": name for name in now.columns})
    rows = then.outer_join(now, then.then_domain == now.now_domain)
    rows = rows.mutate(change=_change(rows)).filter(lambda row: row.change.notnull())
    return _shaped(
        rows.mutate(
            domain=rows.then_domain.coalesce(rows.now_domain),
            earlier=ibis.literal(earlier),
            doubt=_doubt(rows),
            then=_side(rows, "then"),
            now=_side(rows, "now"),
        ),
        CHANGES,
    )


def movements(changes: ir.Table) -> ir.Table:
    """The columns of ``movements``."""
    kinds = [str(kind) for kind in (Change.MOVED, Change.GAINED, Change.LOST)]
    rows = changes.filter(changes.change.isin(kinds))
    rows = rows.mutate(
        provider_then=_provider(rows.domain, rows.then),
        provider_now=_provider(rows.domain, rows.now),
    )
    counts = rows.group_by("earlier", "provider_then", "provider_now").agg(
        domains=rows.count(), doubtful=rows.doubt.count()
    )
    return _shaped(counts, MOVEMENTS)


def _change(rows: ir.Table) -> ir.StringValue:
    then, now = _name(rows, "then"), _name(rows, "now")
    kept = rows.then_mailbox.fill_null("") + " " + rows.then_mailbox_company.fill_null("")
    keeps = rows.now_mailbox.fill_null("") + " " + rows.now_mailbox_company.fill_null("")
    return ibis.cases(
        (rows.then_domain.isnull(), str(Change.NEW)),
        (rows.now_domain.isnull(), str(Change.GONE)),
        (then.isnull() & now.notnull(), str(Change.GAINED)),
        (then.notnull() & now.isnull(), str(Change.LOST)),
        (then != now, str(Change.MOVED)),
        (kept != keeps, str(Change.MAILBOX)),
    )


def _name(rows: ir.Table, side: str) -> ir.StringValue:
    return rows[f"{side}_operator_company"].coalesce(rows[f"{side}_operator_id"])


def _doubt(rows: ir.Table) -> ir.StringValue:
    both = rows.then_domain.notnull() & rows.now_domain.notnull()
    failed = rows.then_category.isin(_UNMEASURED) | rows.now_category.isin(_UNMEASURED)
    same = (rows.then_exchanges == rows.now_exchanges) & (rows.then_exchanges.length() > 0)
    operators = rows.change.isin([str(Change.MOVED), str(Change.GAINED), str(Change.LOST)])
    return ibis.cases(
        (both & failed, str(Doubt.UNMEASURED)),
        (operators & same, str(Doubt.SAME_EXCHANGES)),
    )


def _side(rows: ir.Table, side: str) -> ir.StructValue:
    fields = {name: rows[f"{side}_{name}"] for name in _SIDE}
    none = ibis.literal([], "array<string>")
    return ibis.struct(fields | {"exchanges": fields["exchanges"].fill_null(none)})


def _provider(domain: ir.StringValue, side: ir.StructValue) -> ir.StringValue:
    company, provider_id = side["operator_company"], side["operator_id"]
    return ibis.cases(
        (company.notnull(), company),
        (provider_id == domain, str(Unknown.SELF)),
        else_=provider_id.fill_null(str(Unknown.NONE)),
    )


def _shaped(rows: ir.Table, table: Table) -> ir.Table:
    schema = ibis.Schema.from_pyarrow(table.schema)
    return rows.select(*schema.names).cast(schema)
