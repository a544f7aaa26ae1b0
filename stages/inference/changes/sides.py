"""What all kinds of changes share: two runs side by side, and rows of `changes` made of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from schemas.changes import CHANGES, Change, Kind
from schemas.table import Table

Census = Mapping[str, ir.Table]
"""The tables that a run has, by name."""

SIDES = ("then", "now")
MOST = 20
"""Pieces of evidence of a side."""
_SIDE = {
    "value": "string",
    "category": "string",
    "source": "string",
    "probability": "float32",
    "evidence": "array<string>",
}


class Runs(NamedTuple):
    """An earlier run and a later one."""

    earlier: str
    """Id of the earlier run."""
    then: Census
    now: Census

    def pair(self, table: str, *columns: str) -> ir.Table:
        """domain, then_… and now_… of these columns, for seeds of both runs."""
        return paired(
            self.then[table].select("domain", *columns), self.now[table].select("domain", *columns)
        )


def paired(then: ir.Table, now: ir.Table) -> ir.Table:
    """The domains of two tables, then_… and now_… of their other columns."""
    then, now = prefixed(then, "then"), prefixed(now, "now")
    rows = then.inner_join(now, then.then_domain == now.now_domain)
    return rows.rename(domain="then_domain").drop("now_domain")


def prefixed(rows: ir.Table, side: str) -> ir.Table:
    """The table with the side before the name of each column."""
    return rows.rename({f"{side}_{name}": name for name in rows.columns})


def changed(rows: ir.Table, earlier: str, kind: Kind | ir.StringValue) -> ir.Table:
    """Rows of `changes`, of those whose ``change`` is not null.

    ``rows`` has domain, change and, for each side, columns of it by name (as then_value); columns
    that are not there are null, ``about`` is the domain.
    """
    rows = rows.filter(rows.change.notnull())
    names = set(rows.columns)
    return shaped(
        rows.mutate(
            earlier=ibis.literal(earlier),
            kind=ibis.literal(str(kind)) if isinstance(kind, Kind) else kind,
            about=rows.about if "about" in names else rows.domain,
            then=_side(rows, "then"),
            now=_side(rows, "now"),
            more=rows.more if "more" in names else ibis.null("decimal(38, 0)"),
            doubt=rows.doubt if "doubt" in names else ibis.null("string"),
        ),
        CHANGES,
    )


def none() -> ir.ArrayValue:
    """No evidence."""
    return ibis.literal([], "array<string>")


def texts(*pieces: ir.StringValue) -> ir.ArrayValue:
    """These texts as a list, without those that are null."""
    return ibis.array(list(pieces)).filter(lambda text: text.notnull())


def graded(
    then: ir.StringValue, now: ir.StringValue, grades: Sequence[str], words: tuple[Change, Change]
) -> ir.StringValue:
    """How a value went along ``grades``, lowest first; what is none of them stands for nothing.

    ``words`` are those for up and down; null where a side is null.
    """
    up, down = words
    places = [
        ibis.cases(*((value == grade, place) for place, grade in enumerate(grades)), else_=-1)
        for value in (then, now)
    ]
    before, after = places
    return ibis.cases(
        (then.isnull() | now.isnull(), ibis.null("string")),  # one run did not ask
        ((before < 0) & (after >= 0), str(Change.GAINED)),
        ((before >= 0) & (after < 0), str(Change.LOST)),
        (before < after, str(up)),
        (before > after, str(down)),
    )


def shaped(rows: ir.Table, table: Table) -> ir.Table:
    """The columns of a table, in its types; nullable, so that tables can be put together."""
    schema = ibis.Schema.from_pyarrow(table.schema)
    return rows.select(
        **{name: rows[name].cast(kind.copy(nullable=True)) for name, kind in schema.items()}
    )


def _side(rows: ir.Table, side: str) -> ir.StructValue:
    fields = {}
    for name, kind in _SIDE.items():
        column = f"{side}_{name}"
        fields[name] = rows[column].cast(kind) if column in rows.columns else ibis.null(kind)
    fields["evidence"] = fields["evidence"].fill_null(none())[:MOST]
    return ibis.struct(fields)
