"""A real rbldnsd that serves a dnset, for as long as a with block lasts.

It runs as a user, so what it reads must not lie in pytest's own folders: see open_folder.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

from tests.servers.nsd import free_port

_READY_WITHIN = 20.0
CHECK_SECONDS = 1


class Rbldnsd(NamedTuple):
    """Where it answers, and for which zone."""

    address: str
    port: int
    zone: str

    def ask(self, name: str, kind: str = "A", timeout: float = 5) -> list[str]:
        """Data of the answer for a name below the zone; REFUSED and others are (rcode,)."""
        query = dns.message.make_query(f"{name}.{self.zone}", kind)
        reply = dns.query.udp(query, self.address, port=self.port, timeout=timeout)
        if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return [dns.rcode.to_text(reply.rcode())]
        return [item.to_text().strip('"') for rrset in reply.answer for item in rrset]

    def until(self, name: str, expected: list[str], kind: str = "A") -> None:
        """Wait until a name has that answer, as it must within a few checks for changes."""
        deadline = time.monotonic() + 20 * CHECK_SECONDS
        while (found := self.ask(name, kind)) != expected:
            assert time.monotonic() < deadline, f"{name}: {found}, not {expected}"
            time.sleep(0.1)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    with TemporaryDirectory(prefix="rbldnsd-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def rbldnsd(
    zone: str,
    dnset: Path,
    *,
    environment: Mapping[str, str] | None = None,
    at: tuple[str, int] | None = None,
) -> Iterator[Rbldnsd]:
    """Serve a dnset as a zone; skips without the package. Environment such as TZ may be added."""
    program = shutil.which("rbldnsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("no rbldnsd: install the Debian package rbldnsd")
    address, port = at or ("127.0.0.1", free_port())
    command = [
        program, "-n", "-4", "-b", f"{address}/{port}", "-c", str(CHECK_SECONDS),
        f"{zone}:dnset:{dnset.absolute()}",
    ]  # fmt: skip
    if os.geteuid() == 0:
        command[1:1] = ["-u", "nobody"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
    )
    try:
        server = Rbldnsd(address, port, zone)
        _await(process, server)
        yield server
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _await(process: "subprocess.Popen[bytes]", server: Rbldnsd) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        try:
            server.ask("test", timeout=0.2)
        except (OSError, dns.exception.Timeout):
            time.sleep(0.05)
        else:
            return
    raise AssertionError("rbldnsd does not answer")
