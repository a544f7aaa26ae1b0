"""How far a run is: one snapshot, for the terminal, for plain lines and for status.json."""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from pipeline.journal import Journal
from pipeline.runner import Lane
from pipeline.sink import Sink
from schemas import DOMAINS
from schemas.table import Table
from stages.dns.server import ServerHealth

_WINDOW = 15.0
"""Seconds over which the rate is taken."""


@dataclass(frozen=True)
class LaneStatus:
    """One table's part of a snapshot; counts are of this process unless said."""

    table: str
    waiting: int
    busy: int
    deferred: int
    """Waiting for their second try."""
    rows: int
    """All rows of the run, earlier commands included."""
    outcomes: dict[str, int]


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment."""

    run: str
    state: str
    """seeding, crawling, stopped, complete."""
    updated: float
    """Unix seconds."""
    elapsed: float
    """Seconds since this command began."""
    seeds: int
    done: int
    """Seeds that have a row."""
    rate: float
    """Seeds a second, lately."""
    eta: float | None
    """Seconds to the last seed at that rate."""
    uncommitted: int
    """Rows that a crash would have asked again."""
    bugs: int
    retries: int
    lanes: tuple[LaneStatus, ...]
    resolvers: tuple[ServerHealth, ...]

    def encode(self) -> bytes:
        """As status.json holds it."""
        resolvers = [health._asdict() for health in self.resolvers]
        return json.dumps({**asdict(self), "resolvers": resolvers}).encode() + b"\n"

    @classmethod
    def decode(cls, data: bytes) -> "Snapshot":
        """A snapshot back from status.json; ValueError or TypeError if it is none."""
        fields = json.loads(data)
        lanes = tuple(LaneStatus(**lane) for lane in fields.pop("lanes"))
        resolvers = tuple(ServerHealth(**health) for health in fields.pop("resolvers"))
        return cls(lanes=lanes, resolvers=resolvers, **fields)


class Progress:
    """Takes snapshots of a crawl at work."""

    def __init__(
        self,
        journal: Journal,
        sink: Sink,
        lanes: Mapping[Table, Lane],
        seeds: int,
        health: Callable[[], tuple[ServerHealth, ...]],
    ) -> None:
        self._health = health
        self._sink = sink
        self._lanes = lanes
        self._run = journal.run.id
        self._seeds = seeds
        self._earlier = {table: journal.rows(table) for table in lanes}
        self._bugs = journal.count("bugs")
        self._retries = journal.count("retries")
        self._began = time.monotonic()
        self._samples: deque[tuple[float, int]] = deque()

    def snapshot(self, state: str) -> Snapshot:
        """The run now."""
        now = time.monotonic()
        lanes = tuple(self._lane(table, lane) for table, lane in self._lanes.items())
        done = next(lane.rows for lane in lanes if lane.table == DOMAINS.name)
        rate = self._rate(now, done)
        return Snapshot(
            run=self._run,
            state=state,
            updated=time.time(),
            elapsed=now - self._began,
            seeds=self._seeds,
            done=done,
            rate=rate,
            eta=(self._seeds - done) / rate if rate > 0 else None,
            uncommitted=self._sink.pending,
            bugs=self._bugs + self._sink.total["bugs"],
            retries=self._retries + self._sink.total["retries"],
            lanes=lanes,
            resolvers=self._health(),
        )

    def _lane(self, table: Table, lane: Lane) -> LaneStatus:
        return LaneStatus(
            table=table.name,
            waiting=lane.waiting,
            busy=lane.busy,
            deferred=lane.deferred,
            rows=self._earlier[table] + lane.outcomes.total(),
            outcomes={str(outcome): count for outcome, count in lane.outcomes.most_common()},
        )

    def _rate(self, now: float, done: int) -> float:
        self._samples.append((now, done))
        while now - self._samples[0][0] > _WINDOW:
            self._samples.popleft()
        since, before = self._samples[0]
        return (done - before) / (now - since) if now > since else 0.0
