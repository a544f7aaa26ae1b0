"""CPU per MX query: the bulk resolver beside a plain aiodns loop, on the same NSD.

    python -m scripts.bench.dns_client [--questions 50000] [--profile]

NSD runs on loopback in its own processes; only this process's CPU time (user and system) is
counted. Batches of one question, as many at once as --at-once says, on uvloop. Every answer is
checked. The ratio tells how much cheaper the bulk resolver is.
"""

import argparse
import asyncio
import contextlib
import cProfile
import gc
import os
import pstats
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiodns
import pycares
import uvloop

from stages.dns.answer import Question, RRType
from stages.dns.client import UdpResolver

_CONFIG = """\
server:
    ip-address: 127.0.0.1
    port: {port}
    username: ""
    chroot: ""
    zonesdir: "{place}"
    pidfile: "{place}/nsd.pid"
    database: ""
    zonelistfile: "{place}/zone.list"
    xfrdfile: "{place}/xfrd.state"
    xfrdir: "{place}"
    rrl-ratelimit: 0
    minimal-responses: yes
remote-control:
    control-enable: no
zone:
    name: example
    zonefile: example.zone
"""
_ZONE_HEAD = "$ORIGIN example.\n$TTL 300\n@ IN SOA ns h 1 2 3 4 60\n@ NS ns\n"
_REINIT_AFTER = 4000  # c-ares caches without bound otherwise

Ask = Callable[[str], Awaitable[bool]]
"""Asks for the MX of a name; whether the answer is right."""


@contextlib.contextmanager
def served(names: list[str]) -> Iterator[int]:
    """The port of an NSD that has two MX records for every name."""
    program = shutil.which("nsd") or shutil.which("nsd", path="/usr/sbin")
    if program is None:
        raise SystemExit("NSD is not installed: apt-get install nsd")
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        lines = (f"{name}. MX 10 mx1.{name}.\n{name}. MX 20 mx2.{name}.\n" for name in names)
        Path(place, "example.zone").write_text(_ZONE_HEAD + "".join(lines))
        config = Path(place, "nsd.conf")
        config.write_text(_CONFIG.format(port=port, place=place))
        command = [program, "-d", "-c", str(config)]
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[-1:])
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603  (our own)
        os.sched_setaffinity(0, cores[:1])
        try:
            yield port
        finally:
            process.terminate()
            process.wait()


async def until_ready(port: int, name: str) -> None:
    """Wait until NSD has loaded its zone."""
    async with UdpResolver([("127.0.0.1", port)]) as resolver:
        for _ in range(600):
            (answer,) = await resolver.ask([Question(name, RRType.MX)])
            if answer.records:
                return
            await asyncio.sleep(0.1)
    raise SystemExit("NSD does not answer")


async def run(ask: Ask, names: list[str], at_once: int) -> tuple[float, float]:
    """CPU seconds and wall seconds for all names; SystemExit if an answer is wrong."""
    work = iter(names)
    right = 0

    async def worker() -> None:
        nonlocal right
        for name in work:
            answered_right = await ask(name)
            right += answered_right

    gc.collect()
    wall, cpu = time.perf_counter(), _cpu()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    cpu, wall = _cpu() - cpu, time.perf_counter() - wall
    if right != len(names):
        raise SystemExit(f"{len(names) - right} of {len(names)} answers are wrong")
    return cpu, wall


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def bulk(port: int, names: list[str], at_once: int) -> tuple[float, float]:
    """The bulk resolver."""
    async with UdpResolver([("127.0.0.1", port)]) as resolver:

        async def ask(name: str) -> bool:
            (answer,) = await resolver.ask([Question(name, RRType.MX)])
            return len(answer.records) == 2

        return await run(ask, names, at_once)


async def plain_aiodns(port: int, names: list[str], at_once: int) -> tuple[float, float]:
    """One aiodns resolver, its cache emptied now and then."""
    flags = pycares.ARES_FLAG_EDNS
    async with aiodns.DNSResolver(
        [f"127.0.0.1:{port}"], timeout=5, tries=3, flags=flags
    ) as resolver:
        asked = 0

        async def ask(name: str) -> bool:
            nonlocal asked
            asked += 1
            if asked % _REINIT_AFTER == 0:
                resolver._channel.reinit()  # noqa: SLF001
            return len((await resolver.query_dns(name, "MX")).answer) == 2

        return await run(ask, names, at_once)


def main() -> None:
    """Serve, measure both, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=50_000)
    parser.add_argument("--at-once", type=int, default=500)
    parser.add_argument("--profile", action="store_true", help="profile the bulk resolver instead")
    options = parser.parse_args()
    names = [f"domain-{number:07}.example" for number in range(options.questions)]
    with served(names) as port:
        uvloop.run(until_ready(port, names[-1]))
        if options.profile:
            profile = cProfile.Profile()
            profile.runcall(uvloop.run, bulk(port, names, options.at_once))
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)
            return
        micros = {}
        for measured in (bulk, plain_aiodns):
            cpu, wall = uvloop.run(measured(port, names, options.at_once))
            micros[measured] = cpu / len(names) * 1e6
            rate = len(names) / wall
            print(f"{measured.__name__:13} {micros[measured]:6.1f} us CPU/query {rate:8,.0f} q/s")
        print(f"ratio         {micros[plain_aiodns] / micros[bulk]:6.1f}")


if __name__ == "__main__":
    main()
