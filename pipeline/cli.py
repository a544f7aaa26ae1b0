"""The command: words in, one clear line and an exit status out.

Exit status: 0 complete; 1 complete with bugs of our own recorded; 2 wrong use; 3 stopped,
the same command resumes.
"""

import datetime as dt
import logging
import resource
import sys
from pathlib import Path

import click
import uvloop
from pyarrow import fs
from rich.console import Console

from pipeline import summary
from pipeline.crawl import crawl as run_crawl
from pipeline.display import display, picture
from pipeline.errors import ConfigError
from pipeline.explain import explain as run_explain
from pipeline.infer import infer_run
from pipeline.instruments import check_identity, nameservers, open_tables
from pipeline.journal import Journal
from pipeline.lock import locked
from pipeline.progress import Snapshot
from pipeline.seeding import begin
from pipeline.settings import load
from pipeline.warehouse import Run, Warehouse
from stages.enrich.special import Scope

COMPLETE, BUGS, WRONG_USE, STOPPED = 0, 1, 2, 3

_OUT = Console()
_ERR = Console(stderr=True, soft_wrap=True, highlight=False)

_config = click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mailcensus")
def cli() -> None:
    """Take a census of the Internet's mail: who runs it, and who is trusted to send it."""


@cli.command()
@click.argument("seeds", nargs=-1)
@click.option("--warehouse", required=True, help="Folder or URI that the tables go to.")
@click.option("--run", "run_id", default=None, help="Run id; today's date by default.")
@click.option("--exact", is_flag=True, default=None, help="Do not fold seeds.")
@click.option("--nameserver", "nameservers_", multiple=True, metavar="IP[:PORT]")
@click.option("--scope", type=click.Choice([str(scope) for scope in Scope]), default=None)
@click.option("--smtp/--no-smtp", default=None, help="Whether mail servers are probed.")
@click.option("--smtp-port", type=int, default=None)
@click.option("--ehlo-name", default=None, help="Host name given in EHLO.")
@click.option("--contact", default=None, help="URL or address for those who wonder about us.")
@click.option("--plan", default=None, help="Which questions are asked: mail.")
@_config
def crawl(
    seeds: tuple[str, ...],
    warehouse: str,
    run_id: str | None,
    config: Path | None,
    nameservers_: tuple[str, ...],
    **flags: object,
) -> int:
    """Crawl SEEDS (lists of domains; - for standard input). Repeat the command to resume."""
    settings = load(config, {**flags, "nameservers": nameservers_ or None})
    check_identity(settings)
    nameservers(settings)
    run = Warehouse.at(warehouse).run(run_id or _today())
    with locked(run):
        tables = open_tables(settings)
        begin(run, seeds, settings, tables, _OUT)
        journal = Journal.load(run)
        journal.sweep()
        _log_to(run)
        _raise_file_limit()
        with display(_OUT) as shown:
            ending = uvloop.run(run_crawl(journal, settings, tables, shown))
    summary.crawl(run, journal, complete=ending.complete, console=_OUT)
    if not ending.complete:
        return STOPPED
    return BUGS if journal.count("bugs") else COMPLETE


@cli.command()
@click.argument("warehouse")
@click.argument("run_id", metavar="[RUN]", required=False)
def status(warehouse: str, run_id: str | None) -> int:
    """Show how far a run is; the latest by default."""
    run = Warehouse.at(warehouse).existing(run_id)
    if not run.warehouse.exists(run.status):
        raise ConfigError(f"run {run.id!r} has not begun to crawl")
    try:
        snapshot = Snapshot.decode(run.warehouse.read(run.status))
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{run.status} is damaged: {error}") from error
    _OUT.print(picture(snapshot))
    return COMPLETE


@cli.command()
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN", required=False)
@_config
def infer(warehouse: str, run_id: str | None, config: Path | None) -> int:
    """Infer who runs each domain's mail; may be repeated, replaces its output."""
    settings = load(config, {})
    run = Warehouse.at(warehouse).existing(run_id)
    with locked(run):
        infer_run(run, settings.companies)
    summary.infer(run, _OUT)
    return COMPLETE


@cli.command()
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN")
@click.argument("domain")
def explain(warehouse: str, run_id: str, domain: str) -> int:
    """Show the evidence for one domain, from seed to verdict."""
    run_explain(Warehouse.at(warehouse).existing(run_id), domain, _OUT)
    return COMPLETE


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


def _log_to(run: Run) -> None:
    """Tracebacks go to the run's own log; the terminal has the progress."""
    if isinstance(run.warehouse.filesystem, fs.LocalFileSystem):
        logging.basicConfig(
            filename=f"{run.folder}/crawl.log",
            level=logging.INFO,
            format="%(asctime)s %(levelname)s %(name)s %(message)s",
        )


def _raise_file_limit() -> None:
    """As many connections as the system allows, not as the shell was given."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main() -> None:
    """Run the command and exit with its status."""
    try:
        sys.exit(cli.main(standalone_mode=False) or COMPLETE)
    except click.exceptions.Abort:
        _ERR.print("mailcensus: stopped before anything was asked; repeat the command")
        sys.exit(STOPPED)
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_USE)
    except ConfigError as error:
        _fail(str(error), WRONG_USE)
    except OSError as error:
        _fail(f"{error}; nothing committed is lost: mend it and repeat the command", STOPPED)


def _fail(message: str, status: int) -> None:
    _ERR.print(f"mailcensus: {message}", markup=False)
    sys.exit(status)
