"""What a site is made of: pages, and on them parts, most of which are exhibits.

An exhibit is one query over the tables of a run. Its columns say how they are shown: `share…` of
a floating type is a part of 1 shown in per cent, a whole number is grouped in thousands, what is a
list has commas. A column's heading is its name in words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from pipeline.site.census import Census

Spec = dict[str, object]
"""A chart in Vega or Vega-Lite."""


@dataclass(frozen=True)
class Filled:
    """A part as it goes to its template."""

    template: str
    values: Mapping[str, object]
    files: Mapping[str, bytes] = field(default_factory=dict)
    """By path below the site's folder: what the part's links lead to."""


class Part(Protocol):
    """A section of a page."""

    @property
    def id(self) -> str:
        """Its name in links: `page.html#id`."""
        ...

    @property
    def title(self) -> str:
        """Its heading."""
        ...

    def fill(self, census: Census) -> Filled:
        """What there is to show of a run."""
        ...


@dataclass(frozen=True)
class Page:
    """A page of the site."""

    slug: str
    """File name without ending."""
    title: str
    lead: str
    """What the page is about, for a reader who has seen nothing else."""
    parts: Sequence[Part]


@dataclass(frozen=True)
class Exhibit:
    """Rows of one query, as a table and, where it helps, a chart."""

    id: str
    title: str
    text: str
    """What the rows are and how to read them."""
    needs: tuple[str, ...]
    """Tables that the query reads."""
    query: str
    chart: Callable[[pa.Table], Spec] | None = None
    shown: int = 300
    """Rows on the page at most; the CSV file may have more."""
    source: str = "report.json and run.json of the run"
    """Where the rows come from if not from Parquet, so that no script gives them."""

    def fill(self, census: Census) -> Filled:
        """The table, its chart, its CSV file and its query; or why there is none."""
        values: dict[str, object] = {"part": self}
        if lacking := census.lacking(self.needs):
            return Filled("empty.html", {**values, "why": lacking})
        rows = census.rows(self.query)
        if not len(rows):
            return Filled("empty.html", {**values, "why": "Nothing of the kind in this run."})
        values["table"] = shown = table(rows, self.shown)
        values["chart"] = self.chart(shown.rows) if self.chart else None
        values["needs"] = self.needs
        values["sql"] = self.query
        files = {f"data/{self.id}.csv": census.csv(rows)}
        values["script"] = census.can_script(self.needs)
        if values["script"]:
            files[f"queries/{self.id}.sql"] = census.script(self.query, self.needs).encode()
        return Filled("exhibit.html", values, files)


@dataclass(frozen=True)
class Shown:
    """A table for a template."""

    rows: pa.Table
    """Those on the page."""
    total: int
    """Rows that the query gave."""
    heads: tuple[str, ...]
    numeric: tuple[bool, ...]
    cells: tuple[tuple[str, ...], ...]


def table(rows: pa.Table, most: int) -> Shown:
    """The first rows as text."""
    first = rows.slice(0, most)
    names, types = first.schema.names, first.schema.types
    columns = [
        [cell(value, share=_is_share(name, kind)) for value in first[name].to_pylist()]
        for name, kind in zip(names, types, strict=True)
    ]
    return Shown(
        first,
        len(rows),
        tuple(name.replace("_", " ") for name in names),
        tuple(map(_is_number, types)),
        tuple(zip(*columns, strict=True)),
    )


def _is_share(name: str, kind: pa.DataType) -> bool:
    return name.startswith("share") and pa.types.is_floating(kind)


def _is_number(kind: pa.DataType) -> bool:
    return any(is_a(kind) for is_a in (pa.types.is_integer, pa.types.is_floating, _is_decimal))


def _is_decimal(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind))


def cell(value: object, *, share: bool = False) -> str:
    """A value as text: nothing for null."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.1%}" if share else _float(value)
        case int():
            return f"{value:,}"
        case list():
            return ", ".join(map(cell, value))
    return str(value)


_WHOLE = 0.05


def _float(value: float) -> str:
    """One digit after the point, where it is not whole; two of small numbers."""
    if abs(value - round(value)) < _WHOLE and abs(value) >= 1:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.3g}"
