"""Progress for people: a live table on a terminal, plain lines elsewhere."""

import time
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table as Grid
from rich.text import Text

from pipeline.progress import LaneStatus, Snapshot
from pipeline.report.alarm import alarms
from pipeline.warehouse import Warehouse

_LINE_SECONDS = 10.0
_STATUS_SECONDS = 2.0
_OUTCOMES_SHOWN = 4
_MINUTE = 60
_HOUR = 3600


class Display(Protocol):
    """Somewhere to show snapshots."""

    def __enter__(self) -> "Display": ...

    def __exit__(self, *_: object) -> None: ...

    def show(self, snapshot: Snapshot) -> None:
        """Show the run as it is now."""
        ...


def display(console: Console) -> Display:
    """What suits the console."""
    return LiveDisplay(console) if console.is_terminal else LineDisplay(console)


class StatusFile:
    """Keeps a status file current; what else there is to show to, it passes on to."""

    def __init__(self, warehouse: Warehouse, path: str, beside: Display | None = None) -> None:
        self._warehouse = warehouse
        self._path = path
        self._beside = beside
        self._state = ""
        self._written = 0.0

    def __enter__(self) -> "StatusFile":
        if self._beside:
            self._beside.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._beside:
            self._beside.__exit__()

    def show(self, snapshot: Snapshot) -> None:
        """Write the file if it is due."""
        now = time.monotonic()
        if snapshot.state != self._state or now - self._written >= _STATUS_SECONDS:
            self._warehouse.write(self._path, snapshot.encode())
            self._state, self._written = snapshot.state, now
        if self._beside:
            self._beside.show(snapshot)


class LineDisplay:
    """A line every ten seconds, and one at each change of state."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._state = ""
        self._last = 0.0

    def __enter__(self) -> "LineDisplay":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, snapshot: Snapshot) -> None:
        """Print a line if one is due."""
        now = time.monotonic()
        if snapshot.state == self._state and now - self._last < _LINE_SECONDS:
            return
        self._state, self._last = snapshot.state, now
        self._console.print(_line(snapshot), highlight=False, soft_wrap=True)


class LiveDisplay:
    """A table that is redrawn in place."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=4)

    def __enter__(self) -> "LiveDisplay":
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def show(self, snapshot: Snapshot) -> None:
        """Redraw."""
        self._live.update(picture(snapshot))


def picture(snapshot: Snapshot) -> RenderableType:
    """A snapshot as a bar and a table."""
    head = Text(f"run {snapshot.run}: {snapshot.state}, {_summary(snapshot)}")
    bar = Grid.grid()
    bar.add_row(ProgressBar(total=max(1, snapshot.seeds), completed=snapshot.done, width=60))
    grid = Grid(box=None, pad_edge=False, header_style="dim", expand=True)
    for column in ("table", "rows", "queued", "at work", "later"):
        grid.add_column(column, justify="left" if column == "table" else "right", no_wrap=True)
    grid.add_column("outcomes", overflow="ellipsis", no_wrap=True, ratio=1)
    for lane in snapshot.lanes:
        numbers = (lane.rows, lane.waiting, lane.busy, lane.deferred)
        grid.add_row(lane.table, *(f"{number:,}" for number in numbers), _outcomes(lane))
    outcomes = {lane.table: lane.outcomes for lane in snapshot.lanes}
    warnings = [Text(f"ALARM: {words}", style="bold red") for words in alarms(outcomes, live=True)]
    return Group(head, *warnings, bar, grid, _resolvers(snapshot))


def _resolvers(snapshot: Snapshot) -> RenderableType:
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    for column in ("resolver", "in flight", "answers", "losses", "latency", ""):
        grid.add_column(column, justify="left" if column in ("resolver", "") else "right")
    for health in snapshot.resolvers:
        latency = f"{health.rtt_ms:.1f} ms" if health.rtt_ms is not None else ""
        counts = (f"{n:,}" for n in (health.in_flight, health.answers, health.losses))
        grid.add_row(health.server, *counts, latency, "benched" if health.benched else "")
    return grid


def _line(snapshot: Snapshot) -> str:
    lanes = ", ".join(f"{lane.table} {lane.rows:,}" for lane in snapshot.lanes)
    queued = sum(lane.waiting + lane.busy for lane in snapshot.lanes)
    return f"{snapshot.state}: {_summary(snapshot)}; {queued:,} under way; {lanes}"


def _summary(snapshot: Snapshot) -> str:
    share = 100 * snapshot.done / snapshot.seeds if snapshot.seeds else 100
    parts = [f"{snapshot.done:,} of {snapshot.seeds:,} seeds ({share:.0f} %)"]
    if snapshot.state == "crawling" and snapshot.rate:
        parts.append(f"{snapshot.rate:,.0f}/s")
        if snapshot.eta:
            parts.append(f"{duration(snapshot.eta)} left")
    parts.append(f"{duration(snapshot.elapsed)} elapsed")
    if snapshot.retries:
        parts.append(f"{snapshot.retries:,} retries")
    if snapshot.bugs:
        parts.append(f"{snapshot.bugs:,} BUGS (see the log)")
    return ", ".join(parts)


def _outcomes(lane: LaneStatus) -> str:
    shown = list(lane.outcomes.items())[:_OUTCOMES_SHOWN]
    rest = sum(lane.outcomes.values()) - sum(count for _, count in shown)
    texts = [f"{outcome} {count:,}" for outcome, count in shown]
    return "  ".join(texts + ([f"others {rest:,}"] if rest else []))


def duration(seconds: float) -> str:
    """Seconds as people say them: 42 s, 3 min 5 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
