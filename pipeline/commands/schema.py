"""`schema`: the data dictionary, and the tables in other programs' words."""

import click

from pipeline.commands import OUT
from pipeline.schema import show_columns, show_ddl, show_diagram, show_schema
from schemas.ddl import Dialect


@click.command("schema")
@click.argument("table", required=False)
@click.option("--markdown", is_flag=True, help="Plain Markdown instead of drawn tables.")
@click.option("--columns", is_flag=True, help="Every column of all tables as CSV, for programs.")
@click.option("--diagram", is_flag=True, help="Keys and joins as an entity diagram for Mermaid.")
@click.option(
    "--ddl", type=click.Choice([str(dialect) for dialect in Dialect]),
    help="Statements that make all tables known to Spark or Trino.",
)  # fmt: skip
@click.option(
    "--location", default="s3://bucket/warehouse", show_default=True,
    help="With --ddl: where the warehouse lies, as that program names it.",
)  # fmt: skip
def command(  # noqa: PLR0913 - the words of the command line
    table: str | None, *, markdown: bool, columns: bool, diagram: bool, ddl: str | None,
    location: str,
) -> None:  # fmt: skip
    """Explain every column of TABLE, or of all tables."""
    if columns:
        show_columns(OUT)
    elif diagram:
        show_diagram(OUT)
    elif ddl:
        show_ddl(Dialect(ddl), location, OUT)
    else:
        show_schema(table, markdown=markdown, console=OUT)
