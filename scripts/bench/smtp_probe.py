"""Cost of an SMTP probe on one core, beside stock aiosmtplib doing the same dialogue.

    python -m scripts.bench.smtp_probe [--probes 3000] [--at-once 50] [--runs 3]

Both talk to the same server of the world, which runs in a process and on a core of its own:
banner, EHLO, STARTTLS, handshake (a leaf and an intermediate, ECDSA P-256), EHLO, QUIT, on uvloop
with one shared TLS context. The probe also keeps the bytes, judges them and makes the row. They
take turns; medians of the runs count.
"""

import argparse
import asyncio
import multiprocessing
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from multiprocessing.connection import Connection
from statistics import median

import uvloop
from aiosmtplib import SMTP

from scripts.bench.machine import description, pin
from scripts.world.ca import Authority
from scripts.world.model import CertificateSpec, CertificateState, MailServer
from scripts.world.smtp import SmtpWorld
from stages.enrich.special import Scope
from stages.smtp.probe import Prober, ProbeSettings
from stages.smtp.stage import SmtpStage, Target
from stages.smtp.tls import client_context

ADDRESS = "127.1.0.1"
HOST = "mx.example.net"
Act = Callable[[], Awaitable[object]]


async def _serve(pipe: Connection) -> None:
    authority = Authority([CertificateSpec("leaf", (HOST,), CertificateState.TRUSTED)])
    server = MailServer(ADDRESS, f"{HOST} ESMTP Postfix", HOST, certificate="leaf")
    async with SmtpWorld([server], authority) as world:
        pipe.send(world.port)
        await asyncio.to_thread(pipe.recv)


def _run_server(pipe: Connection) -> None:
    pin(-1)
    uvloop.run(_serve(pipe))


def _probe(port: int, context: ssl.SSLContext) -> Act:
    stage = SmtpStage(Prober(ProbeSettings("census.example.org", Scope.LOOPBACK), context))
    target = Target(ADDRESS, port, HOST)

    async def act() -> None:
        row = (await stage(target)).rows[0]
        assert "ok" in row, row

    return act


def _stock(port: int, context: ssl.SSLContext) -> Act:
    async def act() -> None:
        client = SMTP(
            hostname=ADDRESS,
            port=port,
            start_tls=False,
            tls_context=context,
            local_hostname="census.example.org",
        )
        await client.connect()
        await client.ehlo()
        await client.starttls(server_hostname=HOST)
        await client.ehlo()
        await client.quit()

    return act


async def _measure(act: Act, probes: int, at_once: int) -> tuple[float, float]:
    """Probes a second, and CPU milliseconds of this process a probe."""

    async def work(numbers: Iterator[int]) -> None:
        for _ in numbers:
            await act()

    start, cpu = time.perf_counter(), time.process_time()
    numbers = iter(range(probes))
    await asyncio.gather(*(work(numbers) for _ in range(at_once)))
    spent = time.process_time() - cpu
    return probes / (time.perf_counter() - start), spent * 1000 / probes


def compare(probes: int, at_once: int, runs: int) -> None:
    """Measure both in turn, after a few probes to warm up, and print medians and their ratio."""
    spawn = multiprocessing.get_context("spawn")
    pipe, far_pipe = spawn.Pipe()
    server = spawn.Process(target=_run_server, args=(far_pipe,))
    server.start()
    try:
        port = pipe.recv()
        pin(0)
        context = client_context()
        acts = {"stock": _stock(port, context), "probe": _probe(port, context)}
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in acts}
        for _ in range(runs):
            for name, act in acts.items():
                uvloop.run(_measure(act, probes // 10, at_once))
                taken[name].append(uvloop.run(_measure(act, probes, at_once)))
        for name, figures in taken.items():
            rate, cpu = (median(values) for values in zip(*figures, strict=True))
            print(f"{name}: {rate:,.0f} probes/s, {cpu:.2f} ms CPU a probe")
        pairs = zip(taken["probe"], taken["stock"], strict=True)
        ratio = median(own[1] / other[1] for own, other in pairs)
        print(f"probe / stock: {ratio:.2f} of the CPU")
    finally:
        pipe.send(None)
        server.join()


def main() -> None:
    """Choose how many probes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--probes", type=int, default=3000)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(description())
    compare(options.probes, options.at_once, options.runs)


if __name__ == "__main__":
    main()
