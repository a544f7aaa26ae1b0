"""A real Exim in a folder of its own.

Debian's exim4-daemon-light cannot be installed beside postfix, so it may also lie unpacked under
the folder that EXIM_ROOT names (dpkg-deb -x). It wants the user Debian-exim to exist.
"""

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.servers.certificate import Identity, make_identity
from tests.servers.daemon import Mailer, running, tail
from tests.servers.nsd import free_port

HOST = "mx.exim.example"
_USER = "Debian-exim"

_CONFIGURATION = """\
primary_hostname = {host}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%s
pid_file_path = {folder}/spool/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts = *
tls_certificate = {identity.chain_pem}
tls_privatekey = {identity.key_pem}
acl_smtp_connect = accept
acl_smtp_helo = accept
"""


@contextmanager
def exim() -> Iterator[Mailer]:
    """An Exim that offers STARTTLS; skips without the package, its user, or root."""
    command = _find()
    if command is None:
        pytest.skip("no Exim: unpack the Debian packages exim4-daemon-light and exim4-base")
    if os.geteuid() != 0:
        pytest.skip("Exim takes a configuration of our own from root only")
    with TemporaryDirectory(prefix="exim-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        identity, port = _configure(folder)
        daemon = [command, "-C", str(folder / "exim.conf"), "-bdf"]
        with running(daemon, port, lambda: tail(folder / "log" / "main")):
            yield Mailer("127.0.0.1", port, HOST, identity)


def _find() -> str | None:
    unpacked = Path(os.environ.get("EXIM_ROOT", "/nonexistent")) / "usr" / "sbin"
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", str(unpacked)))
    return shutil.which("exim4", path=path) or shutil.which("exim", path=path)


def _configure(folder: Path) -> tuple[Identity, int]:
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        pytest.skip(f"Exim needs its user: adduser --system --group {_USER}")
    for part in ("spool", "log"):
        (folder / part).mkdir()
        shutil.chown(folder / part, _USER, _USER)
    identity, port = make_identity(folder, HOST, use_rsa=True), free_port()
    shutil.chown(identity.key_pem, _USER)
    text = _CONFIGURATION.format(folder=folder, host=HOST, port=port, identity=identity)
    (folder / "exim.conf").write_text(text)
    return identity, port
