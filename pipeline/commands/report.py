"""`report`: what a run says, as a site to look at."""

from pathlib import Path

import click
from rich.console import Console

from pipeline.commands import OUT
from pipeline.infer import Steps
from pipeline.site.census import census
from pipeline.site.sections import PAGES
from pipeline.site.write import write
from pipeline.warehouse import Warehouse


@click.command("report")
@click.argument("warehouse")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder of the site, empty or with an earlier report.",
)
def command(warehouse: str, run_id: str | None, out: Path) -> None:
    """Write a static site about a run, which opens from disk and asks no network."""
    run = Warehouse.at(warehouse).existing(run_id)
    steps = Steps(Console(stderr=True))
    with census(run) as tables:
        size = write(tables, PAGES, out, steps.begin)
    steps.end()
    OUT.print(f"{size / 1e6:.1f} MB; open {out / 'index.html'}", highlight=False)
