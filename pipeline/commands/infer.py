"""`infer`: say what the measurements mean."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from pipeline.atlas import set_files
from pipeline.commands import OUT
from pipeline.infer import Switches, infer_run
from pipeline.lock import locked
from pipeline.settings import load
from pipeline.summary import say_inferred
from pipeline.warehouse import Warehouse


@click.command("infer")
@click.argument("warehouse")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings.")
@click.option(
    "--companies",
    type=click.Path(path_type=Path),
    multiple=True,
    help="TOML file of companies beside those shipped; may be repeated, a later one overrides.",
)
@click.option(
    "--without",
    metavar="NAME",
    multiple=True,
    help="Leave out a source (tls, banner, mx) or a rule (foreign_as, …); may be repeated.",
)
@click.option(
    "--popular",
    type=int,
    metavar="DOMAINS",
    help="Confidence from which on no rule casts doubt.",
)
def command(
    warehouse: str,
    run_id: str | None,
    config: Path | None,
    companies: tuple[Path, ...],
    **switches: Any,
) -> None:
    """Infer who runs each domain's mail; may be repeated, replaces its output."""
    settings = load(config, {"companies": companies or None})
    run = Warehouse.at(warehouse).existing(run_id)
    with locked(run):
        console = Console(stderr=True)
        infer_run(run, settings.companies, Switches(**switches), console, set_files(settings))
    say_inferred(run, OUT)
