"""`import-scan`: a scan of IMC'21's tool as a run."""

from pathlib import Path

import click

from pipeline.commands import OUT
from pipeline.lock import locked
from pipeline.record import Record
from pipeline.scan.intake import import_scan
from pipeline.settings import load
from pipeline.summary import say_imported
from pipeline.warehouse import Warehouse


@click.command("import-scan")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN")
@click.option("--ehlo-name", metavar="NAME", help="What the scanner called itself in EHLO.")
def command(file: Path, warehouse: str, run_id: str, ehlo_name: str | None) -> None:
    """Make a run of a scan file of mx_inference; then infer and explain work on it."""
    # The environment is about our own crawls, not about the scanner.
    settings = load(None, {"ehlo_name": ehlo_name, "smtp_port": 25})
    settings = settings.model_copy(update={"ehlo_name": ehlo_name})
    run = Warehouse.at(warehouse).run(run_id)
    with locked(run):
        import_scan(file, run, settings)
    record = Record.load(run)
    assert record is not None
    say_imported(run, record, OUT)
