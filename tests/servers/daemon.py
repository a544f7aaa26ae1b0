"""A daemon in the foreground, for as long as a with block lasts."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.servers.certificate import Identity

_READY_WITHIN = 20.0
_GONE_WITHIN = 10.0


class Mailer(NamedTuple):
    """A mail server that runs."""

    address: str
    port: int
    host: str
    """Its own name, in banner, EHLO and certificate."""
    identity: Identity


def tail(log: Path) -> str:
    """The end of a log, if there is one."""
    return log.read_text(errors="replace")[-2000:] if log.exists() else "(no log)"


@contextmanager
def running(command: Sequence[str], port: int, log: Callable[[], str]) -> Iterator[None]:
    """Runs a command until the block ends; ready when the port accepts; its session ends too."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _await_port(process, port, log)
        yield
    finally:
        _stop(process)


def _await_port(process: subprocess.Popen[bytes], port: int, log: Callable[[], str]) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{process.args!r} ended: {log()}"
        with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"{process.args!r} does not listen: {log()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_GONE_WITHIN)
    finally:
        # The session is ours alone; whatever is left of it goes too.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_GONE_WITHIN)
