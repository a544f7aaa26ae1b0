"""`schema`: the data dictionary."""

import click
from rich.markdown import Markdown

from pipeline.commands import OUT
from pipeline.errors import ConfigError
from schemas import TABLES
from schemas.dictionary import dictionary, section


@click.command("schema")
@click.argument("table", required=False)
@click.option("--markdown", is_flag=True, help="Plain Markdown instead of drawn tables.")
def command(table: str | None, *, markdown: bool) -> None:
    """Explain every column of TABLE, or of all tables."""
    if table is not None and table not in TABLES:
        raise ConfigError(f"no table {table!r}; there are {', '.join(TABLES)}")
    text = section(TABLES[table]) if table else dictionary()
    if markdown:
        click.echo(text.rstrip("\n"))
    else:
        OUT.print(Markdown(text))
