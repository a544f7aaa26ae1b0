"""`schema`: the data dictionary, and the tables in other programs' words."""

import click

from pipeline.commands import OUT
from pipeline.schema import show_columns, show_diagram, show_schema


@click.command("schema")
@click.argument("table", required=False)
@click.option("--markdown", is_flag=True, help="Plain Markdown instead of drawn tables.")
@click.option("--columns", is_flag=True, help="Every column of all tables as CSV, for programs.")
@click.option("--diagram", is_flag=True, help="Keys and joins as an entity diagram for Mermaid.")
def command(table: str | None, *, markdown: bool, columns: bool, diagram: bool) -> None:
    """Explain every column of TABLE, or of all tables."""
    if columns:
        show_columns(OUT)
    elif diagram:
        show_diagram(OUT)
    else:
        show_schema(table, markdown=markdown, console=OUT)
