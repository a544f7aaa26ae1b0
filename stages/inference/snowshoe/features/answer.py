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


def within(name: ir.StringValue, domain: ir.StringValue) -> ir.BooleanValue:
    """Whether a name is the domain or below it."""
    return (name == domain) | name.endswith("." + domain)
