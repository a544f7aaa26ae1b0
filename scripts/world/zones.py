"""A world as zone file and configuration for NSD, which serves what the embedded server cannot.

The world is one zone, the root's, without delegations. NSD cannot be silent or broken on
purpose: names with a DnsFault are listed in a comment and answered like any other.

    write(world, directory, port=5300) -> path of nsd.conf
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from scripts.world.lookup import APEX
from scripts.world.model import DnsFault, Record, World
from scripts.world.names import presentation, wire
from scripts.world.rdata import zone_text

ZONE_FILE = "world.zone"
CONFIGURATION = "nsd.conf"


def write(world: World, directory: Path, *, port: int, servers: int = 1) -> Path:
    """Write both files; records are taken one by one. Raises BadName, BadData."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ZONE_FILE).open("w", encoding="ascii", newline="\n") as file:
        file.writelines(zone_lines(world.records, world.faults))
    configuration = directory / CONFIGURATION
    text = nsd_configuration(directory.resolve(), port, servers)
    configuration.write_text(text, encoding="utf-8")
    return configuration


def zone_lines(records: Iterable[Record], faults: Mapping[str, DnsFault]) -> Iterator[str]:
    """The lines of the zone file."""
    for name, fault in faults.items():
        yield f"; left out: {presentation(wire(name))} should be {fault}\n"
    for record in APEX:
        yield _line(record)
    for record in records:
        yield _line(record)


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
"""


def _line(record: Record) -> str:
    owner = presentation(wire(record.name))
    return f"{owner} {record.ttl} IN {record.type} {zone_text(record)}\n"
