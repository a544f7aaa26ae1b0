"""Runs stages over items: bounded queues, workers, retries, a clean stop.

Each stage has a lane: a bounded queue and a fixed number of workers. What a lane finds for
itself (SPF includes) goes into a second, unbounded queue with workers of its own: a cycle of
bounded queues locks up. Every key is claimed once, so even that queue is bounded by the
number of names there are.

Evidence that a stage hands on (`Emit.next`: a TXT answer, a certificate) could not be had again
without asking again, so it is worked off at once and its row stored together with the rows
of the stage that found it.
"""

import asyncio
import heapq
import logging
import time
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

from pipeline.backlog import Backlog
from pipeline.frontier import Claims
from pipeline.graph import (
    OUTCOME,
    SELF_FEEDING,
    Node,
    Reference,
    References,
    transient,
    with_attempts,
)
from pipeline.keys import key_hash
from pipeline.sink import Sink
from schemas.bug import bug_row
from schemas.outcomes import FetchOutcome, ProbeOutcome
from schemas.smtp import Smtp
from schemas.sts_policies import PolicyFetch
from schemas.table import Table
from stages.dns.answer import Answer
from stages.stage import Emit

_LOG = logging.getLogger(__name__)
_DEFERRED_MAX = 100_000


class Lane:
    """A node at work."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.queue: Backlog[Reference] = Backlog(max(1, 2 * node.workers))
        self.recursion: Backlog[Reference] = Backlog()
        self.busy = 0
        self.due: list[tuple[float, int, Reference]] = []
        """A heap of what shall be tried once more, and when."""
        self.tried: dict[str, Emit] = {}
        """By key: what came of the first try of what is due, or under way once more."""
        self.outcomes: Counter[str] = Counter()
        """Rows stored, by outcome."""

    @property
    def deferred(self) -> int:
        """Items that wait for their second try."""
        return len(self.due)

    @property
    def waiting(self) -> int:
        """Items in its queues."""
        return len(self.queue) + len(self.recursion)


class Runner:
    """Works off references and all that follows from them."""

    def __init__(
        self, nodes: Sequence[Node], references: References, claims: Claims, sink: Sink
    ) -> None:
        self.lanes: dict[Table, Lane] = {node.table: Lane(node) for node in nodes}
        self._lane_of = {node.table.record: self.lanes[node.table] for node in nodes}
        self._consumers = {node.evidence: node for node in nodes if node.evidence}
        self._references = references
        self._claims = claims
        self._sink = sink
        self._open = 0
        self._changed = asyncio.Event()
        """Set when nothing is open any more, or when it is time to stop."""
        self._sequence = 0
        self._handing_on = 0
        """Items that are stored and only wait for room in the queues of what they lead to."""
        self._stopping = False
        self._failure: BaseException | None = None
        self._workers: list[asyncio.Task[None]] = []

    @property
    def stopping(self) -> bool:
        """Whether it takes no more items."""
        return self._stopping

    async def __aenter__(self) -> "Runner":
        for lane in self.lanes.values():
            for _ in range(lane.node.workers):
                self._start(self._work(lane, lane.queue))
                if lane.node.table in SELF_FEEDING:
                    self._start(self._work(lane, lane.recursion))
            self._start(self._redeliver(lane))
        return self

    def _start(self, work: Coroutine[None, None, None]) -> None:
        worker = asyncio.create_task(work)
        worker.add_done_callback(self._ended)
        self._workers.append(worker)

    def _ended(self, worker: "asyncio.Task[None]") -> None:
        """A worker that dies would leave its item open for ever: end the run instead."""
        if not worker.cancelled() and worker.exception():
            self._failure = self._failure or worker.exception()
            self._stopping = True
            self._changed.set()

    async def __aexit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def work_off(self, references: Iterable[Reference]) -> int:
        """Feed references, wait until all that follows from them is done; how many were new.

        Returns early once stopped; raises what a worker died of.
        """
        feeding = asyncio.create_task(self._feed(references))
        while (self._open or not feeding.done()) and not self._stopping:
            self._changed.clear()
            await self._changed.wait()
        feeding.cancel()
        await asyncio.wait({feeding})
        if self._failure:
            raise self._failure
        return 0 if feeding.cancelled() else feeding.result()

    async def _feed(self, references: Iterable[Reference]) -> int:
        try:
            fed = 0
            for reference in references:
                fed += await self._offer(None, reference)
            return fed
        finally:
            self._changed.set()

    async def stop(self, grace: float) -> None:
        """Take no more items; give those at work `grace` seconds, then abandon them."""
        self._stopping = True
        self._changed.set()
        for lane in self.lanes.values():
            if lane.node.let_go:
                lane.node.let_go()
        deadline = time.monotonic() + grace
        while self._at_work and time.monotonic() < deadline:
            await asyncio.sleep(0.02)

    @property
    def _at_work(self) -> int:
        """Items whose rows are still to come."""
        return sum(lane.busy for lane in self.lanes.values()) - self._handing_on

    async def _work(self, lane: Lane, queue: Backlog[Reference]) -> None:
        while not self._stopping:
            reference = await queue.take()
            if self.stopping:
                return
            lane.busy += 1
            try:
                finished = await self._handle(lane, reference)
            finally:
                lane.busy -= 1
            if finished:
                self._close()

    async def _handle(self, lane: Lane, reference: Reference) -> bool:
        """Measure one item; False if it was put off and stays open."""
        emit = await self._measure(lane.node, reference)
        if lane.node.retry_after is not None:
            earlier = lane.tried.pop(reference.key, None) if lane.tried else None
            if earlier is not None:
                emit = _merged(earlier, emit)
            elif self._put_off(lane, reference, emit):
                return False
        rows = emit.rows
        if emit.next:
            rows = (*rows, *await self._examine(emit.next))
        self._sink.add(rows)
        self._handing_on += 1
        try:
            for row in rows:
                self._count(row)
                for found in self._references.of_row(row):
                    await self._offer(lane, found)
        finally:
            self._handing_on -= 1
        return True

    async def _measure(self, node: Node, reference: Reference) -> Emit:
        try:
            return await node.stage(reference.item)
        except Exception:  # noqa: BLE001 - a bug of ours costs one row, not the night
            _LOG.exception("bug in stage %s at %r", node.table.name, reference.key)
            self._sink.count("bugs")
            return Emit((_bug(node.table, reference.key),))

    async def _examine(self, evidence: Iterable[object]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for item in evidence:
            node = self._consumers[type(item)]
            assert node.evidence_key is not None
            key = node.evidence_key(item)
            if self._claims[node.table].add(key_hash(key)):
                emit = await self._measure(node, Reference(node.table, key, item))
                rows += emit.rows
        return rows

    async def _offer(self, source: Lane | None, reference: Reference) -> bool:
        lane = self.lanes.get(reference.table)
        if lane is None or self._stopping:
            return False
        if not self._claims[reference.table].add(key_hash(reference.key)):
            return False
        self._open += 1
        if lane is source:
            lane.recursion.push(reference)
        elif lane.queue.full:
            await lane.queue.put(reference)
        else:
            lane.queue.push(reference)
        return True

    def _close(self) -> None:
        self._open -= 1
        if not self._open:
            self._changed.set()

    def _count(self, row: tuple[Any, ...]) -> None:
        lane = self._lane_of[type(row)]
        lane.outcomes[OUTCOME[lane.node.table](row)] += 1

    def _put_off(self, lane: Lane, reference: Reference, emit: Emit) -> bool:
        after = lane.node.retry_after
        if after is None or not transient(emit.rows[0]):
            return False
        if self._stopping or len(lane.due) >= _DEFERRED_MAX:
            return False
        self._sequence += 1
        lane.tried[reference.key] = emit
        heapq.heappush(lane.due, (time.monotonic() + after, self._sequence, reference))
        self._sink.count("retries")
        return True

    async def _redeliver(self, lane: Lane) -> None:
        """Put what is due back into its own lane: a crowded one holds up no other's."""
        while not self._stopping:
            if lane.due and lane.due[0][0] <= time.monotonic():
                _, _, reference = heapq.heappop(lane.due)
                await lane.queue.put(reference)
            else:
                await asyncio.sleep(0.1)


def _merged(earlier: Emit, emit: Emit) -> Emit:
    """The better of two tries, with the attempts of both.

    Of a second probe that was not made after all, the first.
    """
    before, row = earlier.rows[0], emit.rows[0]
    if isinstance(before, Smtp) and isinstance(row, Smtp):
        if row.outcome is ProbeOutcome.NOT_PROBED:
            return earlier
        return emit._replace(rows=(row._replace(attempts=before.attempts + row.attempts),))
    if isinstance(before, PolicyFetch) and isinstance(row, PolicyFetch):
        if row.outcome is FetchOutcome.NOT_FETCHED:
            return earlier
        connections = before.attempts + row.attempts
        summed = PolicyFetch(*with_attempts(row, before))._replace(attempts=connections)
        return emit._replace(rows=(summed,))
    if transient(row) <= transient(before):
        return _with_attempts(emit, before)
    return _with_attempts(earlier, row)


def _with_attempts(emit: Emit, other: tuple[Any, ...]) -> Emit:
    """The emit, its row's questions, and the answers it hands on, with another try's attempts."""
    row = emit.rows[0]
    summed = with_attempts(row, other)
    queries = {id(query): total for query, total in zip(row, summed, strict=True)}
    evidence = tuple(
        item._replace(query=queries[id(item.query)])
        if isinstance(item, Answer) and id(item.query) in queries
        else item
        for item in emit.next
    )
    return Emit((summed, *emit.rows[1:]), evidence)


def _bug(table: Table, key: str) -> tuple[Any, ...]:
    parts: list[object] = list(key.rsplit(" ", len(table.key) - 1))
    if table.key[-1] == "port":
        parts[-1] = int(str(parts[-1]))
    return bug_row(table, dict(zip(table.key, parts, strict=True)))
