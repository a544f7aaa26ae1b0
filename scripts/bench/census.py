"""One measured crawl: the real command against NSD, each on a core of its own.

    with scene(directory) as nameserver:           # a world's zone file, served by NSD
        crawled(seeds, nameserver, warehouse, config) -> Figures

Processor time and memory are the command's own, as the kernel counts them; questions are those
that NSD was sent. The pace is taken in the middle of the run, without its start and its end.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from scripts.bench.machine import ours, theirs
from scripts.world.nsd import Nsd, nsd
from scripts.world.zones import OTHERS_FILE, ZONE_FILE

RUN = "bench"
_TICK = 0.5
_KILLED = -signal.SIGKILL


class Figures(NamedTuple):
    """What one crawl took."""

    seeds: int
    questions: int
    """That NSD was sent."""
    cpu: float
    """Seconds, user and system."""
    wall: float
    """Seconds."""
    memory: int
    """Peak resident bytes."""
    disk: int
    """Bytes of the warehouse."""
    pace: float
    """Seeds a second between a tenth and nine tenths of them."""


class Crawl(NamedTuple):
    """A crawl that is to be measured."""

    seeds: Path
    """A name a line."""
    warehouse: Path
    nameserver: str
    """Address and port."""
    config: Path
    plan: str = "mail"

    @property
    def status(self) -> Path:
        """Where the command says how far it is."""
        return self.warehouse / "_runs" / RUN / "status.json"

    def command(self) -> list[str]:
        """Words of the command."""
        return [
            *ours(), str(Path(sys.executable).with_name("mailcensus")),
            "crawl", str(self.seeds), "--warehouse", str(self.warehouse), "--run", RUN,
            "--exact", "--config", str(self.config), "--nameserver", self.nameserver, "--no-smtp",
            "--plan", self.plan,
        ]  # fmt: skip


@contextmanager
def scene(directory: Path) -> Iterator[Nsd]:
    """Serve a written world."""
    zones = {".": directory / ZONE_FILE}
    with nsd(zones, prefix=theirs(), include=directory / OTHERS_FILE) as server:
        yield server


def write_config(world: Path, path: Path, in_flight: int | None = None) -> None:
    """Settings: the world's address tables, and little patience with names that fail for now."""
    tables = {"asn_table": "ipasn.dat", "owner_table": "owners.mmdb", "cloud_table": "clouds.csv"}
    lines = [f'{key} = "{(world / name).resolve()}"\n' for key, name in tables.items()]
    lines += ['scope = "loopback"\n', "dns_retry_after = 2\n"]
    lines += [f"dns_in_flight = {in_flight}\n"] if in_flight else []
    path.write_text("".join(lines), encoding="utf-8")


def measured(crawl: Crawl, server: Nsd, *, kill_at: int | None = None) -> Figures:
    """Run the command to its end, or until it has done `kill_at` seeds: then kill it.

    Raises SystemExit if it ends otherwise than it should.
    """
    # NSD begins its servers anew to count: it is asked twice, not all the time.
    before, began = server.queries(), time.monotonic()
    process = subprocess.Popen(crawl.command(), stdout=subprocess.DEVNULL)  # noqa: S603
    done = [(0.0, 0)]
    try:
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            time.sleep(_TICK)
            done.append((time.monotonic() - began, _done(crawl.status, done[-1][1])))
            if kill_at is not None and done[-1][1] >= kill_at:
                os.kill(process.pid, signal.SIGKILL)  # Popen would reap it, and its account
    except BaseException:
        process.kill()
        raise
    _, status, used = ended
    code = process.returncode = os.waitstatus_to_exitcode(status)
    if code != (0 if kill_at is None else _KILLED):
        raise SystemExit(f"the crawl ended with status {code}: {' '.join(crawl.command())}")
    return Figures(
        seeds=sum(1 for _ in crawl.seeds.open("rb")),
        questions=server.queries() - before,
        cpu=used.ru_utime + used.ru_stime,
        wall=done[-1][0],
        memory=used.ru_maxrss * 1024,
        disk=sum(path.stat().st_size for path in crawl.warehouse.rglob("*") if path.is_file()),
        pace=_pace(done),
    )


def _done(status: Path, last: int) -> int:
    """Seeds done, as the command says; as before, while it has not said yet."""
    return int(json.loads(status.read_bytes())["done"]) if status.exists() else last


def _pace(done: Sequence[tuple[float, int]]) -> float:
    """From a tenth to nine tenths of what was done; what an earlier command did counts not."""
    first, total = done[1][1], done[-1][1]
    marks = (first + share * (total - first) for share in (0.1, 0.9))
    begin, end = (next((t, n) for t, n in done if n >= mark) for mark in marks)
    return (end[1] - begin[1]) / max(end[0] - begin[0], _TICK)
