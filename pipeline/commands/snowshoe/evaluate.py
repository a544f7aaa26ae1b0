"""`snowshoe evaluate`: how well detection does on later runs."""

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
from pipeline.errors import ConfigError
from pipeline.snowshoe import listings as labels
from pipeline.snowshoe.evaluate import report
from pipeline.snowshoe.experiment import Experiment, Plan, of_model, of_procedure
from pipeline.snowshoe.folder import vacant
from pipeline.snowshoe.runs import nights
from pipeline.snowshoe.storage import load
from pipeline.warehouse import Warehouse
from stages.inference.snowshoe.classifiers import ALGORITHMS
from stages.inference.snowshoe.tail import Limits
from stages.inference.snowshoe.training import Recipe


@click.command("evaluate")
@click.argument("warehouse")
@click.option("--model", type=click.Path(path_type=Path), help="Folder of a model to test.")
@click.option("--train", "past", metavar="A..B", help="Or: runs to train on, by the protocol.")
@click.option("--test", "later", required=True, metavar="C..D", help="Later runs to test on.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the report.")
@click.option(
    "--algorithm", "algorithms", multiple=True, type=click.Choice(list(ALGORITHMS)),
    help="With --train: may be repeated, the first matters most; all twelve by default.",
)  # fmt: skip
@click.option("--gap", type=click.IntRange(1), default=7, show_default=True, metavar="DAYS",
              help="Days at least between training and test.")  # fmt: skip
@click.option("--keep-known", is_flag=True,
              help="Count domains and campaigns that training knew, too: not honest.")  # fmt: skip
@until_option
@source_option
@tail_options
@seed_option
def command(  # noqa: PLR0913, PLR0917 - one a word of the command
    warehouse: str,
    model: Path | None,
    past: str | None,
    later: str,
    out: Path,
    algorithms: tuple[str, ...],
    gap: int,
    *,
    keep_known: bool,
    labels_until: str | None,
    sources: tuple[str, ...],
    quantile: float,
    shared: float,
    popular: int,
    seed: int,
) -> None:
    """Measure a model, or how models are made, on runs later than those it learns from."""
    if (model is None) == (past is None):
        raise ConfigError("say either --model or --train")
    if model is not None and labels_until is not None:
        raise ConfigError("--labels-until goes with --train: a model knows its own")
    place, console = Warehouse.at(warehouse), Console(stderr=True)
    vacant(out)
    until = None if labels_until is None else labels.day_of(labels_until)
    listings, test = labels.needed(place, sources), nights(place, later)
    experiment: Experiment
    if model is not None:
        kept = load(model)
        known = labels.day_of(kept.model.manifest.labels.until)
        plan = Plan(listings, test, gap, known, keep_known)
        experiment = of_model(kept, plan, console)
    else:
        train = nights(place, past or "")
        plan = Plan(listings, test, gap, train[-1].day if until is None else until, keep_known)
        recipes = [Recipe(name, seed) for name in algorithms or ALGORITHMS]
        limits = Limits(quantile, shared, popular)
        experiment = of_procedure(train, recipes, limits, plan, console)
    result = report(experiment, plan, out, console)
    who = result.population
    OUT.print(
        f"{who.domains:,} domains, {who.listed:,} of them listed later: {out}/report.md",
        highlight=False,
        soft_wrap=True,
    )
    say_cautions(result.cautions, OUT)
