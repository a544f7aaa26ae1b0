"""`explain`: the evidence for one domain."""

import click

from pipeline.commands import OUT
from pipeline.explain import explain
from pipeline.warehouse import Warehouse


@click.command("explain")
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN")
@click.argument("domain")
def command(warehouse: str, run_id: str, domain: str) -> None:
    """Show the chain of evidence for one domain, from seed to verdict."""
    explain(Warehouse.at(warehouse).existing(run_id), domain, OUT)
