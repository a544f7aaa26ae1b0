"""`status`: how far a run is."""

import click

from pipeline.commands import OUT
from pipeline.display import picture
from pipeline.errors import ConfigError
from pipeline.lock import is_locked
from pipeline.progress import Snapshot
from pipeline.record import Record
from pipeline.report.figures import Report
from pipeline.report.page import page
from pipeline.summary import say_imported
from pipeline.warehouse import Run, Warehouse


@click.command("status")
@click.argument("warehouse")
@click.argument("run_id", metavar="[RUN]", required=False)
def command(warehouse: str, run_id: str | None) -> None:
    """Show how far a run is, and its report once it ended; the latest by default."""
    run = Warehouse.at(warehouse).existing(run_id)
    record = Record.load(run)
    if record is not None and record.imported:
        say_imported(run, record, OUT)
        return
    if not run.warehouse.exists(run.status):
        raise ConfigError(f"run {run.id!r} has not begun to crawl")
    try:
        snapshot = Snapshot.decode(run.warehouse.read(run.status))
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{run.status} is damaged: {error}") from error
    OUT.print(picture(snapshot))
    if snapshot.state in ("complete", "stopped") and run.warehouse.exists(run.report):
        OUT.print()
        page(_report(run), OUT)
    if snapshot.state not in ("complete", "stopped") and not is_locked(run):
        OUT.print("No process is at work on it: repeat its command to resume.")


def _report(run: Run) -> Report:
    try:
        return Report.decode(run.warehouse.read(run.report))
    except ValueError as error:
        raise ConfigError(f"{run.report} is damaged: repeat the command of its crawl") from error
