"""`schema`: the data dictionary."""

import click

from pipeline.commands import OUT
from pipeline.schema import show_schema


@click.command("schema")
@click.argument("table", required=False)
@click.option("--markdown", is_flag=True, help="Plain Markdown instead of drawn tables.")
def command(table: str | None, *, markdown: bool) -> None:
    """Explain every column of TABLE, or of all tables."""
    show_schema(table, markdown=markdown, console=OUT)
