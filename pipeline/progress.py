"""How far a run is: one snapshot, for the terminal, for plain lines and for status.json."""

import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from pipeline.journal import Commit
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


class Earlier(NamedTuple):
    """What was committed before somebody began to count."""

    rows: dict[str, int]
    """By table."""
    bugs: int = 0
    retries: int = 0

    @classmethod
    def of(cls, commits: Iterable[Commit]) -> "Earlier":
        """What these commits hold."""
        rows: Counter[str] = Counter()
        counts: Counter[str] = Counter()
        for commit in commits:
            rows.update({part.table: part.rows for part in commit.parts})
            counts.update(commit.counts)
        return cls(dict(rows), counts["bugs"], counts["retries"])


class Progress:
    """Takes snapshots of a crawl at work."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a snapshot is of
        self,
        run: str,
        sink: Sink,
        lanes: Mapping[Table, Lane],
        seeds: int,
        health: Callable[[], tuple[ServerHealth, ...]],
        earlier: Earlier,
    ) -> None:
        self._run = run
        self._sink = sink
        self._lanes = lanes
        self._seeds = seeds
        self._health = health
        self._earlier = earlier
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
            bugs=self._earlier.bugs + self._sink.total["bugs"],
            retries=self._earlier.retries + self._sink.total["retries"],
            lanes=lanes,
            resolvers=self._health(),
        )

    def _lane(self, table: Table, lane: Lane) -> LaneStatus:
        return LaneStatus(
            table=table.name,
            waiting=lane.waiting,
            busy=lane.busy,
            deferred=lane.deferred,
            rows=self._earlier.rows.get(table.name, 0) + lane.outcomes.total(),
            outcomes={str(outcome): count for outcome, count in lane.outcomes.most_common()},
        )

    def _rate(self, now: float, done: int) -> float:
        self._samples.append((now, done))
        while now - self._samples[0][0] > _WINDOW:
            self._samples.popleft()
        since, before = self._samples[0]
        return (done - before) / (now - since) if now > since else 0.0


def merged(snapshots: Sequence[Snapshot], state: str, earlier: Earlier) -> Snapshot:
    """The run as its workers see it together; `earlier` is what none of them counts."""
    tables = dict.fromkeys(lane.table for each in snapshots for lane in each.lanes)
    lanes = tuple(
        _merged_lane([lane for s in snapshots for lane in s.lanes if lane.table == table], earlier)
        for table in tables
    )
    done = next(lane.rows for lane in lanes if lane.table == DOMAINS.name)
    rate = sum(each.rate for each in snapshots)
    seeds = snapshots[0].seeds
    return Snapshot(
        run=snapshots[0].run,
        state=state,
        updated=time.time(),
        elapsed=max(each.elapsed for each in snapshots),
        seeds=seeds,
        done=done,
        rate=rate,
        eta=(seeds - done) / rate if rate > 0 else None,
        uncommitted=sum(each.uncommitted for each in snapshots),
        bugs=earlier.bugs + sum(each.bugs for each in snapshots),
        retries=earlier.retries + sum(each.retries for each in snapshots),
        lanes=lanes,
        resolvers=tuple(health for each in snapshots for health in each.resolvers),
    )


def _merged_lane(lanes: Sequence[LaneStatus], earlier: Earlier) -> LaneStatus:
    outcomes: Counter[str] = Counter()
    for lane in lanes:
        outcomes.update(lane.outcomes)
    return LaneStatus(
        table=lanes[0].table,
        waiting=sum(lane.waiting for lane in lanes),
        busy=sum(lane.busy for lane in lanes),
        deferred=sum(lane.deferred for lane in lanes),
        rows=earlier.rows.get(lanes[0].table, 0) + sum(lane.rows for lane in lanes),
        outcomes=dict(outcomes.most_common()),
    )
