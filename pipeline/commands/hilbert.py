"""`hilbert`: a map of the address space by whom domains let send."""

from ipaddress import ip_network
from pathlib import Path

import click
from rich.console import Console

from pipeline.commands import OUT
from pipeline.errors import ConfigError
from pipeline.forecast import Times
from pipeline.site.census import census
from pipeline.site.heatmap import NEEDS, heat, picture
from pipeline.steps import Steps
from pipeline.warehouse import Warehouse
from schemas import SPF_TRUST
from stages.maps.blocks import IPV4, IPV6, Network


@click.command("hilbert")
@click.argument("warehouse")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE.png")
@click.option("--prefix", metavar="CIDR", help="Draw this network alone.")
@click.option("--rank", type=click.IntRange(1), metavar="N", help="Domains up to this rank alone.")
@click.option("--ipv6", is_flag=True, help="IPv6, a /32 a pixel; else IPv4, a /24 a pixel.")
def command(  # noqa: PLR0913 - one a word of the command
    warehouse: str,
    run_id: str | None,
    out: Path,
    prefix: str | None,
    rank: int | None,
    *,
    ipv6: bool,
) -> None:
    """Draw how many domains' SPF lets each network send, along Hilbert's curve."""
    network = _network(prefix) if prefix else None
    family = IPV6 if ipv6 or (network and network.version == IPV6.version) else IPV4
    if network and (network.version != family.version or network.prefixlen > family.prefix):
        raise ConfigError(
            f"{prefix!r} is no IPv{family.version} network of /{family.prefix} or wider"
        )
    place = Warehouse.at(warehouse)
    with census(place.existing(run_id)) as tables:
        if why := tables.lacking(NEEDS):
            raise ConfigError(why)
        times = Times.load(place, f"hilbert-ipv{family.version}", tables.rows_of[SPF_TRUST.name])
        with Steps(Console(stderr=True), times) as steps:
            found = heat(tables, family, steps.begin)
            steps.begin("drawing")
            picture(found, network, rank, tables.run.id).save(out, optimize=True)
    OUT.print(f"{out}", highlight=False)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no network: {error}") from error
