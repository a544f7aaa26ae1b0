"""`export-scan`: a run as a scan file of IMC'21's tool."""

from pathlib import Path

import click

from pipeline.commands import OUT
from pipeline.lock import locked
from pipeline.scan.export import export_scan
from pipeline.warehouse import Warehouse


@click.command("export-scan")
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN")
@click.argument("file", type=click.Path(path_type=Path))
def command(warehouse: str, run_id: str, file: Path) -> None:
    """Write a run as a scan file that mx_inference reads."""
    run = Warehouse.at(warehouse).existing(run_id)
    with locked(run):
        lines = export_scan(run, file)
    OUT.print(f"{lines:,} lines in {file}", markup=False, highlight=False, soft_wrap=True)
