"""The IP tables of a world, in the formats of the real ones and under the same names.

ipasn.dat     pyasn's text: lines of prefix, tab, AS number
owners.mmdb   MaxMind DB 2.0 with the keys of IPinfo Lite: asn "AS64500", as_name, country_code
clouds.csv    prefix,provider,region,service for the networks that are rented from a cloud;
              no file where none is, because a table without a prefix is no table

A network inside another one wins over it. The same networks give the same bytes.
"""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

from scripts.world.model import Network

_MADE = datetime(2026, 11, 1, tzinfo=UTC)
"""The date that the tables state; fixed, for a world has no other."""


def write_tables(networks: Sequence[Network], directory: Path) -> None:
    """The tables, into a directory that exists; ``ValueError`` for a prefix that is none."""
    ordered = sorted(networks, key=lambda network: ip_network(network.prefix).prefixlen)
    _write_ipasn(ordered, directory / "ipasn.dat")
    _write_owners(ordered, directory / "owners.mmdb")
    _write_clouds([n for n in ordered if n.cloud], directory / "clouds.csv")


def _write_ipasn(networks: Sequence[Network], path: Path) -> None:
    head = f"; IP-ASN32-DAT file\n; Converted on  : {_MADE:%a %b %d %H:%M:%S %Y}\n"
    lines = (f"{network.prefix}\t{network.asn}\n" for network in networks)
    path.write_text(head + "".join(lines), encoding="ascii")


class _OwnersWriter(MMDBWriter):
    """Dates the file by the world's date instead of the clock's."""

    def _build_meta(self) -> dict[str, object]:
        return super()._build_meta() | {"build_epoch": int(_MADE.timestamp())}


def _write_owners(networks: Sequence[Network], path: Path) -> None:
    """The writer lets a later network cut into an earlier one, so the wide ones come first."""
    writer = _OwnersWriter(
        ip_version=6,
        ipv4_compatible=True,
        database_type="world owners.mmdb",
        languages=["en"],
        description="Networks of a made-up Internet",
    )
    for network in networks:
        owner = {
            "asn": f"AS{network.asn}",
            "as_name": network.as_name,
            "country_code": network.country,
        }
        writer.insert_network(IPSet([network.prefix]), owner)
    writer.to_db_file(str(path))


def _write_clouds(networks: Sequence[Network], path: Path) -> None:
    """Regions are named after the country; every service is rented machines."""
    if not networks:
        path.unlink(missing_ok=True)  # of the world that was here before
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("prefix", "provider", "region", "service"))
        for network in networks:
            region = f"{network.country.lower()}-1"
            writer.writerow((network.prefix, network.cloud, region, "compute"))
