"""`infer`: say what the measurements mean."""

from pathlib import Path

import click

from pipeline.commands import OUT
from pipeline.infer import infer_run
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
def command(
    warehouse: str, run_id: str | None, config: Path | None, companies: tuple[Path, ...]
) -> None:
    """Infer who runs each domain's mail; may be repeated, replaces its output."""
    settings = load(config, {"companies": companies or None})
    run = Warehouse.at(warehouse).existing(run_id)
    with locked(run):
        infer_run(run, settings.companies)
    say_inferred(run, OUT)
