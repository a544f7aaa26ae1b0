"""Steps of a long command as people see them: a live line on a terminal, plain lines elsewhere.

    with Steps(console, times) as steps:
        steps.begin("reading")
        …
        steps.begin("writing")

Each step leaves a line with the seconds it took. How long the rest takes is said where it is known
(`pipeline.forecast`), and that it is not, where it is not.
"""

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table as Grid
from rich.text import Text

from pipeline.display import duration
from pipeline.forecast import Forecast, Step, Times, by_likes, by_past

_BAR = 24


class Steps:
    """Where a command stands.

    ``times`` are those of the last time, replaced by ours when the block ends well; ``alike`` is
    the number of steps, where all are alike.
    """

    def __init__(
        self,
        console: Console,
        times: Times | None = None,
        alike: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._times = times
        self._alike = alike
        self._clock = clock
        self._done: list[Step] = []
        self._step: str | None = None
        self._since = 0.0
        self._spinner = Spinner("dots")
        self._live = Live(self, console=console, transient=True) if console.is_terminal else None

    def __enter__(self) -> "Steps":
        if self._live:
            self._live.start()
        elif self._times and not self._times.steps:
            self._say(f"{self._times.command}: {_UNKNOWN}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._end()
        finally:
            if self._live:
                self._live.stop()
        if kind is None:
            self._keep()

    def begin(self, step: str) -> None:
        """The step before is done, this one begins."""
        self._end()
        self._step, self._since = step, self._clock()

    def forecast(self) -> Forecast:
        """Where the command stands."""
        elapsed = self._clock() - self._since
        if self._alike:
            return by_likes(self._alike, self._done, elapsed)
        if self._times and self._times.steps:
            return by_past(self._times.steps, self._done, self._step, elapsed)
        return Forecast(len(self._done) + 1, None, None, None)

    def __rich__(self) -> RenderableType:
        """The live line."""
        if self._step is None:
            return ""
        stands = self.forecast()
        took = duration(self._clock() - self._since)
        grid = Grid.grid(padding=(0, 1))
        bar = None if stands.share is None else ProgressBar(1.0, stands.share, width=_BAR)
        text = Text(f"step {_place(stands)}: {self._step}, {took}")
        grid.add_row(self._spinner, text, bar, _rest(stands))
        return grid

    def _end(self) -> None:
        if self._step is None:
            return
        seconds = self._clock() - self._since
        self._done.append((self._step, seconds))
        line = f"{self._step:24}{seconds:8.1f} s"
        known = self._alike or (self._times and self._times.steps)
        self._step, self._since = None, self._clock()
        if known and self._live is None:
            stands, count = self.forecast(), len(self._done)
            line += f"   step {count} of {stands.of}"
            line += f", {_rest(stands)}" if stands.of and count < stands.of else ""
        self._say(line)

    def _keep(self) -> None:
        if self._times:
            try:
                self._times.keep(self._done)
            except OSError as error:  # such as a warehouse that is only read
                self._say(f"how long steps took is not kept: {error}")

    def _say(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)


_UNKNOWN = "how long it takes is not known before it was done once in this warehouse"


def _place(stands: Forecast) -> str:
    return f"{stands.step} of {stands.of}" if stands.of else f"{stands.step}"


def _rest(stands: Forecast) -> str:
    if stands.left is None or stands.share is None:
        return "time left not known yet"
    return f"{stands.share:.0%} of the time, about {duration(stands.left)} left"
