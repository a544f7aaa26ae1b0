"""The data dictionary as Markdown: every table, column and word, from the record classes alone."""

from collections.abc import Iterable, Iterator, Sequence

from schemas import TABLES
from schemas.diagram import diagram
from schemas.joins import JOINS
from schemas.table import SCHEMA_VERSION, Column, Table
from schemas.vocabulary import Vocabulary

COMMAND = "mailcensus schema --markdown > docs/data-dictionary.md"
"""What makes the dictionary of the documentation anew."""

_HEAD = f"""\
# Data dictionary

Made by `{COMMAND}` from the record classes in `schemas/`; change those, not this page.
Schema version {SCHEMA_VERSION}, which every file carries in its metadata, with the texts below.

A table lies in `<warehouse>/<table>/run=<run id>/part-*.parquet`; `listings` and `seen`, which
outlive runs, in `<warehouse>/_listings/<source>.parquet` and `<warehouse>/_seen/seen.parquet`.
Nested fields are written as `outer.inner`, fields of list items as `outer[].inner`.

- **Keys** are unique within a run; across runs, `run` belongs to every key.
- **Joins** are within a run. [Below](#joins) is what joins to what, and a picture of it.
- **Nulls**: only a column that says so may be null: not measured, not known, or not there; its
  text, or the outcome beside it, says which. A list is never null: an empty one means that nothing
  was found, and the outcome beside it whether anybody could have found something.
- **Units**: moments are UTC, in microseconds; `_ms` are milliseconds; TTLs and the times of a SOA
  are seconds; shares, weights of exchanges and probabilities go from 0 to 1; all other numbers
  count what their text names. Names are lower-case A-labels without a final dot.
- **Words**: a column that takes its words from a closed set links to the [set](#words).

[What you may rely on](compatibility.md) says what stays, [recipes](recipes.md) how to ask."""


def dictionary() -> str:
    """The whole dictionary."""
    tables = list(TABLES.values())
    overview = _grid(
        ("table", "a row is", "key", "made by"),
        [(f"[{t.name}](#{t.name})", t.grain, _code(t.key), t.made_by) for t in tables],
    )
    sections = [section(table) for table in tables]
    words = [_vocabulary(each) for each in sorted(vocabularies(tables), key=_name)]
    return "\n\n".join([_HEAD, overview, *sections, _joins(), "## Words", *words]) + "\n"


def section(table: Table) -> str:
    """One table: what a row is, its key and its columns."""
    return "\n\n".join(
        [
            f"## {table.name}",
            summary(table),
            f"A row is {table.grain}. Key: {_code(table.key)}. Made by {table.made_by}.",
            _grid(
                ("column", "type", "null", "what it holds"),
                [
                    (f"`{c.path}`", f"`{c.type_name}`", "yes" if c.nullable else "", _holds(c))
                    for c in table.columns
                ],
            ),
        ]
    )


def summary(described: Table | type[Vocabulary]) -> str:
    """The sentence that its class opens with."""
    documented = described.record if isinstance(described, Table) else described
    return (documented.__doc__ or "").partition("\n\n")[0]


def vocabularies(tables: Iterable[Table]) -> set[type[Vocabulary]]:
    """Every closed set that a column of the tables takes its words from."""
    columns = (column for table in tables for column in table.columns)
    return {column.vocabulary for column in columns if column.vocabulary}


def _joins() -> str:
    rows = [
        (f"`{join.source.name}.{join.column}`", f"`{join.target.name}.{join.to}`", join.unless)
        for join in JOINS
    ]
    grid = _grid(("every value of", "has a row with that", "unless"), rows)
    return f"## Joins\n\n{grid}\n\n```mermaid\n{diagram()}\n```"


def _vocabulary(vocabulary: type[Vocabulary]) -> str:
    words = _grid(("word", "meaning"), [(f"`{word}`", word.meaning) for word in vocabulary])
    return f"### {vocabulary.__name__}\n\n{summary(vocabulary)}\n\n{words}"


def _holds(column: Column) -> str:
    if column.vocabulary is None:
        return column.text
    name = column.vocabulary.__name__
    return f"{column.text}: a word of [{name}](#{name.lower()})"


def _name(vocabulary: type[Vocabulary]) -> str:
    return vocabulary.__name__


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(_lines([head, ["---"] * len(head), *rows]))


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
