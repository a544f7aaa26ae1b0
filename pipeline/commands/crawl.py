"""`crawl`: measure."""

import datetime as dt
import resource
import time
from pathlib import Path

import click
import uvloop

from pipeline.age import check_age
from pipeline.commands import OUT
from pipeline.crawl import crawl
from pipeline.display import StatusFile, display
from pipeline.footprint import lighten, relieve
from pipeline.identity import check_identity
from pipeline.instruments import nameservers, open_tables
from pipeline.journal import Journal
from pipeline.lock import locked
from pipeline.logs import log_to
from pipeline.mending import mend
from pipeline.plan import Plan
from pipeline.progress import Earlier
from pipeline.report.measure import keep, report
from pipeline.seeding import begin
from pipeline.settings import load
from pipeline.summary import say_crawled
from pipeline.warehouse import Warehouse
from pipeline.workers import crawl_in_workers
from stages.enrich.special import Scope


@click.command("crawl")
@click.argument("seeds", nargs=-1)
@click.option("--warehouse", required=True, help="Folder or URI that the tables go to.")
@click.option("--run", "run_id", default=None, help="Run id; today's date by default.")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings.")
@click.option("--exact", is_flag=True, default=None, help="Do not fold seeds.")
@click.option(
    "--nameserver", "servers", multiple=True, metavar="IP[:PORT]", help="Resolver to ask."
)
@click.option("--scope", type=click.Choice([str(scope) for scope in Scope]), default=None)
@click.option("--smtp/--no-smtp", default=None, help="Whether mail servers are probed.")
@click.option("--smtp-port", type=int, default=None)
@click.option("--ehlo-name", default=None, help="Host name given in EHLO.")
@click.option("--contact", default=None, help="URL or address for those who wonder about us.")
@click.option(
    "--mta-sts-policies/--no-mta-sts-policies",
    "sts_policies",
    default=None,
    help="Whether plan policy fetches MTA-STS policies over HTTPS.",
)
@click.option("--workers", type=int, default=None, help="Processes that crawl side by side.")
@click.option(
    "--plan", type=click.Choice([str(plan) for plan in Plan]), default=None,
    help="Which questions are asked: policy also tells who keeps the mail behind a gateway, "
    "full what snowshoe features rest on.",
)  # fmt: skip
def command(
    seeds: tuple[str, ...],
    warehouse: str,
    run_id: str | None,
    config: Path | None,
    servers: tuple[str, ...],
    **flags: object,
) -> int:
    """Crawl SEEDS (lists of domains; - for standard input). Repeat the command to resume."""
    lighten()
    settings = load(config, {**flags, "nameservers": servers or None})
    check_identity(settings)
    nameservers(settings)
    run = Warehouse.at(warehouse).run(run_id or _today())
    with locked(run):
        tables = open_tables(settings)
        begin(run, seeds, settings, tables, OUT)
        log_to(run, as_json=settings.log_json)
        journal, damages = mend(run)
        check_age(journal)
        for line in damages:
            OUT.print(line, style="bold red", markup=False, highlight=False, soft_wrap=True)
        journal.sweep()
        _raise_file_limit()
        earlier, began = Earlier.of(journal.commits), time.monotonic()
        with StatusFile(run.warehouse, run.status, display(OUT)) as shown:
            if settings.workers > 1:
                complete = crawl_in_workers(run, settings, shown)
            else:
                work = crawl(journal, settings, tables, shown, earlier=earlier)
                complete = uvloop.run(work)
        del tables
        relieve()  # the report needs room of its own
        seconds = time.monotonic() - began
        made = report(run, Journal.load(run), earlier, seconds=seconds, complete=complete)
        keep(run, made)
    say_crawled(run, made, OUT)
    return made.exit_status


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


def _raise_file_limit() -> None:
    """As many connections as the system allows, not as the shell was given."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
