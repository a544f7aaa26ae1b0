"""Several processes on one run: the parent sees to them, each worker crawls the keys it owns.

A round is every worker's crawl to the end of what it can see; then all read what the others
have committed. Rounds go on until one finds nothing to do. A worker that dies is begun again
and loses what it had not committed. The parent takes no part in the crawl: it shows one
picture, passes signals on, and has the last word.
"""

import asyncio
import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import NamedTuple, NoReturn

import uvloop

from pipeline.cli import Exit
from pipeline.crawl import crawl, metrics
from pipeline.display import Display, StatusFile
from pipeline.errors import ConfigError
from pipeline.footprint import lighten
from pipeline.instruments import open_tables
from pipeline.journal import Commit, Journal
from pipeline.logs import log_to
from pipeline.ownership import Share
from pipeline.progress import Earlier, Snapshot, merged
from pipeline.settings import Settings
from pipeline.warehouse import Run, Warehouse

_LOG = logging.getLogger(__name__)
_LIVES = 20
"""Times that workers may die in one command before it gives up."""
_TICK = 0.25
_PR_SET_PDEATHSIG = 1


class WorkersError(ConfigError):
    """Workers that cannot go on; what they said stands above."""


class _Worker:
    """A worker as its parent sees it."""

    def __init__(self, run: Run, settings: Settings, share: Share) -> None:
        self.share = share
        self.fed: int | None = None
        """References that its last round took; None while it is at one."""
        self.heard: float | None = None
        """When it last said how it does; None until it did."""
        self.silent = 0
        """Ticks since then, or since it began."""
        self.status = _status(run, share.worker)
        if run.warehouse.exists(self.status):
            run.warehouse.remove(self.status)  # of an earlier life; what it committed is counted
        context = multiprocessing.get_context("spawn")
        self.ours, theirs = context.Pipe()
        part = {"dns_in_flight": max(1, settings.dns_in_flight // share.workers), "metrics": None}
        life = _Life(
            run.warehouse.location, run.id, settings.model_copy(update=part), share, os.getpid()
        )
        self.process = context.Process(target=_work, args=(life, theirs, self.status))
        self.process.start()
        theirs.close()

    def listen(self) -> None:
        """Take its word that a round is over."""
        with suppress(EOFError):
            if self.ours.poll():
                self.fed = self.ours.recv()

    def answer(self, *, again: bool) -> None:
        """Have it go another round, or end."""
        self.fed = None
        with suppress(OSError):
            self.ours.send(again)


class _Crew:
    """The workers of one run."""

    def __init__(self, run: Run, settings: Settings, display: Display) -> None:
        self._run = run
        self._settings = settings
        self._display = display
        self._commits: list[Commit] = []
        """Those there were when the latest worker began."""
        self._began = time.monotonic()
        self._lives = _LIVES
        self._told = False
        self._workers: list[_Worker] = []
        self.stopping = False
        self.last: Snapshot | None = None

    def crawl(self) -> None:
        """Begin the workers and see to them until all have ended."""
        self._workers = [
            self._begin(Share(number, self._settings.workers))
            for number in range(self._settings.workers)
        ]
        try:
            while self._workers:
                time.sleep(_TICK)
                self._tell()
                self.show("stopping" if self.stopping else "crawling")
                self._rouse()
                for worker in [each for each in self._workers if not each.process.is_alive()]:
                    self._bury(worker)
                self._end_of_round()
        finally:
            for worker in self._workers:
                worker.process.kill()
                worker.process.join()

    def _begin(self, share: Share) -> _Worker:
        worker = _Worker(self._run, self._settings, share)
        self._commits = Journal.load(self._run).commits
        return worker

    def _end_of_round(self) -> None:
        for worker in self._workers:
            worker.listen()
        rounds = [worker.fed for worker in self._workers]
        if rounds and None not in rounds:
            for worker in self._workers:
                worker.answer(again=any(rounds))

    def _tell(self) -> None:
        """Pass on, once, that it is time to stop."""
        if self.stopping and not self._told:
            self._told = True
            for worker in self._workers:
                worker.process.terminate()
                worker.answer(again=False)

    def _rouse(self) -> None:
        """Kill who has not stirred for long, in ticks of ours: held up with us, nobody is late."""
        snapshots = dict(self._snapshots())
        for worker in self._workers:
            snapshot = snapshots.get(worker.share.worker)
            if snapshot and snapshot.updated != worker.heard:
                worker.heard, worker.silent = snapshot.updated, 0
            worker.silent += 1
            if worker.silent * _TICK >= self._settings.worker_patience:
                _LOG.error("worker %d is stuck", worker.share.worker)
                worker.process.kill()

    def _bury(self, worker: _Worker) -> None:
        """See what a worker ended with; begin it again if it died."""
        self._workers.remove(worker)
        status = worker.process.exitcode
        if status == Exit.WRONG_USE:
            raise WorkersError(f"worker {worker.share.worker} cannot go on")
        self.stopping = self.stopping or status == Exit.STOPPED
        if status in (Exit.COMPLETE, Exit.STOPPED) or self.stopping:
            return
        self._lives -= 1
        if not self._lives:
            raise WorkersError(f"workers died {_LIVES} times; see {self._run.folder}/crawl.log")
        _LOG.error("worker %d died (%s): begun again", worker.share.worker, status)
        self._workers.append(self._begin(worker.share))

    def show(self, state: str) -> None:
        """Show the whole run."""
        snapshots = dict(self._snapshots())
        if snapshots:
            # Each counts what it committed in earlier lives and commands; of the others we do.
            silent = Earlier.of(c for c in self._commits if c.worker not in snapshots)
            elapsed = time.monotonic() - self._began
            self.last = replace(merged([*snapshots.values()], state, silent), elapsed=elapsed)
            self._display.show(self.last)

    def _snapshots(self) -> Iterator[tuple[int, Snapshot]]:
        """By worker, the last word of each that has spoken since it began, ended ones too."""
        warehouse = self._run.warehouse
        for number in range(self._settings.workers):
            path = _status(self._run, number)
            if warehouse.exists(path):
                yield number, Snapshot.decode(warehouse.read(path))


def _status(run: Run, worker: int) -> str:
    return f"{run.folder}/status-{worker}.json"


def crawl_in_workers(run: Run, settings: Settings, display: Display) -> bool:
    """Crawl a run whose seeds are folded; False if stopped before its end."""
    crew = _Crew(run, settings, display)
    with _stopped_by_signals(crew), metrics(settings, lambda: crew.last):
        crew.crawl()
        crew.show("stopped" if crew.stopping else "complete")
    return not crew.stopping


class _Life(NamedTuple):
    """What a worker's process is given."""

    location: str
    run: str
    settings: Settings
    share: Share
    parent: int


def _work(life: _Life, parent: "Connection[int, bool]", status: str) -> None:
    """A worker's whole life, in a process of its own."""
    _die_with(life.parent)
    lighten()
    run = Warehouse.at(life.location).run(life.run)
    log_to(run, as_json=life.settings.log_json)

    async def again(fed: int) -> bool:
        parent.send(fed)
        return await asyncio.to_thread(parent.recv)

    try:
        journal = Journal.load(run)
        journal.sweep(life.share.worker)
        work = crawl(
            journal,
            life.settings,
            open_tables(life.settings),
            StatusFile(run.warehouse, status),
            earlier=Earlier.of(c for c in journal.commits if c.worker == life.share.worker),
            share=life.share,
            again=again,
        )
        complete = uvloop.run(work)
    except ConfigError as error:
        _end(f"mailcensus: {error}", Exit.WRONG_USE)
    except OSError as error:
        _end(f"mailcensus: {error}; what was committed stays", Exit.STOPPED)
    sys.exit(Exit.COMPLETE if complete else Exit.STOPPED)


def _end(message: str, status: int) -> NoReturn:
    sys.stderr.write(f"{message}\n")
    sys.exit(status)


def _die_with(parent: int) -> None:
    """An orphan would write beside the next command: the system kills it with its parent."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def _stopped_by_signals(crew: _Crew) -> Iterator[None]:
    def stop(*_: object) -> None:
        crew.stopping = True

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
