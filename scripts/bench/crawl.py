"""CPU and memory of a whole crawl, SMTP off, against NSD on the other core.

Usage: python -m scripts.bench.crawl [--domains N]… [--seed S]

Serves a made-up world of N domains from NSD (pinned to core 0), crawls it with the real command
(pinned to core 1), Parquet committed, and prints a line a size: CPU of the command per question
that NSD was sent and per seed, peak memory, wall time. Several sizes show how cost and memory grow.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click

from scripts.world.files import write_world
from scripts.world.nsd import nsd
from scripts.world.population import make
from scripts.world.zones import write

_NSD, _COMMAND = ("taskset", "-c", "0"), ("taskset", "-c", "1")


class Figures(NamedTuple):
    """What one crawl took."""

    domains: int
    questions: int
    cpu: float
    """Seconds, user and system."""
    wall: float
    """Seconds."""
    memory: int
    """Peak resident bytes."""


def measure(domains: int, seed: int) -> Figures:
    """Crawl a world of that many domains."""
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        directory = Path(place)
        _make(domains, seed, directory)
        with nsd({".": directory / "world.zone"}, prefix=_NSD) as server:
            before = server.queries()
            began = time.monotonic()
            used = _crawl(directory, f"{server.address}:{server.port}")
            wall = time.monotonic() - began
            questions = server.queries() - before
    return Figures(domains, questions, used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024)


def _make(domains: int, seed: int, directory: Path) -> None:
    """In a process of its own: the memory of a world is not ours to keep."""
    code = (
        "import sys; from pathlib import Path; from scripts.bench.crawl import write_files; "
        "write_files(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))"
    )
    command = [sys.executable, "-c", code, str(domains), str(seed), str(directory)]
    subprocess.run(command, check=True)  # noqa: S603


def write_files(domains: int, seed: int, directory: Path) -> None:
    """Zone file and seed list of a world."""
    world = make(domains, seed)
    write_world(world, directory)
    write(world, directory, port=0)


def _crawl(directory: Path, nameserver: str) -> resource.struct_rusage:
    words = [
        *_COMMAND, str(Path(sys.executable).with_name("mailcensus")),
        "crawl", str(directory / "seeds.csv"), "--warehouse", str(directory / "warehouse"),
        "--run", "bench", "--exact", "--scope", "loopback", "--nameserver", nameserver, "--no-smtp",
    ]  # fmt: skip
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"the crawl ended with status {os.waitstatus_to_exitcode(status)}")
    return used


@click.command()
@click.option("--domains", multiple=True, type=int, default=(10_000, 30_000, 100_000))
@click.option("--seed", default=1)
def main(domains: tuple[int, ...], seed: int) -> None:
    """Print a line a size."""
    print("domains  questions  CPU us/question  CPU us/seed  peak MB  wall s")
    for size in domains:
        f = measure(size, seed)
        print(
            f"{f.domains:7,}  {f.questions:9,}  {1e6 * f.cpu / f.questions:15.1f}"
            f"  {1e6 * f.cpu / f.domains:11.0f}  {f.memory / 1e6:7.0f}  {f.wall:6.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
