"""The crawl, from the command to the last commit.

Rounds of the frontier until it is empty: the first round streams the seeds, the next finds
what streaming could not see, normally nothing.
"""

import asyncio
import gc
import logging
import signal
import time
from collections.abc import Coroutine
from contextlib import AbstractContextManager, nullcontext

from pipeline.display import Display
from pipeline.frontier import Claims, committed, frontier, seed_keys
from pipeline.graph import References
from pipeline.instruments import Tables, check_nameservers, nodes, open_prober, open_resolver
from pipeline.journal import Journal
from pipeline.metrics import served
from pipeline.progress import Progress, Snapshot
from pipeline.runner import Runner
from pipeline.settings import Settings, server
from pipeline.sink import Sink
from pipeline.warehouse import Run

_LOG = logging.getLogger(__name__)
_TICK = 0.25
_STATUS_SECONDS = 2.0


async def crawl(journal: Journal, settings: Settings, tables: Tables, display: Display) -> bool:
    """Work off the frontier of a run whose seeds are folded; False if stopped before its end.

    ConfigError if no nameserver answers; OSError if the warehouse cannot be written, after
    which the same command resumes from the last commit.
    """
    async with open_resolver(settings) as resolver:
        await check_nameservers(resolver, settings)
        seeds = seed_keys(journal.run)
        references = References(seeds, settings.smtp_port)
        claims = committed(journal)
        sink = Sink(journal)
        stages = nodes(settings, resolver, open_prober(settings), tables)
        _calm_collector()
        async with Runner(stages, references, claims, sink) as runner:
            progress = Progress(journal, sink, runner.lanes, len(seeds), resolver.health)
            watch = _Watch(journal.run, progress, display)
            rounds = _rounds(runner, journal, references, claims, sink)
            with (
                served(server(settings.metrics), lambda: watch.last)
                if settings.metrics
                else nullcontext()
            ):
                complete = await _guarded(runner, rounds, watch, sink, settings)
        await sink.commit()
        watch.show("complete" if complete else "stopped")
        return complete


def _metrics(settings: Settings, watch: "_Watch") -> AbstractContextManager[None]:
    if settings.metrics is None:
        return nullcontext()
    return served(server(settings.metrics), lambda: watch.last)


def _calm_collector() -> None:
    """Rows in waiting are many and hold no cycles; to search them took a quarter of the CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


async def _rounds(
    runner: Runner, journal: Journal, references: References, claims: Claims, sink: Sink
) -> bool:
    """Go round the frontier until nothing is missing; False if stopped before."""
    while not runner.stopping:
        fed = await runner.work_off(frontier(journal, references, claims))
        await sink.commit()
        if not fed and not runner.stopping:
            return True
        _LOG.info("a round of the frontier took %d references", fed)
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
    """Shows snapshots, and keeps status.json current."""

    def __init__(self, run: Run, progress: Progress, display: Display) -> None:
        self._run = run
        self._progress = progress
        self._display = display
        self._state = ""
        self._written = 0.0
        self.last: Snapshot | None = None

    def show(self, state: str) -> None:
        """Take a snapshot and show it where it is due."""
        self.last = snapshot = self._progress.snapshot(state)
        self._display.show(snapshot)
        if state != self._state or snapshot.elapsed - self._written >= _STATUS_SECONDS:
            self._run.warehouse.write(self._run.status, snapshot.encode())
            self._state, self._written = state, snapshot.elapsed
