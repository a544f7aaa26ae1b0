"""`spf`: what SPF says of a client."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import click
import uvloop

from pipeline.commands import OUT
from pipeline.errors import ConfigError
from pipeline.settings import load
from pipeline.site.census import census
from pipeline.spf.check import Address, begin, check_live, check_run, show
from pipeline.spf.tree import NEEDS, trees
from pipeline.spf.tree import show as show_tree
from pipeline.spf.trusts import Network, say, trusts
from pipeline.warehouse import Warehouse
from stages.seeds.entry import Rejected
from stages.seeds.name import domain as seed_name


@click.group("spf")
def command() -> None:
    """Ask whom a domain trusts to send its mail (RFC 7208)."""


@command.command()
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN")
@click.argument("domain")
@click.argument("ip")
@click.option("--sender", help="MAIL FROM of the message; postmaster@DOMAIN by default.")
@click.option("--helo", help="Name that the client gives; DOMAIN by default.")
def check(  # noqa: PLR0913, PLR0917 - one a word of the command
    warehouse: str, run_id: str, domain: str, ip: str, sender: str | None, helo: str | None
) -> None:
    """What a run says of mail from DOMAIN sent by IP, and the terms that say it."""
    client, name = _address(ip), _domain(domain)
    run = Warehouse.at(warehouse).existing(run_id)
    show(check_run(run, begin(client, name, sender, helo), name, client), OUT)


@command.command()
@click.argument("domain")
@click.argument("ip")
@click.option("--sender", help="MAIL FROM of the message; postmaster@DOMAIN by default.")
@click.option("--helo", help="Name that the client gives; DOMAIN by default.")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings.")
@click.option(
    "--nameserver", "servers", multiple=True, metavar="IP[:PORT]", help="Resolver to ask."
)
def live(  # noqa: PLR0913, PLR0917 - one a word of the command
    domain: str,
    ip: str,
    sender: str | None,
    helo: str | None,
    config: Path | None,
    servers: tuple[str, ...],
) -> None:
    """The same by the DNS as it is now."""
    settings = load(config, {"nameservers": servers or None})
    work = check_live(settings, begin(_address(ip), _domain(domain), sender, helo))
    show(uvloop.run(work), OUT)


@command.command("trusts")
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN")
@click.argument("network", metavar="IP|CIDR")
@click.option("--limit", default=25, show_default=True, type=click.IntRange(0), help="Rows.")
def who_trusts(warehouse: str, run_id: str, network: str, limit: int) -> None:
    """Domains that let an address or a whole network send, the most popular first."""
    asked = _network(network)
    run = Warehouse.at(warehouse).existing(run_id)
    say(trusts(run, asked, limit), asked, OUT)


@command.command("tree")
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN")
@click.argument("domain")
def as_tree(warehouse: str, run_id: str, domain: str) -> None:
    """A domain's record with all that it leads to: sizes, owners and errors at each node."""
    name = _domain(domain)
    run = Warehouse.at(warehouse).existing(run_id)
    with census(run) as tables:
        if why := tables.lacking(NEEDS):
            raise ConfigError(why)
        grown = trees(tables, [name])
    if not grown:
        raise ConfigError(f"run {run.id!r} never asked {name} for SPF")
    show_tree(grown[0], OUT)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is neither an address nor a network: {error}") from error


def _address(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no address") from error


def _domain(text: str) -> str:
    try:
        return seed_name(text.strip(), exact=True)
    except Rejected as error:
        raise ConfigError(f"{text!r} is no domain: {error.reason}") from error
