"""How long the rest of a command takes, by how long its steps took before.

A forecast is made of what was measured, or not made: of an earlier run of the command in the same
warehouse, scaled by the rows that both had and by the pace of this one so far; or, of steps that
are all alike, of those that are done.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.warehouse import Warehouse

Step = tuple[str, float]
"""Name and seconds."""
_ENOUGH = 1.0
"""Seconds of steps from which on they tell the pace."""


class Forecast(NamedTuple):
    """Where a command stands."""

    step: int
    """Which step this is, from 1."""
    of: int | None
    """How many there are, if that is known."""
    share: float | None
    """Part of the time that has gone, from 0 to 1."""
    left: float | None
    """Seconds."""


class Times(NamedTuple):
    """What the steps of a command took when it was last done in a warehouse."""

    warehouse: Warehouse
    command: str
    size: int
    """Rows that this run has, of whatever its time grows with."""
    steps: tuple[Step, ...]
    """Of the earlier run, as if it had had as many rows; empty without one."""

    @classmethod
    def load(cls, warehouse: Warehouse, command: str, size: int) -> "Times":
        """Those of the last time; without any, or with a file that is none of ours, no steps."""
        path = _path(warehouse, command)
        if not warehouse.exists(path):
            return cls(warehouse, command, size, ())
        try:
            found = json.loads(warehouse.read(path))
            scale = size / found["size"] if found["size"] else 1.0
            steps = tuple((str(name), float(took) * scale) for name, took in found["steps"])
        except (ValueError, KeyError, TypeError):
            steps = ()
        return cls(warehouse, command, size, steps)

    def keep(self, done: Sequence[Step]) -> None:
        """Put this run in place of the earlier one; OSError where that cannot be written."""
        text = json.dumps({"size": self.size, "steps": done})
        self.warehouse.write(_path(self.warehouse, self.command), text.encode())


def by_past(
    past: Sequence[Step], done: Sequence[Step], now: str | None, elapsed: float
) -> Forecast:
    """Where a command stands that went through ``past`` before; ``elapsed`` seconds of ``now``.

    Between two steps, ``now`` is None and the step is the last one.
    """
    place, expected, took = 0, 0.0, 0.0
    for name, seconds in done:
        at = _find(past, name, place)
        if at is not None:
            expected, took, place = expected + past[at][1], took + seconds, at + 1
    pace = took / expected if expected >= _ENOUGH else 1.0
    at = None if now is None else _find(past, now, place)
    current = max(past[at][1] * pace - elapsed, 0.0) if at is not None else 0.0
    later = past[(place if at is None else at + 1) :]
    left = current + pace * sum(seconds for _, seconds in later)
    gone = sum(seconds for _, seconds in done) + elapsed
    step = len(done) + (now is not None)
    share = gone / (gone + left) if gone + left else None
    return Forecast(step, step + len(later), share, left)


def by_likes(count: int, done: Sequence[Step], elapsed: float) -> Forecast:
    """Where a command of ``count`` steps stands that are all alike."""
    step = len(done) + 1
    if not done:
        return Forecast(step, count, None, None)
    mean = sum(seconds for _, seconds in done) / len(done)
    left = max(mean - elapsed, 0.0) + mean * (count - step)
    return Forecast(step, count, min(len(done) / count, 1.0), left)


def _find(past: Sequence[Step], name: str, place: int) -> int | None:
    found = (at for at in range(place, len(past)) if past[at][0] == name)
    return next(found, None)


def _path(warehouse: Warehouse, command: str) -> str:
    return f"{warehouse.root}/_times/{command.replace(' ', '-')}.json"
