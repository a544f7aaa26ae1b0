"""A real rspamd that scans messages with Debian's rules for DNS lists, for as long as a with block.

It has our files in local.d, no modules but rbl and dkim, and asks one name server.
"""

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from tests.servers.daemon import running, tail
from tests.servers.nsd import free_port

_CONFIGURATION = """\
options {{
  dns {{ nameserver = ["{address}:{resolver}"]; timeout = 2s; retransmits = 2; }}
  pidfile = "{folder}/pid";
  local_addrs = ["192.0.2.0/24"];
  filters = "dkim";
  url_tld = "{folder}/suffixes";
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "info"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
modules {{ path = "$PLUGINSDIR/rbl.lua"; }}
actions {{ reject = 15; }}
.include "$CONFDIR/modules.d/rbl.conf"
group "rbl" {{ .include(try=true; duplicate=merge) "$LOCAL_CONFDIR/local.d/rbl_group.conf" }}
"""


class Rspamd(NamedTuple):
    """Where it listens."""

    port: int

    def symbols(
        self, message: bytes, sender: str, helo: str = "mx.fine.org", name: str = "unknown"
    ) -> dict[str, float]:
        """What it finds in a message, and what that adds to the score; ``name`` is by rDNS."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/checkv2",
            message,
            {"From": sender, "IP": "198.51.100.7", "Helo": helo, "Hostname": name},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            found = json.load(answer)["symbols"]
        return {name: each["score"] for name, each in found.items()}


@contextmanager
def rspamd(local: Mapping[str, str], resolver: tuple[str, int]) -> Iterator[Rspamd]:
    """With files of local.d by name; skips without the package."""
    program = shutil.which("rspamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("no rspamd: install the Debian package rspamd")
    with TemporaryDirectory(prefix="rspamd-") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o777)  # it runs as a user
        (folder / "local.d").mkdir()
        for file, text in local.items():
            (folder / "local.d" / file).write_text(text, encoding="ascii")
        # All of the Public Suffix List would take it many seconds to compile.
        (folder / "suffixes").write_text("com\nnet\norg\n", encoding="ascii")
        configuration = folder / "rspamd.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                address=resolver[0], resolver=resolver[1], folder=folder, port=port
            ),
            encoding="ascii",
        )
        places = [f"--var={word}={folder}" for word in ("LOCAL_CONFDIR", "DBDIR", "RUNDIR")]
        _check(configuration, places)
        command = [program, "-f", "-i", "-c", str(configuration), *places]
        user = ["-u", "nobody", "-g", "nogroup"] if os.geteuid() == 0 else []
        with running([*command, *user], port, lambda: tail(folder / "log")):
            yield Rspamd(port)


def _check(configuration: Path, places: list[str]) -> None:
    """Nothing of the configuration may be wrong, by rspamd's own test."""
    done = subprocess.run(
        ["rspamadm", *places, "configtest", "-s", "-c", str(configuration)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
