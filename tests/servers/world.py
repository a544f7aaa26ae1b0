"""A world in a process of its own, for as long as a with block lasts.

with world(tmp_path / "world", domains=300, seed=1) as served:
    crawl(served.seeds, nameserver=served.nameserver, smtp_port=served.smtp_port, …)
served.visits()["127.1.0.1"].forbidden    # once the block has ended
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts.world.https import Request, read_requests
from scripts.world.nights.files import folder
from scripts.world.visits import Visits, read_visits
from tests.servers.nsd import free_port

_REPOSITORY = Path(__file__).parents[2]
_READY_WITHIN = 60.0
_GONE_WITHIN = 30.0


class ServedWorld(NamedTuple):
    """Where the files and servers of a world are."""

    directory: Path
    dns_port: int
    smtp_port: int
    https_port: int

    @property
    def nameserver(self) -> str:
        """Its DNS server, as address:port."""
        return f"127.0.0.1:{self.dns_port}"

    @property
    def seeds(self) -> Path:
        """The seed list, rank,domain."""
        return self.directory / "seeds.csv"

    @property
    def truth(self) -> Path:
        """Rows of scripts.world.model.Truth, as Parquet."""
        return self.directory / "truth.parquet"

    @property
    def roots(self) -> Path:
        """The trust anchors of its certificates, PEM."""
        return self.directory / "roots.pem"

    @property
    def config(self) -> Path:
        """Settings of a census of it."""
        return self.directory / "mailcensus.toml"

    def requests(self) -> list[Request]:
        """What clients asked of policy hosts; written when the world ends."""
        return read_requests(self.directory / "requests.jsonl")

    def visits(self) -> dict[str, Visits]:
        """What clients did at each mail server, by address; written when the world ends."""
        return read_visits(self.directory / "visits.jsonl")


@contextmanager
def world(
    directory: Path, *, domains: int, seed: int = 1, recorded: Path | None = None
) -> Iterator[ServedWorld]:
    """Serve a world of made-up domains, or of recorded ones, with its files in the directory."""
    words = ["serve", str(directory.resolve()), "--domains", str(domains), "--seed", str(seed)]
    words += ["--recorded", str(recorded.resolve())] if recorded else []
    with _served(directory, words) as served:
        yield served


@contextmanager
def night(directory: Path, number: int) -> Iterator[ServedWorld]:
    """Serve a night of those that were written into a directory."""
    words = ["serve-night", str(directory.resolve()), str(number)]
    with _served(folder(directory, number), words) as served:
        yield served


@contextmanager
def _served(directory: Path, words: list[str]) -> Iterator[ServedWorld]:
    served = ServedWorld(directory, free_port(), _free_everywhere(), _free_everywhere())
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / "serve.log"
    ports = ["--dns-port", str(served.dns_port), "--smtp-port", str(served.smtp_port)]
    ports += ["--https-port", str(served.https_port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.world", *words, *ports],
            cwd=_REPOSITORY,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(process, log)
        yield served
    finally:
        _end(process, log)


def _free_everywhere() -> int:
    """A TCP port that is free at every local address."""
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        port: int = server.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes], log: Path) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(_GONE_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    if status:
        pytest.fail(f"the world ended with status {status}:\n{log.read_text()}")


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + _READY_WITHIN
    while process.poll() is None and time.monotonic() < give_up:
        if "ready" in log.read_text(errors="replace").splitlines():
            return
        time.sleep(0.02)
    pytest.fail(f"the world is not ready; status {process.poll()}:\n{log.read_text()}")
