"""The world on the command line.

    python -m scripts.world serve DIR --domains 5000 --seed 1
    python -m scripts.world serve DIR --recorded ../shared/data/mail-dns
    python -m scripts.world zones DIR --domains 100000 --seed 1 --dns-port 5300
    python -m scripts.world zones DIR --names ../shared/data/seeds/top-domains.txt.gz
    python -m scripts.world nights DIR --nights 6 --size 1000 --seed 1
    python -m scripts.world serve-night DIR 3

`serve` prints "ready" once DNS, SMTP and HTTPS answer and serves until SIGTERM or ^C, when it
writes what clients did to visits.jsonl and requests.jsonl. `zones` writes a zone file and a
configuration for NSD; of names that are given, a domain at a time, so that millions fit in memory.
`nights` writes a world night after night as it changes, see scripts.world.nights.
"""

import asyncio
import signal
import sys
from pathlib import Path

import click
import uvloop

from scripts.world import zones
from scripts.world.ca import Authority
from scripts.world.dns import DnsWorld
from scripts.world.files import (
    read_names,
    write_given,
    write_omitted,
    write_settings,
    write_world,
)
from scripts.world.https import HttpsWorld, write_requests
from scripts.world.model import World
from scripts.world.nights import command as nights
from scripts.world.population import make
from scripts.world.recorded import load
from scripts.world.smtp import SmtpWorld
from scripts.world.sts import SHARED
from scripts.world.visits import write_visits

_DIRECTORY = click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
_DOMAINS = click.option("--domains", default=5000, show_default=True, help="How many domains.")
_SEED = click.option("--seed", default=1, show_default=True, help="Equal seeds, equal worlds.")
_RECORDED = click.option(
    "--recorded",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory of recorded answers to serve instead of made-up domains.",
)


@click.group(context_settings={"max_content_width": 100})
def cli() -> None:
    """A small, nasty Internet on loopback, with the truth about it known."""


@cli.command()
@_DIRECTORY
@_DOMAINS
@_SEED
@_RECORDED
@click.option("--dns-port", default=0, help="UDP and TCP on 127.0.0.1; 0: a free one.")
@click.option("--smtp-port", default=0, help="On every server's address; 0: a free one.")
@click.option("--https-port", default=0, help="Of policy hosts; 0: a free one.")
def serve(directory: Path, domains: int, seed: int, recorded: Path | None, **ports: int) -> None:
    """Write a world's files into DIRECTORY and serve it until SIGTERM or ^C."""
    world = _world(directory, domains, seed, recorded)
    write_world(world, directory)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(world, directory, **ports))


@cli.command("zones")
@_DIRECTORY
@_DOMAINS
@_SEED
@_RECORDED
@click.option(
    "--names",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of domain names, one a line (.gz too), to people instead of made-up ones.",
)
@click.option(
    "--own-zones", is_flag=True, help="With --names: NS and SOA records, a zone file a domain."
)
@click.option("--dns-port", default=5300, show_default=True, help="Of NSD, on 127.0.0.1.")
@click.option("--servers", default=1, show_default=True, help="Processes of NSD.")
def write_zones(  # noqa: PLR0913, PLR0917 - as above
    directory: Path,
    domains: int,
    seed: int,
    recorded: Path | None,
    names: Path | None,
    own_zones: bool,  # noqa: FBT001
    dns_port: int,
    servers: int,
) -> None:
    """Write a world's files and a zone file for NSD into DIRECTORY."""
    if recorded and names:
        raise click.UsageError("--recorded and --names exclude each other")
    if names:
        records = write_given(read_names(names), seed, directory, own_zones=own_zones)
    else:
        world = _world(directory, domains, seed, recorded)
        write_world(world, directory)
        with zones.open_zone(directory) as zone:
            zone.add(world.records, world.faults)
        records = len(world.records)
    configuration = zones.write_configuration(directory, port=dns_port, servers=servers)
    print(f"{records:,} records; serve them with: nsd -d -c {configuration}")


def _world(directory: Path, domains: int, seed: int, recorded: Path | None) -> World:
    directory.mkdir(parents=True, exist_ok=True)
    if recorded is None:
        return make(domains, seed)
    world, omitted = load(recorded)
    write_omitted(omitted, directory / "omitted.jsonl")
    return world


async def _serve(
    world: World, directory: Path, *, dns_port: int, smtp_port: int, https_port: int
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    authority = Authority.make(world.certificates, directory)
    async with (
        DnsWorld(world.records, world.faults, dns_port, world.signed) as dns,
        SmtpWorld(world.servers, authority, smtp_port) as smtp,
        HttpsWorld(world.policy_files, SHARED, authority, https_port) as https,
    ):
        write_settings(directory, dns.port, smtp.port, https.port)
        print(f"{len(world.seeds):,} domains, {len(world.servers):,} mail servers")
        print(f"DNS at 127.0.0.1:{dns.port}, SMTP at port {smtp.port}", flush=True)
        print(f"{len(world.policy_files):,} MTA-STS policies at port {https.port}", flush=True)
        print("ready", flush=True)
        await stop.wait()
    write_visits(smtp.visits.values(), directory / "visits.jsonl")
    write_requests(https.requests, directory / "requests.jsonl")


cli.add_command(nights.write)
cli.add_command(nights.serving(_serve))


if __name__ == "__main__":
    sys.exit(cli())
