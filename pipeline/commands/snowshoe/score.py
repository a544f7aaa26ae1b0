"""`snowshoe score`: what a model says of a run."""

from pathlib import Path

import click
from rich.console import Console

from pipeline.commands import OUT
from pipeline.commands.snowshoe.wording import say_cautions
from pipeline.lock import locked
from pipeline.snowshoe.score import score_run
from pipeline.snowshoe.storage import load
from pipeline.warehouse import Warehouse
from schemas.snowshoe_scores import Tier


@click.command("score")
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN")
@click.option("--model", required=True, type=click.Path(path_type=Path), help="Folder of a model.")
def command(warehouse: str, run_id: str, model: Path) -> None:
    """Write snowshoe_scores of a run, in place of earlier ones."""
    run = Warehouse.at(warehouse).existing(run_id)
    kept = load(model).model
    with locked(run):
        tiers = score_run(run, kept, Console(stderr=True))
    for tier in Tier:
        OUT.print(f"{tier:8}{tiers[tier]:>12,}  {tier.meaning}", highlight=False)
    say_cautions(kept.manifest.cautions, OUT)
