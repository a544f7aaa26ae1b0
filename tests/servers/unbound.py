"""A real Unbound with a response policy zone before names that it knows, for a with block."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import dns.message
import dns.query
import dns.rcode
import pytest

from tests.servers.daemon import running, tail
from tests.servers.nsd import free_port

_CONFIG = """\
server:
    interface: 127.0.0.1
    port: {port}
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: "{folder}/pid"
    logfile: "{folder}/log"
    use-syslog: no
    verbosity: 1
    do-ip6: no
    do-not-query-localhost: no
    module-config: "respip iterator"
remote-control:
    control-enable: no
stub-zone:
    name: "."
    stub-addr: 127.0.0.1@{upstream}
rpz:
    name: "{zone}"
    zonefile: "{rpz}"
    rpz-log: yes
    rpz-log-name: "{zone}"
"""


class Unbound(NamedTuple):
    """Where it answers, and its log."""

    port: int
    log: Path

    def ask(self, name: str, kind: str = "A") -> tuple[str, list[str]]:
        """(rcode, data of the answer)."""
        query = dns.message.make_query(name, kind)
        reply = dns.query.udp(query, "127.0.0.1", port=self.port, timeout=10)
        data = [item.to_text() for rrset in reply.answer for item in rrset]
        return dns.rcode.to_text(reply.rcode()), data


@contextmanager
def unbound(zone: str, rpz: Path, upstream: int) -> Iterator[Unbound]:
    """A resolver that asks a server on a port of 127.0.0.1 for everything; skips if missing."""
    program = shutil.which("unbound", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("no Unbound: install the Debian package unbound")
    with TemporaryDirectory(prefix="unbound-") as name:
        folder, port = Path(name), free_port()
        config = folder / "unbound.conf"
        config.write_text(
            _CONFIG.format(folder=folder, port=port, zone=zone, rpz=rpz, upstream=upstream)
        )
        command = [program, "-d", "-p", "-c", str(config)]
        with running(command, port, lambda: tail(folder / "log")):
            yield Unbound(port, folder / "log")
