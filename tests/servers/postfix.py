"""A real Postfix: an instance of its own in a folder of its own; the system's is left alone."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.servers.certificate import Identity, make_identity
from tests.servers.daemon import Mailer, running, tail
from tests.servers.nsd import free_port

HOST = "mx.postfix.example"

_MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file_prefixes = {folder}
maillog_file = {folder}/log
myhostname = {host}
mydestination =
alias_maps =
local_recipient_maps =
smtpd_peername_lookup = no
smtpd_banner = $myhostname ESMTP $mail_name ($mail_version)
smtpd_tls_security_level = may
smtpd_tls_cert_file = {identity.chain_pem}
smtpd_tls_key_file = {identity.key_pem}
"""
_MASTER_CF = """\
127.0.0.1:{port} inet n - {chroot} - - smtpd
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
"""


@contextmanager
def postfix(settings: str = "", resolver: str | None = None) -> Iterator[Mailer]:
    """A Postfix that offers STARTTLS; skips without the package, or without root to run it.

    ``settings`` are lines for main.cf; ``resolver`` is the address whose port 53 it asks.
    """
    postfix_command = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if postfix_command is None:
        pytest.skip("no Postfix: install the Debian package postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix is started by root only")
    # Not pytest's own folder: only root may enter that, and Postfix runs as a user.
    with TemporaryDirectory(prefix="postfix-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        identity, port = _configure(folder, settings, resolver)
        with running(_master(postfix_command, folder / "etc"), port, lambda: tail(folder / "log")):
            yield Mailer("127.0.0.1", port, HOST, identity)


def _master(postfix_command: str, etc: Path) -> list[str]:
    """The command of its master process, after what "postfix start" does before it.

    Run directly, because "postfix start-fg" leaves master behind when it is told to end.
    """
    subprocess.run([postfix_command, "-c", str(etc), "check"], check=True, timeout=30)
    asked = [
        str(Path(postfix_command).with_name("postconf")),
        "-c",
        str(etc),
        "-h",
        "daemon_directory",
    ]
    daemons = subprocess.run(asked, check=True, timeout=30, capture_output=True, text=True)
    return [f"{daemons.stdout.strip()}/master", "-c", str(etc), "-d"]


def _configure(folder: Path, settings: str, resolver: str | None) -> tuple[Identity, int]:
    for part in ("etc", "queue", "data"):
        (folder / part).mkdir()
    if resolver:  # below its root, since it has no setting for this
        (folder / "queue" / "etc").mkdir()
        (folder / "queue" / "etc" / "resolv.conf").write_text(f"nameserver {resolver}\n")
    shutil.chown(folder / "data", "postfix")
    identity, port = make_identity(folder, HOST), free_port()
    main = _MAIN_CF.format(folder=folder, host=HOST, identity=identity)
    (folder / "etc" / "main.cf").write_text(f"{main}{settings}\n")
    master = _MASTER_CF.format(port=port, chroot="y" if resolver else "n")
    (folder / "etc" / "master.cf").write_text(master)
    return identity, port
