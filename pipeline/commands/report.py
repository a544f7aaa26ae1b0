"""`report`: what a run says, as a site to look at."""

from pathlib import Path

import click
from rich.console import Console

from pipeline.commands import OUT
from pipeline.errors import ConfigError
from pipeline.forecast import Times
from pipeline.site.census import census
from pipeline.site.sections import PAGES
from pipeline.site.write import write
from pipeline.steps import Steps
from pipeline.warehouse import Warehouse
from schemas import DOMAINS
from stages.seeds.entry import Rejected
from stages.seeds.name import domain


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
@click.option(
    "--domains",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Domains, one a line, whose trust is drawn; else the hundred most popular.",
)
def command(warehouse: str, run_id: str | None, out: Path, domains: Path | None) -> None:
    """Write a static site about a run, which opens from disk and asks no network."""
    run = Warehouse.at(warehouse).existing(run_id)
    with census(run, _listed(domains) if domains else ()) as tables:
        times = Times.load(run.warehouse, "report", tables.rows_of[DOMAINS.name])
        with Steps(Console(stderr=True), times) as steps:
            size = write(tables, PAGES, out, steps.begin)
    OUT.print(f"{size / 1e6:.1f} MB; open {out / 'index.html'}", highlight=False)


def _listed(path: Path) -> list[str]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    try:
        return [domain(line, exact=True) for line in lines if line]
    except Rejected as error:
        raise ConfigError(f"{path}: a line is no domain: {error.reason}") from error
