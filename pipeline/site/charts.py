"""Charts of the rows of a query, as Vega-Lite by Altair.

A maker of charts takes names of columns and gives a function from rows to a chart. Colours are not
in it: the page has them, for it knows whether it is light or dark. Rows stay in their order.
"""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import altair as alt
import pyarrow as pa

from pipeline.site.exhibit import Spec

Maker = Callable[[pa.Table], Spec]

_ROW = 22  # pixels of a bar
_MOST = 25
_TICKS = 6


def bars(label: str, value: str, colour: str | None = None, most: int = _MOST) -> Maker:
    """A bar a row, the first row on top; stacked where ``colour`` tells rows of a label apart."""

    def draw(rows: pa.Table) -> Spec:
        labels = _distinct(rows, label)[:most]
        chart = _over(rows, label, labels).mark_bar()
        encoding = {
            "y": alt.Y(label, type="nominal", sort=labels, title=None),
            "x": alt.X(value, type="quantitative", title=_words(value), axis=_axis(value)),
            "tooltip": _tooltip(rows),
        }
        if colour:
            encoding |= {"color": _colour(rows, colour), "order": alt.Order(_PLACE)}
            chart = _ordered(chart, rows, colour)
        return _spec(chart.encode(**encoding), height=_ROW * max(len(labels), 2))

    return draw


def parts(label: str, value: str, colour: str, most: int = _MOST) -> Maker:
    """A bar a label, all equally long, cut by ``colour``."""

    def draw(rows: pa.Table) -> Spec:
        labels = _distinct(rows, label)[:most]
        chart = _ordered(_over(rows, label, labels).mark_bar(), rows, colour)
        chart = chart.encode(
            y=alt.Y(label, type="nominal", sort=labels, title=None),
            x=alt.X(value, type="quantitative", stack="normalize", title="share", axis=_per_cent()),
            color=_colour(rows, colour),
            order=alt.Order(_PLACE),
            tooltip=_tooltip(rows),
        )
        return _spec(chart, height=_ROW * max(len(labels), 2))

    return draw


def columns(x: str, y: str, colour: str | None = None) -> Maker:
    """A column a row, in the order of the rows: for steps and years."""

    def draw(rows: pa.Table) -> Spec:
        steps = _distinct(rows, x)
        encoding = {
            "x": alt.X(
                x,
                type="ordinal",
                sort=steps,
                title=_words(x),
                axis=alt.Axis(labelAngle=0, labelOverlap=True),
            ),
            "y": alt.Y(y, type="quantitative", title=_words(y), axis=_axis(y)),
            "tooltip": _tooltip(rows),
        }
        if colour:
            encoding["color"] = _colour(rows, colour)
        return _spec(_chart(rows).mark_bar().encode(**encoding), height=240)

    return draw


def lines(x: str, y: str, colour: str, dash: str | None = None) -> Maker:
    """A line a ``colour`` over steps, in the order of the rows; dashes may tell ``dash`` apart."""

    def draw(rows: pa.Table) -> Spec:
        chart = (
            _chart(rows)
            .mark_line(point=True)
            .encode(
                x=alt.X(
                    x,
                    type="ordinal",
                    sort=_distinct(rows, x),
                    title=_words(x),
                    axis=alt.Axis(labelAngle=0),
                ),
                y=alt.Y(y, type="quantitative", title=_words(y), axis=_axis(y)),
                color=_colour(rows, colour),
                tooltip=_tooltip(rows),
            )
        )
        if dash:
            dashes = alt.StrokeDash(dash, type="nominal", legend=_legend(rows, dash))
            chart = chart.encode(strokeDash=dashes)
        return _spec(chart, height=280)

    return draw


def matrix(x: str, y: str, value: str) -> Maker:
    """A field a row; the fuller, the more."""

    def draw(rows: pa.Table) -> Spec:
        chart = (
            _chart(rows)
            .mark_rect()
            .encode(
                x=alt.X(
                    x,
                    type="nominal",
                    sort=_distinct(rows, x),
                    title=None,
                    axis=alt.Axis(labelAngle=-45),
                ),
                y=alt.Y(y, type="nominal", sort=_distinct(rows, y), title=None),
                color=alt.Color(
                    value,
                    type="quantitative",
                    title=_words(value),
                    legend=alt.Legend(format=_format(value)),
                ),
                tooltip=_tooltip(rows),
            )
        )
        return _spec(chart, height=_ROW * max(len(_distinct(rows, y)), 2))

    return draw


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


def _chart(rows: pa.Table) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=values(rows)))


def _over(rows: pa.Table, label: str, labels: Sequence[object]) -> alt.Chart:
    kept = set(labels)
    return alt.Chart(alt.InlineData(values=[row for row in values(rows) if row[label] in kept]))


def _spec(chart: alt.Chart, height: int) -> Spec:
    chart = chart.properties(width="container", height=height)
    return dict(chart.to_dict())


def _distinct(rows: pa.Table, column: str) -> list[Any]:
    return list(dict.fromkeys(row[column] for row in values(rows.select([column]))))


def _colour(rows: pa.Table, column: str) -> alt.Color:
    kinds = _distinct(rows, column)
    return alt.Color(column, type="nominal", sort=kinds, legend=_legend(rows, column))


def _legend(rows: pa.Table, column: str) -> alt.Legend | None:
    """None where there is but one thing to tell apart."""
    if len(_distinct(rows, column)) == 1:
        return None
    return alt.Legend(orient="bottom", columns=3, title=None, symbolLimit=0)


_PLACE = "place:Q"


def _ordered(chart: alt.Chart, rows: pa.Table, column: str) -> alt.Chart:
    """With parts of bars in the order in which the rows first have them."""
    return chart.transform_calculate(
        place=f"indexof({json.dumps(_distinct(rows, column))}, datum[{json.dumps(column)}])"
    )


def _tooltip(rows: pa.Table) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(name, type="quantitative", title=_words(name), format=_format(name))
        if _is_number(kind)
        else alt.Tooltip(name, type="nominal", title=_words(name))
        for name, kind in zip(rows.schema.names, rows.schema.types, strict=True)
    ]


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _axis(column: str) -> alt.Axis:
    return _per_cent() if column.startswith("share") else alt.Axis(format="~s", tickCount=_TICKS)


def _per_cent() -> alt.Axis:
    return alt.Axis(format="~%", tickCount=_TICKS)


def _format(column: str) -> str:
    return ".1%" if column.startswith("share") else ",~f"


def _words(column: str) -> str:
    return column.replace("_", " ")
