"""Nights on the command line: `nights` writes them, `serve-night` serves one."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Protocol

import click
import uvloop

from scripts.world.model import World
from scripts.world.nights.files import Parameters, folder, write_night, write_nights
from scripts.world.nights.timeline import RATE


class Serve(Protocol):
    """Serves a world at ports until it is told to stop."""

    def __call__(
        self, world: World, directory: Path, *, dns_port: int, smtp_port: int, https_port: int
    ) -> Coroutine[Any, Any, None]:
        """The work."""
        ...


_DIRECTORY = click.argument("directory", type=click.Path(file_okay=False, path_type=Path))


@click.command("nights")
@_DIRECTORY
@click.option("--nights", "count", default=6, show_default=True, type=click.IntRange(1))
@click.option("--size", default=1000, show_default=True, help="Domains of the first night.")
@click.option("--seed", default=1, show_default=True, help="Equal seeds, equal nights.")
@click.option("--rate", default=RATE, show_default=True, help="Part of them in campaigns.")
@click.option("--apart", default=1, show_default=True, help="Days from one night to the next.")
@click.option("--dns-port", default=5300, show_default=True, help="Of NSD, on 127.0.0.1.")
def write(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command
    directory: Path, count: int, size: int, seed: int, rate: float, apart: int, dns_port: int
) -> None:
    """Write night-01 and following of a world that changes into DIRECTORY."""
    write_nights(Parameters(size, seed, count, rate, apart), directory, dns_port)
    print(f"{count} nights; serve one with: python -m scripts.world serve-night {directory} 1")


def serving(serve: Serve) -> click.Command:
    """The command that serves a night by such a function."""

    @click.command("serve-night")
    @_DIRECTORY
    @click.argument("number", type=click.IntRange(1))
    @click.option("--dns-port", default=0, help="UDP and TCP on 127.0.0.1; 0: a free one.")
    @click.option("--smtp-port", default=0, help="On every server's address; 0: a free one.")
    @click.option("--https-port", default=0, help="Of policy hosts; 0: a free one.")
    def command(directory: Path, number: int, **ports: int) -> None:
        """Serve night NUMBER of those in DIRECTORY until SIGTERM or ^C."""
        try:
            night = Parameters.load(directory).night(number)
        except (OSError, ValueError, TypeError) as error:
            raise click.UsageError(f"no such night: {error}") from error
        place = folder(directory, number)
        write_night(night, place)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(night.world, place, **ports))

    return command
