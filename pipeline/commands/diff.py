"""`diff`: what differs between two runs."""

import click
from rich.console import Console

from pipeline.commands import OUT
from pipeline.diff import diff_runs
from pipeline.lock import locked
from pipeline.warehouse import Warehouse


@click.command("diff")
@click.argument("warehouse")
@click.argument("old")
@click.argument("new")
def command(warehouse: str, old: str, new: str) -> None:
    """Show what differs between the runs OLD and NEW: providers, SPF, certificates, policies."""
    place = Warehouse.at(warehouse)
    then, now = place.existing(old), place.existing(new)
    with locked(now):
        diff_runs(then, now, OUT, Console(stderr=True))
