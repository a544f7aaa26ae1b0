"""The tables and what joins them, as an entity diagram in Mermaid's words."""

import re
from collections.abc import Iterator

from schemas import TABLES
from schemas.joins import JOINS, Join
from schemas.table import Column, Table

_NO_NAME = re.compile(r"\W+")
_PART = "}o--o{"
"""Many to many, either side may be without: a list of keys."""
_ONE = "}o--o|"
"""Many to one at most."""
_SAME = "|o--o|"
"""Both keys: one to one at most."""


def diagram() -> str:
    """An `erDiagram` of all tables with their keys and joins."""
    return "\n".join(["erDiagram", *_relations(), *(_entity(table) for table in TABLES.values())])


def _relations() -> Iterator[str]:
    for join in JOINS:
        label = join.column.replace("[]", "")
        yield f'    {join.source.name} {_sign(join)} {join.target.name} : "{label}"'


def _sign(join: Join) -> str:
    if join.source.key == (join.column,) and join.target.key == (join.to,):
        return _SAME
    several = "[]" in join.column or _column(join).type_name.startswith("list")
    return _PART if several or join.target.key != (join.to,) else _ONE


def _column(join: Join) -> Column:
    return next(column for column in join.source.columns if column.path == join.column)


def _entity(table: Table) -> str:
    foreign = {join.column for join in JOINS if join.source is table}
    wanted = [c for c in table.columns if c.path in table.key or c.path in foreign]
    lines = [
        f"        {_type(column)} {_name(column)} {_marks(column, table, foreign)}"
        for column in wanted
    ]
    return "\n".join([f"    {table.name} {{", *lines, "    }"])


def _marks(column: Column, table: Table, foreign: set[str]) -> str:
    marks = ["PK"] * (column.path in table.key) + ["FK"] * (column.path in foreign)
    return ", ".join(marks)


def _type(column: Column) -> str:
    return _NO_NAME.sub("_", column.type_name.replace("<", " of ")).strip("_")


def _name(column: Column) -> str:
    """Mermaid's names have letters, digits, dashes and underscores."""
    return column.path.replace("[]", "").replace(".", "_")
