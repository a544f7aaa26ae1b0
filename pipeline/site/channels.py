"""What the charts share: axes, colours and their legend, tooltips, and how numbers are written.

The page knows how wide it is; so what depends on that is an expression over the chart's width.
"""

import json
from decimal import Decimal
from typing import Any

import altair as alt
import pyarrow as pa

_TICKS = 6
_NARROW = 500  # pixels
_ENTRY = 200  # pixels of a legend's entry
_PLACE = "place:Q"


def values(rows: pa.Table) -> list[dict[str, object]]:
    """Rows as a chart has them: JSON knows no decimal and no date."""
    plain = (int, float, str, bool, type(None), list)
    return [
        {
            name: float(value)
            if isinstance(value, Decimal)
            else value
            if isinstance(value, plain)
            else str(value)
            for name, value in row.items()
        }
        for row in rows.to_pylist()
    ]


def distinct(rows: pa.Table, column: str) -> list[Any]:
    """The values of a column, as a chart has them, in the order of the rows."""
    return list(dict.fromkeys(row[column] for row in values(rows.select([column]))))


def length(column: str) -> alt.X:
    """How far a bar goes."""
    return alt.X(column, type="quantitative", title=words(column), axis=axis(column))


def height(column: str) -> alt.Y:
    """How high a point is."""
    return alt.Y(column, type="quantitative", title=words(column), axis=axis(column))


def steps(rows: pa.Table, column: str) -> alt.X:
    """Steps in the order of the rows; many are written aslant where there is little room."""
    names = distinct(rows, column)
    aslant = f"width < {_NARROW} && {sum(len(str(name)) for name in names)} > 30"
    labels = alt.Axis(
        labelAngle=alt.expr(f"{aslant} ? -45 : 0"),
        labelAlign=alt.expr(f"{aslant} ? 'right' : 'center'"),
        labelOverlap=True,
    )
    return alt.X(column, type="ordinal", sort=names, title=words(column), axis=labels)


def colour(rows: pa.Table, column: str) -> alt.Color:
    """A colour a kind, in the order of the rows."""
    return alt.Color(
        column, type="nominal", sort=distinct(rows, column), legend=legend(rows, column)
    )


def legend(rows: pa.Table, column: str) -> alt.Legend | None:
    """None where there is but one thing to tell apart."""
    if len(distinct(rows, column)) == 1:
        return None
    columns = alt.expr(f"max(1, floor(width / {_ENTRY}))")
    return alt.Legend(orient="bottom", columns=columns, title=None, symbolLimit=0)


def ordered(chart: alt.Chart, rows: pa.Table, column: str) -> alt.Chart:
    """With parts of bars in the order in which the rows first have them."""
    return chart.transform_calculate(
        place=f"indexof({json.dumps(distinct(rows, column))}, datum[{json.dumps(column)}])"
    ).encode(order=alt.Order(_PLACE))


def tooltip(rows: pa.Table) -> list[alt.Tooltip]:
    """All that a row says."""
    return [
        alt.Tooltip(name, type="quantitative", title=words(name), format=written(name))
        if _is_number(kind)
        else alt.Tooltip(name, type="nominal", title=words(name))
        for name, kind in zip(rows.schema.names, rows.schema.types, strict=True)
    ]


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def axis(column: str) -> alt.Axis:
    """Shares in per cent; other numbers short (10k), each by itself, and small ones as they are."""
    if column.startswith("share"):
        return per_cent()
    short = "abs(datum.value) < 1 ? format(datum.value, '~f') : format(datum.value, '~s')"
    return alt.Axis(labelExpr=short, tickCount=_TICKS)


def per_cent() -> alt.Axis:
    """An axis of shares."""
    return alt.Axis(format="~%", tickCount=_TICKS)


def written(column: str) -> str:
    """The format of a column's numbers."""
    return ".1%" if column.startswith("share") else ",~f"


def words(column: str) -> str:
    """A column's name for people."""
    return column.replace("_", " ")
