"""A real NSD on loopback, for as long as a with block lasts.

    with nsd({"example.com": zone_text, "example.net": path_of_zone_file}) as server:
        ask(server.address, server.port)

Runs as the current user with all its files in a directory of its own, over UDP and TCP on one
free port of 127.0.0.1, without rate limit.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from scripts.world.zones import LAME_ZONE

_READY_WITHIN = 300.0  # seconds; ten million records take one or two minutes to load
_PROBE = b"\0\1\0\0\0\1\0\0\0\0\0\0\0\0\2\0\1"  # ". NS"
_MEANT = f"zonefile {LAME_ZONE} does not exist"
_CONFIG = """\
server:
    ip-address: 127.0.0.1
    port: {port}
    username: ""
    chroot: ""
    zonesdir: "{directory}"
    pidfile: "{directory}/nsd.pid"
    database: ""
    zonelistfile: "{directory}/zone.list"
    xfrdfile: "{directory}/xfrd.state"
    xfrdir: "{directory}"
    logfile: "{directory}/nsd.log"
    server-count: {processes}
    tcp-count: 200
    rrl-ratelimit: 0
    minimal-responses: yes
remote-control:
    control-enable: yes
    control-interface: "{directory}/control"
"""
_ZONE = """\
zone:
    name: "{name}"
    zonefile: "{file}"
"""


class NsdError(Exception):
    """NSD does not serve what it was given; the message has what it said."""


class NsdMissingError(NsdError):
    """NSD is not installed."""


class Nsd(NamedTuple):
    """A running server."""

    address: str
    port: int
    control: tuple[str, ...]
    """Command that controls it, less what to do."""

    def queries(self) -> int:
        """How many queries it has been sent so far, over UDP and TCP."""
        command = [*self.control, "stats_noreset"]
        report = subprocess.run(  # noqa: S603
            command, check=True, capture_output=True, text=True, timeout=10
        )
        figures = dict(line.split("=") for line in report.stdout.splitlines())
        return int(figures["num.queries"])


@contextmanager
def nsd(
    zones: Mapping[str, str | Path],
    *,
    processes: int = 1,
    prefix: Sequence[str] = (),
    include: Path | None = None,
) -> Iterator[Nsd]:
    """Serve zones, each a zone file's text or its path, by zone name.

    `prefix` goes before the command, such as taskset to pin it; `include` is more
    configuration, such as the lame zones of a world.
    """
    program = shutil.which("nsd") or shutil.which("nsd", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise NsdMissingError("NSD is not installed: apt-get install nsd")
    with tempfile.TemporaryDirectory(prefix="nsd-") as place:
        directory = Path(place)
        port = free_port()
        config = _write(directory, zones, port, processes)
        if include:
            with config.open("a") as file:
                file.write(f'include: "{include.resolve()}"\n')
        command = [*prefix, program, "-d", "-c", str(config)]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603
        try:
            _wait_until_ready(process, port, directory / "nsd.log")
            control = str(Path(program).with_name("nsd-control"))
            yield Nsd("127.0.0.1", port, (control, "-c", str(config)))
        finally:
            process.terminate()
            process.wait(timeout=20)


def free_port() -> int:
    """A port of 127.0.0.1 that is free for both UDP and TCP."""
    for _ in range(100):
        with (
            socket.socket(type=socket.SOCK_STREAM) as tcp,
            socket.socket(type=socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NsdError("no port is free for both UDP and TCP")


def _write(directory: Path, zones: Mapping[str, str | Path], port: int, processes: int) -> Path:
    """The configuration file, and a file for each zone given as text."""
    parts = [_CONFIG.format(port=port, directory=directory, processes=processes)]
    for number, (name, zone) in enumerate(zones.items()):
        file = zone if isinstance(zone, Path) else directory / f"{number}.zone"
        if isinstance(zone, str):
            file.write_text(zone)
        parts.append(_ZONE.format(name=name, file=file.resolve()))
    config = directory / "nsd.conf"
    config.write_text("".join(parts))
    return config


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until it answers a query, whatever the answer."""
    give_up = time.monotonic() + _READY_WITHIN
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.settimeout(0.1)
        udp.connect(("127.0.0.1", port))
        while time.monotonic() < give_up and process.poll() is None:
            try:
                udp.send(_PROBE)
                udp.recv(512)
            except (TimeoutError, ConnectionRefusedError):
                time.sleep(0.02)
            else:
                _check_zones(log)
                return
    said = log.read_text() if log.exists() else "(it wrote no log)"
    raise NsdError(f"NSD did not answer; status {process.poll()}:\n{said}")


def _check_zones(log: Path) -> None:
    """It also starts without a zone that it could not read, and then answers SERVFAIL for it.

    The lame zones of a world are meant to be missing.
    """
    lines = log.read_text().splitlines() if log.exists() else []
    errors = [line for line in lines if "error:" in line and _MEANT not in line]
    if errors:
        raise NsdError("NSD could not load a zone:\n" + "\n".join(errors))
