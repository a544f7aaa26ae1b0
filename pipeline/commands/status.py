"""`status`: how far a run is."""

import click

from pipeline.commands import OUT
from pipeline.display import picture
from pipeline.errors import ConfigError
from pipeline.journal import Journal
from pipeline.lock import is_locked
from pipeline.progress import Snapshot
from pipeline.record import Record
from pipeline.summary import say_crawled
from pipeline.warehouse import Warehouse


@click.command("status")
@click.argument("warehouse")
@click.argument("run_id", metavar="[RUN]", required=False)
def command(warehouse: str, run_id: str | None) -> None:
    """Show how far a run is; the latest by default."""
    run = Warehouse.at(warehouse).existing(run_id)
    record = Record.load(run)
    if record is not None and record.imported:
        journal = Journal.load(run)
        OUT.print(f"run {run.id}: imported from {record.imported}, complete", markup=False)
        say_crawled(run, journal, complete=True, console=OUT)
        return
    if not run.warehouse.exists(run.status):
        raise ConfigError(f"run {run.id!r} has not begun to crawl")
    try:
        snapshot = Snapshot.decode(run.warehouse.read(run.status))
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{run.status} is damaged: {error}") from error
    OUT.print(picture(snapshot))
    if snapshot.state not in ("complete", "stopped") and not is_locked(run):
        OUT.print("No process is at work on it: repeat its command to resume.")
