"""Charts of the rows of a query, as Vega-Lite by Altair.

A maker of charts takes names of columns and gives a function from rows to a chart. Colours are not
in it: the page has them, for it knows whether it is light or dark. Rows stay in their order.
"""

from collections.abc import Callable
from typing import Any

import altair as alt
import pyarrow as pa

from pipeline.site.channels import (
    colour as coloured,
)
from pipeline.site.channels import (
    distinct,
    height,
    legend,
    length,
    ordered,
    per_cent,
    steps,
    tooltip,
    values,
    words,
    written,
)
from pipeline.site.exhibit import Spec

Maker = Callable[[pa.Table], Spec]

_ROW = 22  # pixels of a bar
_MOST = 25


def bars(label: str, value: str, colour: str | None = None, most: int = _MOST) -> Maker:
    """A bar a row, the first row on top; stacked where ``colour`` tells rows of a label apart.

    So ``colour`` is for parts of a whole; for counts of the same things see `beside`.
    """

    def draw(rows: pa.Table) -> Spec:
        labels = distinct(rows, label)[:most]
        chart = _over(rows, label, labels).encode(x=length(value), tooltip=tooltip(rows))
        if colour:
            chart = ordered(chart.encode(color=coloured(rows, colour)), rows, colour)
        return _spec(chart, _ROW * max(len(labels), 2))

    return draw


def beside(label: str, value: str, colour: str, most: int = _MOST) -> Maker:
    """A bar a row, those of a label next to each other: each ``colour`` is a count of its own."""

    def draw(rows: pa.Table) -> Spec:
        labels, kinds = distinct(rows, label)[:most], distinct(rows, colour)
        chart = _over(rows, label, labels).encode(
            x=length(value),
            yOffset=alt.YOffset(colour, type="nominal", sort=kinds),
            color=coloured(rows, colour),
            tooltip=tooltip(rows),
        )
        return _spec(chart, _ROW * max(len(labels) * (len(kinds) + 1) // 2, 2))

    return draw


def parts(label: str, value: str, colour: str, most: int = _MOST) -> Maker:
    """A bar a label, all equally long, cut by ``colour``."""

    def draw(rows: pa.Table) -> Spec:
        labels = distinct(rows, label)[:most]
        share = alt.X(value, type="quantitative", stack="normalize", title="share", axis=per_cent())
        chart = _over(rows, label, labels).encode(
            x=share, color=coloured(rows, colour), tooltip=tooltip(rows)
        )
        return _spec(ordered(chart, rows, colour), _ROW * max(len(labels), 2))

    return draw


def columns(x: str, y: str, colour: str | None = None) -> Maker:
    """A column a row, in the order of the rows: for steps and years."""

    def draw(rows: pa.Table) -> Spec:
        chart = _chart(rows).mark_bar().encode(x=steps(rows, x), y=height(y), tooltip=tooltip(rows))
        if colour:
            chart = chart.encode(color=coloured(rows, colour))
        return _spec(chart, 240)

    return draw


def lines(x: str, y: str, colour: str, dash: str | None = None) -> Maker:
    """A line a ``colour`` over steps, in the order of the rows; dashes may tell ``dash`` apart."""

    def draw(rows: pa.Table) -> Spec:
        chart = _chart(rows).mark_line(point=True)
        chart = chart.encode(
            x=steps(rows, x), y=height(y), color=coloured(rows, colour), tooltip=tooltip(rows)
        )
        if dash:
            dashes = alt.StrokeDash(dash, type="nominal", legend=legend(rows, dash))
            chart = chart.encode(strokeDash=dashes)
        return _spec(chart, 280)

    return draw


def matrix(x: str, y: str, value: str) -> Maker:
    """A field a row; the fuller, the more."""

    def draw(rows: pa.Table) -> Spec:
        across, down = distinct(rows, x), distinct(rows, y)
        fullness = alt.Color(
            value,
            type="quantitative",
            title=words(value),
            legend=alt.Legend(format=written(value)),
        )
        chart = (
            _chart(rows)
            .mark_rect()
            .encode(
                x=alt.X(x, type="nominal", sort=across, title=None, axis=alt.Axis(labelAngle=-45)),
                y=alt.Y(y, type="nominal", sort=down, title=None),
                color=fullness,
                tooltip=tooltip(rows),
            )
        )
        return _spec(chart, _ROW * max(len(down), 2))

    return draw


def _chart(rows: pa.Table) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=values(rows)))


def _over(rows: pa.Table, label: str, labels: list[Any]) -> alt.Chart:
    """Bars of some labels, one below the other."""
    kept = set(labels)
    data = alt.InlineData(values=[row for row in values(rows) if row[label] in kept])
    chart: alt.Chart = alt.Chart(data).mark_bar()
    return chart.encode(y=alt.Y(label, type="nominal", sort=labels, title=None))


def _spec(chart: alt.Chart, tall: int) -> Spec:
    return dict(chart.properties(width="container", height=tall).to_dict())
