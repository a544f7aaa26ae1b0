"""`explore`: a run to look around in, in a browser."""

import signal
from contextlib import ExitStack

import click
from rich.console import Console

from pipeline.commands import OUT
from pipeline.errors import ConfigError
from pipeline.explore.catalogue import catalogue
from pipeline.explore.serve import address, is_loopback, listen, serve
from pipeline.steps import Steps
from pipeline.warehouse import Warehouse


@click.command("explore")
@click.argument("warehouse")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--port", default=8025, show_default=True, type=click.IntRange(0, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--open-to-network", is_flag=True, help="Allow a host others can reach.")
def command(
    warehouse: str, run_id: str | None, port: int, host: str, *, open_to_network: bool
) -> None:
    """Look up domains, addresses, companies and includes of a run in a browser."""
    if not is_loopback(host) and not open_to_network:
        raise ConfigError(f"{host} can be reached by others: --open-to-network if that is meant")
    run = Warehouse.at(warehouse).existing(run_id)
    # As ^C: by default it would end us at once and leave the temporary lists behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    bound = listen(host, port)
    errors = Console(stderr=True)
    with ExitStack() as stack:
        with Steps(errors) as steps:
            opened = stack.enter_context(catalogue(run, steps.begin))
        if not is_loopback(host):
            errors.print("Warning: whoever reaches this address reads the run; no password.")
        OUT.print(f"Open {address(bound)} in a browser; ^C ends.", highlight=False)
        serve(opened, bound, host)
