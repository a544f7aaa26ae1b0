"""CPU per query: the bulk resolver beside a plain aiodns loop, on the same NSD.

    python -m scripts.bench.dns_client [--domains 20000] [--runs 5] [--mix mx|domain] [--unpinned]
    python -m scripts.bench.dns_client --delay 0.03 --loss 0.01
    python -m scripts.bench.dns_client --profile

The mix mx asks for MX only, domain the three questions of a census (MX, TXT, TXT at _dmarc), as
one ask. The server has the last core to itself, the client the first, unless told otherwise. Only
CPU time (user and system) of the client counts. Every answer is checked: a wrong one of ours ends
the run, those of others are counted (c-ares gives up early on a busy machine). The clients take
turns, so that a noisy machine is noisy for all; medians and their ratios are printed.

With delay or loss, both are measured against a responder with and without them: queries a second
between a tenth and nine tenths of the answers, and how many questions ended without an answer.
"""

import argparse
import asyncio
import cProfile
import gc
import os
import pstats
import resource
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import NamedTuple

import aiodns
import pycares
import uvloop

from schemas.outcomes import Outcome
from scripts.bench.machine import beside
from scripts.world.nsd import free_port, nsd
from stages.dns.answer import Question, RRType
from stages.dns.client import UdpResolver
from stages.dns.settings import UdpSettings

_HEAD = "$ORIGIN example.\n$TTL 300\n@ IN SOA ns h 1 2 3 4 60\n@ NS ns\n"
_REINIT_AFTER = 4000  # c-ares caches without bound otherwise
_AT_ONCE = 500

Ask = Callable[[str], Awaitable[bool]]
"""Asks the questions of a domain; whether the answers are right."""
Mix = Callable[[str], list[Question]]


class Cost(NamedTuple):
    """What one run of a client took."""

    seconds: float
    """CPU time."""
    wrong: int
    """Domains that were answered wrong."""


def _mx(domain: str) -> list[Question]:
    return [Question(domain, RRType.MX)]


def _domain(domain: str) -> list[Question]:
    dmarc = Question(f"_dmarc.{domain}", RRType.TXT)
    return [Question(domain, RRType.MX), Question(domain, RRType.TXT), dmarc]


_MIXES: dict[str, Mix] = {"mx": _mx, "domain": _domain}


def zone(domains: Sequence[str]) -> str:
    """Two MX and a TXT record each, DMARC for every other one: the rest is NXDOMAIN."""
    lines = [
        f'{name}. MX 10 mx1.{name}.\n{name}. MX 20 mx2.{name}.\n{name}. TXT "v=spf1 mx -all"\n'
        + (f'_dmarc.{name}. TXT "v=DMARC1; p=none"\n' if number % 2 else "")
        for number, name in enumerate(domains)
    ]
    return _HEAD + "".join(lines)


async def run(ask: Ask, domains: Sequence[str], at_once: int) -> Cost:
    """What all domains cost."""
    work = iter(domains)
    wrong = 0

    async def worker() -> None:
        nonlocal wrong
        for name in work:
            if not await ask(name):
                wrong += 1

    gc.collect()
    before = _cpu(resource.RUSAGE_SELF)
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return Cost(_cpu(resource.RUSAGE_SELF) - before, wrong)


def _cpu(whose: int) -> float:
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime


async def bulk(port: int, domains: Sequence[str], mix: Mix) -> Cost:
    """The bulk resolver."""
    async with UdpResolver([("127.0.0.1", port)]) as resolver:

        async def ask(name: str) -> bool:
            answers = await resolver.ask(mix(name))
            for answer in answers:
                if not answer.query.outcome.answered:
                    return False
            return len(answers[0].records) == 2

        return await run(ask, domains, _AT_ONCE)


async def plain_aiodns(port: int, domains: Sequence[str], mix: Mix) -> Cost:
    """One aiodns resolver, its cache emptied now and then."""
    async with aiodns.DNSResolver(
        [f"127.0.0.1:{port}"], timeout=5, tries=3, flags=pycares.ARES_FLAG_EDNS
    ) as resolver:
        asked = 0

        async def query(question: Question) -> int:
            nonlocal asked
            asked += 1
            if asked % _REINIT_AFTER == 0:
                resolver._channel.reinit()  # noqa: SLF001
            try:
                return len((await resolver.query_dns(question.name, question.type.name)).answer)
            except aiodns.error.DNSError:
                return 0

        async def ask(name: str) -> bool:
            first, *_ = [await query(question) for question in mix(name)]
            return first == 2

        return await run(ask, domains, _AT_ONCE)


def compare(domains: Sequence[str], mix: Mix, runs: int, prefix: Sequence[str]) -> None:
    """Print the medians of all clients, and their ratios to the first, which may not err."""
    clients: dict[str, Callable[[int], Cost]] = {
        "bulk": lambda port: uvloop.run(bulk(port, domains, mix)),
        "aiodns": lambda port: uvloop.run(plain_aiodns(port, domains, mix)),
    }
    count = sum(len(mix(name)) for name in domains)
    micros: dict[str, list[float]] = {name: [] for name in clients}
    wrong = dict.fromkeys(clients, 0)
    with nsd({"example": zone(domains)}, prefix=prefix) as server:
        for _ in range(runs):
            for name, client in clients.items():
                cost = client(server.port)
                micros[name].append(cost.seconds / count * 1e6)
                wrong[name] += cost.wrong
    if wrong["bulk"]:
        raise SystemExit(f"{wrong['bulk']} domains were answered wrong")
    ours = micros["bulk"]
    print(f"{count:,} queries, {runs} runs: us CPU/query, median (least-most); times bulk")
    for name, taken in micros.items():
        ratio = median(other / own for other, own in zip(taken, ours, strict=True))
        spread = f"({min(taken):.1f}-{max(taken):.1f})"
        print(
            f"{name:8} {median(taken):6.1f} {spread:14} {ratio:5.2f}  {wrong[name]} domains wrong"
        )


@contextmanager
def responder(delay: float, loss: float, prefix: Sequence[str]) -> Iterator[int]:
    """The port of a responder in a process of its own."""
    port = free_port()
    words = ("scripts.bench.dns_responder", port, "--delay", delay, "--loss", loss)
    with beside(prefix, *words):
        yield port


async def pace(port: int, domains: Sequence[str], at_once: int) -> tuple[float, int, int]:
    """Queries a second in the middle of a run, questions without an answer, questions resent."""
    settings = UdpSettings(max_in_flight=at_once, per_server=at_once, attempts=6)
    times: list[float] = []
    unanswered = resent = 0
    work = iter(domains)
    async with UdpResolver([("127.0.0.1", port)], settings) as resolver:

        async def worker() -> None:
            nonlocal unanswered, resent
            for name in work:
                (answer,) = await resolver.ask(_mx(name))
                unanswered += answer.outcome is not Outcome.OK
                resent += answer.query.attempts > 1
                times.append(time.perf_counter())

        await asyncio.gather(*(worker() for _ in range(at_once)))
    tenth = len(times) // 10
    return 8 * tenth / (times[9 * tenth] - times[tenth]), unanswered, resent


def endure(
    domains: Sequence[str], delay: float, loss: float, runs: int, prefix: Sequence[str]
) -> None:
    """Print the pace without and with delay and loss."""
    ratios = []
    for _ in range(runs):
        rates = []
        for conditions, at_once in (((0.0, 0.0), 4 * _AT_ONCE), ((delay, loss), 4 * _AT_ONCE)):
            with responder(*conditions, prefix) as port:
                rate, unanswered, resent = uvloop.run(pace(port, domains, at_once))
            rates.append(rate)
            print(
                f"delay {conditions[0] * 1000:3.0f} ms, loss {conditions[1]:.1%}, {at_once} at "
                f"once: {rate:8,.0f} q/s, {resent} sent again, {unanswered} without an answer"
            )
        ratios.append(rates[1] / rates[0])
    print(f"ratio {median(ratios):.2f} (median; {min(ratios):.2f}-{max(ratios):.2f})")


def main() -> None:
    """Choose what to measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--domains", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--mix", choices=_MIXES, default="domain")
    parser.add_argument("--unpinned", action="store_true", help="leave cores to the kernel")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds")
    parser.add_argument("--loss", type=float, default=0.0, help="share of the answers")
    parser.add_argument("--profile", action="store_true", help="profile the bulk resolver instead")
    options = parser.parse_args()
    domains = [f"domain-{number:07}.example" for number in range(options.domains)]
    cores = sorted(os.sched_getaffinity(0))
    prefix = [] if options.unpinned else ["taskset", "-c", str(cores[-1])]
    if not options.unpinned:
        os.sched_setaffinity(0, cores[:1])
    if options.delay or options.loss:
        endure(domains, options.delay, options.loss, options.runs, prefix)
    elif options.profile:
        profile = cProfile.Profile()
        with nsd({"example": zone(domains)}, prefix=prefix) as server:
            profile.runcall(uvloop.run, bulk(server.port, domains, _MIXES[options.mix]))
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    else:
        compare(domains, _MIXES[options.mix], options.runs, prefix)


if __name__ == "__main__":
    main()
