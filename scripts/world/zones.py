"""A world as zone file and configuration for NSD, which serves what the embedded server cannot.

The world is one zone, the root's, without delegations. Names with a DnsFault are zones of their
own that NSD has no file for, so that it answers SERVFAIL, or that nobody may ask for: REFUSED.
NSD cannot be silent and says SERVFAIL instead; names that should be truncated are listed in a
comment and answered like any other.

    write(world, directory, port=5300) -> path of nsd.conf
    with open_zone(directory) as zone:        # of a world that comes bit by bit
        zone.add(records, faults)
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from scripts.world.lookup import APEX
from scripts.world.model import DnsFault, Record, World
from scripts.world.names import absolute
from scripts.world.rdata import zone_text

ZONE_FILE = "world.zone"
LAME_FILE = "lame.conf"
CONFIGURATION = "nsd.conf"
LAME_ZONE = "there-is-no-such-file"
_LAME = 'zone:\n  name: "{name}"\n  zonefile: "' + LAME_ZONE + '"\n'
_NOBODY = "  allow-query: 192.0.2.0 NOKEY\n"


class ZoneWriter(NamedTuple):
    """A zone file in the making, and the configuration of its lame zones."""

    zone: TextIO
    lame: TextIO

    def add(self, records: Iterable[Record], faults: Mapping[str, DnsFault]) -> None:
        """Some more of the world; records are taken one by one. Raises BadName, BadData."""
        self.zone.writelines(zone_lines(records, faults))
        self.lame.writelines(lame_zones(faults))


@contextmanager
def open_zone(directory: Path) -> Iterator[ZoneWriter]:
    """Both files, begun with the records of the root."""
    with (
        (directory / ZONE_FILE).open("w", encoding="ascii", newline="\n") as zone,
        (directory / LAME_FILE).open("w", encoding="ascii", newline="\n") as lame,
    ):
        writer = ZoneWriter(zone, lame)
        writer.add(APEX, {})
        yield writer


def write(world: World, directory: Path, *, port: int, servers: int = 1) -> Path:
    """Write all of a world. Raises BadName, BadData."""
    directory.mkdir(parents=True, exist_ok=True)
    with open_zone(directory) as zone:
        zone.add(world.records, world.faults)
    return write_configuration(directory, port=port, servers=servers)


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

include: "{directory}/{LAME_FILE}"
"""
