"""The data dictionary on a terminal: all tables, or the columns of one."""

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from pipeline.errors import ConfigError
from schemas import TABLES
from schemas.columns import columns_csv
from schemas.ddl import Dialect, ddl
from schemas.diagram import diagram
from schemas.dictionary import dictionary, section, summary
from schemas.table import Column, Table


def show_schema(name: str | None, *, markdown: bool, console: Console) -> None:
    """Print one table, or all of them; ConfigError for a table that does not exist."""
    table = None if name is None else _table(name)
    if markdown:
        console.out(section(table) + "\n" if table else dictionary(), end="", highlight=False)
    elif table:
        _show_table(table, console)
    else:
        _show_tables(console)


def show_columns(console: Console) -> None:
    """Print every column of all tables as CSV."""
    console.out(columns_csv(), end="", highlight=False)


def show_diagram(console: Console) -> None:
    """Print keys and joins as an entity diagram in Mermaid's words."""
    console.out(diagram() + "\n", end="", highlight=False)


def show_ddl(dialect: Dialect, location: str, console: Console) -> None:
    """Print the statements that make all tables known to another program."""
    console.out(ddl(dialect, location), end="", highlight=False)


def _table(name: str) -> Table:
    if name not in TABLES:
        raise ConfigError(f"no table {name!r}; there are: {', '.join(TABLES)}")
    return TABLES[name]


def _show_tables(console: Console) -> None:
    grid = _grid("table", "a row is", "key", "made by")
    for table in TABLES.values():
        key = ", ".join(table.key)
        grid.add_row(Text(table.name, "bold"), Text(table.grain), Text(key), Text(table.made_by))
    console.print(grid, highlight=False)


def _show_table(table: Table, console: Console) -> None:
    console.print(Text.assemble((table.name, "bold"), f": {summary(table)}"))
    key = ", ".join(table.key)
    console.print(Text(f"A row is {table.grain}. Key: {key}. Made by {table.made_by}.\n"))
    grid = _grid("column", "type", "null", "what it holds")
    spelled: set[object] = set()
    for column in table.columns:
        style = "bold" if column.path in table.key else ""
        nullable = "yes" if column.nullable else ""
        holds = _holds(column, again=column.vocabulary in spelled)
        grid.add_row(Text(column.path, style), Text(column.type_name), nullable, holds)
        spelled.add(column.vocabulary)
    console.print(grid, highlight=False)


def _holds(column: Column, *, again: bool) -> Text:
    """A column's text and, below it, the words that it may be, unless they stand above."""
    if column.vocabulary is None:
        return Text(column.text)
    if again:
        return Text(f"{column.text} (words as above)")
    words = (
        Text.assemble("  ", (word, "green"), f": {word.meaning}") for word in column.vocabulary
    )
    return Text("\n").join([Text(column.text), *words])


def _grid(*head: str) -> Grid:
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    for column in head:
        grid.add_column(column, overflow="fold")
    return grid
