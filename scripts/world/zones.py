"""A world as zone files and configuration for NSD, which serves what the embedded server cannot.

The world is one zone, the root's, without delegations. A domain with an SOA record is a zone of
its own, in a file of its own: NSD would take its NS records for a delegation otherwise. Where
that is not wanted, for millions of domains, NS and SOA records below the root are left out.
Names with a DnsFault are zones that NSD has no file for, so that it answers SERVFAIL, or that
nobody may ask for: REFUSED. NSD cannot be silent and says SERVFAIL instead; names that should be
truncated are listed in a comment and answered like any other.

    write(world, directory, port=5300) -> path of nsd.conf
    with open_zone(directory) as zone:        # of a world that comes bit by bit
        zone.add(records, faults)
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from scripts.world.lookup import APEX
from scripts.world.model import DnsFault, Record, World
from scripts.world.names import absolute
from scripts.world.rdata import zone_text

ZONE_FILE = "world.zone"
OTHERS_FILE = "zones.conf"
"""Configuration of all zones but the root's, to be included."""
OWN_ZONES = "zones"
"""Directory of the files of domains' own zones."""
CONFIGURATION = "nsd.conf"
LAME_ZONE = "there-is-no-such-file"
_LAME = 'zone:\n  name: "{name}"\n  zonefile: "' + LAME_ZONE + '"\n'
_OWN = 'zone:\n  name: "{name}"\n  zonefile: "{file}"\n'
_DELEGATING = frozenset(("NS", "SOA"))
_NOBODY = "  allow-query: 192.0.2.0 NOKEY\n"


class ZoneWriter(NamedTuple):
    """Zone files in the making, and the configuration of all zones but the root's."""

    zone: TextIO
    others: TextIO
    own: Path | None
    """Where the zones of domains go; None: nowhere."""

    def add(self, records: Iterable[Record], faults: Mapping[str, DnsFault]) -> None:
        """Some more of the world; a domain and all below it at once. Raises BadName, BadData.

        Records are taken one by one where there are no zones of domains.
        """
        if self.own is None:
            records = (record for record in records if record.type not in _DELEGATING)
        else:
            split = by_zone(records)
            records = split.pop("", [])
            for domain, of_domain in split.items():
                self._write(domain, of_domain, self.own / f"{domain}.zone")
        self.zone.writelines(zone_lines(records, faults))
        self.others.writelines(lame_zones(faults))

    def _write(self, domain: str, records: list[Record], path: Path) -> None:
        with path.open("w", encoding="ascii", newline="\n") as file:
            file.writelines(zone_lines(records, {}))
        self.others.write(_OWN.format(name=absolute(domain), file=path))


@contextmanager
def open_zone(directory: Path, *, own: bool = True) -> Iterator[ZoneWriter]:
    """The files, begun with the records of the root; own: a zone for every domain with an SOA."""
    place = directory.resolve() / OWN_ZONES
    if own:
        place.mkdir(exist_ok=True)
    with (
        (directory / ZONE_FILE).open("w", encoding="ascii", newline="\n") as zone,
        (directory / OTHERS_FILE).open("w", encoding="ascii", newline="\n") as others,
    ):
        zone.writelines(zone_lines(APEX, {}))
        yield ZoneWriter(zone, others, place if own else None)


def write(world: World, directory: Path, *, port: int, servers: int = 1) -> Path:
    """Write all of a world. Raises BadName, BadData."""
    directory.mkdir(parents=True, exist_ok=True)
    with open_zone(directory) as zone:
        zone.add(world.records, world.faults)
    return write_configuration(directory, port=port, servers=servers)


def by_zone(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Records by the closest domain above them that has an SOA record; "": the root."""
    given = tuple(records)
    zones = frozenset(record.name for record in given if record.type == "SOA")
    split: dict[str, list[Record]] = defaultdict(list)
    for record in given:
        split[_enclosing(record.name, zones)].append(record)
    return split


def _enclosing(name: str, zones: frozenset[str]) -> str:
    while name and name not in zones:
        _, _, name = name.partition(".")
    return name


def write_configuration(directory: Path, *, port: int, servers: int = 1) -> Path:
    """How NSD serves the directory; the path of its configuration."""
    configuration = directory / CONFIGURATION
    text = nsd_configuration(directory.resolve(), port, servers)
    configuration.write_text(text, encoding="utf-8")
    return configuration


def zone_lines(records: Iterable[Record], faults: Mapping[str, DnsFault]) -> Iterator[str]:
    """Lines of the zone file."""
    for name, fault in faults.items():
        if fault is DnsFault.TRUNCATED:
            yield f"; left out: {absolute(name)} should be {fault}\n"
    for record in records:
        yield f"{absolute(record.name)} {record.ttl} IN {record.type} {zone_text(record)}\n"


def lame_zones(faults: Mapping[str, DnsFault]) -> Iterator[str]:
    """Configuration of the names that NSD shall not answer for."""
    for name, fault in faults.items():
        if fault is not DnsFault.TRUNCATED:
            refused = _NOBODY if fault is DnsFault.REFUSED else ""
            yield _LAME.format(name=absolute(name)) + refused


def nsd_configuration(directory: Path, port: int, servers: int) -> str:
    """A configuration of NSD that runs as any user and writes only into the directory."""
    return f"""server:
  ip-address: 127.0.0.1
  port: {port}
  server-count: {servers}
  username: ""
  chroot: ""
  zonesdir: "{directory}"
  pidfile: "{directory}/nsd.pid"
  xfrdfile: "{directory}/xfrd.state"
  zonelistfile: "{directory}/zone.list"
  xfrdir: "{directory}"
  logfile: "{directory}/nsd.log"
  database: ""
  hide-version: yes
  rrl-ratelimit: 0

remote-control:
  control-enable: no

zone:
  name: "."
  zonefile: "{directory}/{ZONE_FILE}"

include: "{directory}/{OTHERS_FILE}"
"""
