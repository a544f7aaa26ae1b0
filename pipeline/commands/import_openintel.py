"""`import-openintel`: a day of OpenINTEL's published Parquet as a run."""

from pathlib import Path

import click

from pipeline.commands import OUT
from pipeline.lock import locked
from pipeline.record import Record
from pipeline.scan.openintel import import_openintel
from pipeline.settings import load
from pipeline.summary import say_imported
from pipeline.warehouse import Warehouse


@click.command("import-openintel")
@click.argument("warehouse")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--run", "run_id", required=True, help="Run id: best the day of the measurement.")
def command(warehouse: str, files: tuple[Path, ...], run_id: str) -> None:
    """Make a run of a day's Parquet FILES of OpenINTEL; then infer works on it."""
    settings = load(None, {"plan": "full", "smtp": False, "ptr": False})
    run = Warehouse.at(warehouse).run(run_id)
    with locked(run):
        import_openintel(files, run, settings)
    record = Record.load(run)
    assert record is not None
    say_imported(run, record, OUT)
