"""`snowshoe train`: make a model."""

from pathlib import Path

import click
from rich.console import Console

from pipeline.commands import OUT
from pipeline.commands.snowshoe.options import (
    seed_option,
    source_option,
    tail_options,
    until_option,
)
from pipeline.commands.snowshoe.wording import say_cautions
from pipeline.snowshoe.listings import day_of
from pipeline.snowshoe.train import Order, train
from pipeline.warehouse import Warehouse
from stages.inference.snowshoe.classifiers import ALGORITHMS, DEFAULT
from stages.inference.snowshoe.tail import Limits
from stages.inference.snowshoe.training import Recipe


@click.command("train")
@click.argument("warehouse")
@click.option("--runs", "window", required=True, metavar="A..B", help="Runs to learn from.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the model.")
@click.option("--algorithm", type=click.Choice(list(ALGORITHMS)), default=DEFAULT)
@until_option
@source_option
@tail_options
@seed_option
def command(  # noqa: PLR0913, PLR0917 - one a word of the command
    warehouse: str,
    window: str,
    out: Path,
    algorithm: str,
    labels_until: str | None,
    sources: tuple[str, ...],
    quantile: float,
    shared: float,
    popular: int,
    seed: int,
) -> None:
    """Learn from runs and imported blacklists how snowshoe domains look."""
    until = None if labels_until is None else day_of(labels_until)
    limits = Limits(quantile, shared, popular)
    order = Order(window, Recipe(algorithm, seed), limits, sources, until)
    made = train(Warehouse.at(warehouse), order, out, Console(stderr=True))
    OUT.print(
        f"{algorithm} of {made.listed:,} listed domains in {made.campaigns:,} campaigns and "
        f"{made.unlisted:,} unlisted ones: {out}",
        highlight=False,
        soft_wrap=True,
    )
    say_cautions(made.cautions, OUT)
