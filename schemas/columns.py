"""Every column of every table, a line of CSV each: what those who read the tables rely on.

The list in tests/schemas/columns.csv is what was promised last; docs/compatibility.md says how.
"""

import csv
import io
from collections.abc import Iterator

from schemas import TABLES
from schemas.table import SCHEMA_VERSION, Column, Table

COMMAND = "mailcensus schema --columns > tests/schemas/columns.csv"
"""What makes the promised list anew."""
HEAD = ("schema_version", "table", "column", "type", "key", "null", "words")


def columns_csv() -> str:
    """All columns; `key` counts those of the key from 1, `words` are those of a closed set."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(HEAD)
    lines.writerows(_rows())
    return out.getvalue()


def _rows() -> Iterator[tuple[object, ...]]:
    for table in TABLES.values():
        for column in table.columns:
            yield (
                SCHEMA_VERSION,
                table.name,
                column.path,
                column.type_name,
                _place(column, table),
                "null" if column.nullable else "",
                " ".join(column.vocabulary or ()),
            )


def _place(column: Column, table: Table) -> int | None:
    return table.key.index(column.path) + 1 if column.path in table.key else None
