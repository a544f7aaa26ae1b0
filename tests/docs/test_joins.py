"""The joins of the data dictionary hold in a real run, and the diagram shows them all."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.graph import EDGES
from schemas import APEX, DMARC, MX, SNOWSHOE, SNOWSHOE_SCORES, SPF, TABLES
from schemas.diagram import diagram
from schemas.joins import JOINS, Join
from schemas.table import Table
from tests.docs.conftest import Demo

UNMEASURED = {APEX, DMARC, SNOWSHOE, SNOWSHOE_SCORES}
"""Tables that plan policy does not fill, or that lead nowhere: public suffixes want no reports."""
RARE = {(SPF, "above"), (MX, "above")}
"""Columns that the small world leaves empty: of names that do not exist it has hosts alone."""


def _column(demo: Demo, table: Table, column: str) -> list[object]:
    folder = demo.warehouse / table.name / f"run={demo.run}"
    values: list[object] = pq.read_table(folder, columns=[column], partitioning=None)[
        column
    ].to_pylist()
    return values


def _within(value: object, path: list[str]) -> Iterator[object]:
    """What stands at a path, in every item of lists on the way."""
    if isinstance(value, list):
        for item in value:
            yield from _within(item, path)
    elif isinstance(value, dict):
        yield from _within(value[path[0]], path[1:])
    elif value is not None:
        yield value


def _values(demo: Demo, join: Join) -> set[object]:
    first, *rest = join.column.replace("[]", "").split(".")
    return set(_within(_column(demo, join.source, first), rest))


@pytest.mark.parametrize(
    "join",
    [join for join in JOINS if join.source not in UNMEASURED],
    ids=lambda join: f"{join.source.name}.{join.column}-{join.target.name}",
)
def test_every_value_has_its_row(join: Join, demo: Demo) -> None:
    values, keys = _values(demo, join), set(_column(demo, join.target, join.to))
    assert values & keys or _from(join) in RARE, "nothing joins"
    instead = [each for each in JOINS if each.unless and _from(each) == _from(join)]
    if len(instead) > 1:  # one of them must have it
        keys = {key for each in instead for key in _column(demo, each.target, each.to)}
    if not join.unless or len(instead) > 1:
        assert not values - keys


def _from(join: Join) -> tuple[Table, str]:
    return join.source, join.column


def test_joins_lead_from_columns_to_keys() -> None:
    for join in JOINS:
        assert join.column in {column.path for column in join.source.columns}
        assert join.to in join.target.key
    assert len({(j.source.name, j.column, j.target.name) for j in JOINS}) == len(JOINS)


def test_the_edges_of_the_crawl_are_joins() -> None:
    """What the crawl follows; where an edge stands for the source's own key, the target has it."""
    joined = {(join.source, join.column, join.target) for join in JOINS}
    for edge in EDGES:
        assert (edge.source, edge.column, edge.target) in joined or (
            edge.target, edge.target.key[0], edge.source
        ) in joined, f"schemas/joins.py lacks {edge.source.name}.{edge.column}"  # fmt: skip


def test_the_diagram_has_all_tables_and_joins_in_words_of_mermaid() -> None:
    head, *lines = diagram().splitlines()
    assert head == "erDiagram"
    relations = [
        line for line in lines if re.fullmatch(r"    \w+ [|}]o--o[|{] \w+ : \"[\w.]+\"", line)
    ]
    assert len(relations) == len(JOINS)
    body = "\n".join(lines[len(relations) :])
    entities = re.findall(r"    (\w+) \{\n((?:        \w+ \w+ (?:PK|FK|PK, FK)\n)+)    \}", body)
    assert [name for name, _ in entities] == list(TABLES)
    assert sum(columns.count("PK") for _, columns in entities) == sum(
        len(table.key) for table in TABLES.values()
    )


def test_the_dictionary_shows_the_diagram() -> None:
    page = Path(__file__).parents[2] / "docs" / "data-dictionary.md"
    assert f"```mermaid\n{diagram()}\n```" in page.read_text(encoding="utf-8")
