"""The crawl, from the command to the last commit.

Rounds of the frontier until it is empty: the first round streams the seeds, the next finds
what streaming could not see, normally nothing.
"""

import asyncio
import gc
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext

from pipeline.display import Display
from pipeline.frontier import Claims, committed, frontier, seed_keys
from pipeline.graph import References
from pipeline.identity import confirm_identity
from pipeline.instruments import Tables, check_nameservers, nodes, open_prober, open_resolver
from pipeline.journal import Journal
from pipeline.metrics import served
from pipeline.ownership import WHOLE, Share
from pipeline.progress import Earlier, Progress, Snapshot
from pipeline.runner import Runner
from pipeline.settings import Settings, server
from pipeline.sink import Sink
from schemas import DOMAINS

_LOG = logging.getLogger(__name__)
_TICK = 0.25


Again = Callable[[int], Awaitable[bool]]
"""Told how many references a worker's round took; whether others may have found more for it."""


async def _alone(_: int) -> bool:
    return False


async def crawl(  # noqa: PLR0913 - what a crawl needs, each once
    journal: Journal,
    settings: Settings,
    tables: Tables,
    display: Display,
    *,
    earlier: Earlier,
    share: Share = WHOLE,
    again: Again = _alone,
) -> bool:
    """Work off a share of the frontier of a run whose seeds are folded; False if stopped before.

    ConfigError if no nameserver answers, or our name does not lead to us; OSError if the
    warehouse cannot be written, after which the same command resumes from the last commit.
    """
    async with open_resolver(settings) as resolver:
        await check_nameservers(resolver, settings)
        await confirm_identity(settings, resolver)
        seeds = seed_keys(journal.run)
        stages = nodes(settings, resolver, open_prober(settings), tables)
        filled = {node.table for node in stages}
        references = References(seeds, settings.smtp_port, share, filled)
        claims = committed(journal, share)
        sink = Sink(journal, share.worker)
        gc.collect()
        gc.freeze()  # what is there now stays
        async with Runner(stages, references, claims, sink) as runner:
            progress = Progress(
                journal.run.id, sink, runner.lanes, len(seeds), resolver.health, earlier
            )
            watch = _Watch(progress, display)
            rounds = _rounds(runner, journal, references, claims, sink, again)
            with metrics(settings, lambda: watch.last):
                complete = await _guarded(runner, rounds, watch, sink, settings)
        await sink.commit()
        watch.show("complete" if complete else "stopped")
        return complete


def metrics(
    settings: Settings, last: Callable[[], Snapshot | None]
) -> AbstractContextManager[None]:
    """Serve Prometheus while the block lasts, if that is wanted."""
    return served(server(settings.metrics), last) if settings.metrics else nullcontext()


async def _rounds(  # noqa: PLR0913, PLR0917 - the parts of a crawl
    runner: Runner,
    journal: Journal,
    references: References,
    claims: Claims,
    sink: Sink,
    again: Again,
) -> bool:
    """Go round the frontier until nothing is missing; False if stopped before."""
    total = 0
    while not runner.stopping:
        fed = await runner.work_off(frontier(journal, references, claims[DOMAINS]))
        await sink.commit()
        total += fed
        if fed or runner.stopping:
            _LOG.info("a round of the frontier took %d references", fed)
            continue
        if not await again(total):
            return not runner.stopping
        journal.reload()
        total = 0
    return False


async def _guarded(
    runner: Runner,
    rounds: Coroutine[None, None, bool],
    watch: "_Watch",
    sink: Sink,
    settings: Settings,
) -> bool:
    """Run the rounds beside commits and signals; whichever ends first ends all."""
    signalled = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, signalled.set)
    crawling = asyncio.create_task(rounds)
    tending = asyncio.create_task(_tend(watch, sink, settings))
    waiting = asyncio.create_task(signalled.wait())
    try:
        await asyncio.wait({crawling, tending, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not crawling.done():
            watch.show("stopping")
            await runner.stop(settings.stop_grace)
        if tending.done():
            tending.result()  # raises: all that ends it early is a failed commit
        return await crawling
    finally:
        for task in (crawling, tending, waiting):
            task.cancel()
        await asyncio.gather(crawling, tending, waiting, return_exceptions=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _tend(watch: "_Watch", sink: Sink, settings: Settings) -> None:
    """Show the run and commit when a part is full or old enough."""
    committed_at = time.monotonic()
    while True:
        await asyncio.sleep(_TICK)
        watch.show("crawling")
        old = time.monotonic() - committed_at >= settings.commit_seconds
        if old or sink.pending >= settings.commit_rows:
            await sink.commit()
            committed_at = time.monotonic()


class _Watch:
    """Takes snapshots, shows them and keeps the last."""

    def __init__(self, progress: Progress, display: Display) -> None:
        self._progress = progress
        self._display = display
        self.last: Snapshot | None = None

    def show(self, state: str) -> None:
        """Take a snapshot and show it."""
        self.last = self._progress.snapshot(state)
        self._display.show(self.last)
