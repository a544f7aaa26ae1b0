"""When a feature is a number and when it is null. Ibis expressions.

A question that failed says nothing: what rests on it is null. One that was answered without
records says that there are none: zero. What tables or further questions have to tell of things that
are there (their AS, their registered domain) is null where it is known of none of them.
"""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from schemas.outcomes import Outcome

_ANSWERED = [str(outcome) for outcome in Outcome if outcome.answered]


def answered(query: ir.StructValue) -> ir.BooleanValue:
    """Whether the DNS gave a definite answer; not where the row is missing."""
    return query["outcome"].isin(_ANSWERED).fill_null(False)  # noqa: FBT003


def counted(known: ir.BooleanValue, number: ir.NumericValue) -> ir.NumericValue:
    """The number, 0 where there is none, null where it is not known."""
    return known.ifelse(number.cast("int64").fill_null(0), ibis.null("int64"))


def told(known: ir.BooleanValue, things: ir.NumericValue, of_them: ir.NumericValue) -> ir.Value:
    """What is told of things: null if of none of those that are there."""
    some = (things.fill_null(0) == 0) | (of_them.fill_null(0) > 0)
    return counted(known & some, of_them)


def of_some(things: ir.NumericValue, value: ir.NumericValue) -> ir.Value:
    """A value that only things have: null where there are none."""
    return (things.fill_null(0) > 0).ifelse(value, ibis.null(value.type()))


def _list_unique(values: dt.Array[dt.String]) -> int:
    """How many different values an array holds, nulls not counted; the backend's own."""
    raise NotImplementedError


distinct = ibis.udf.scalar.builtin(_list_unique, name="list_unique")


def inside(names: ir.ArrayValue, things: ir.NumericValue, domain: ir.StringValue) -> ir.Value:
    """Which part of the names is the domain's or below it; null of none.

    ``things`` is how many different names there are.
    """
    own = names.filter(lambda name: (name == domain) | name.endswith("." + domain))
    return of_some(things, distinct(own).cast("float64") / things)


def grouped(rows: ir.Table) -> ir.Table:
    """The rows with ``members``: how many have the same ``group``; null where that is null."""
    some = rows.filter(rows.group.notnull())
    sizes = some.group_by("group").agg(members=some.count())
    return rows.left_join(sizes, "group").drop("group_right")


def known(addresses: ir.Table) -> ir.Table:
    """address, asn, country: what the tables of the run say."""
    return addresses.select("address", "asn", "country")
