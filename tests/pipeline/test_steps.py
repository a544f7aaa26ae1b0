"""What people see of the steps of a command, on a terminal and elsewhere."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.forecast import Step, Times
from pipeline.steps import Steps
from tests.pipeline.census import run_in


class Clock:
    """Seconds that pass as told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def plain() -> Console:
    return Console(file=io.StringIO(), width=100, force_terminal=False)


def terminal() -> Console:
    return Console(file=io.StringIO(), width=100, force_terminal=True, _environ={"TERM": "xterm"})


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def times(folder: Path, *steps: Step) -> Times:
    return Times(run_in(folder).warehouse, "infer", 100, steps)


def go_through(steps: Steps, clock: Clock, path: Sequence[Step]) -> None:
    with steps:
        for name, seconds in path:
            steps.begin(name)
            clock.now += seconds


PATH: list[Step] = [("read", 10.0), ("work", 20.0), ("write", 10.0)]


def test_plain_lines_without_an_earlier_run(tmp_path: Path) -> None:
    console, clock = plain(), Clock()
    go_through(Steps(console, times(tmp_path), clock=clock), clock, PATH)
    first, *lines = shown(console).splitlines()
    assert first.startswith("infer: how long it takes is not known")
    assert [line.split() for line in lines] == [
        ["read", "10.0", "s"], ["work", "20.0", "s"], ["write", "10.0", "s"],
    ]  # fmt: skip
    assert Times.load(run_in(tmp_path).warehouse, "infer", 100).steps == tuple(PATH)


def test_plain_lines_with_an_earlier_run(tmp_path: Path) -> None:
    console, clock = plain(), Clock()
    go_through(Steps(console, times(tmp_path, *PATH), clock=clock), clock, PATH)
    lines = [" ".join(line.split()) for line in shown(console).splitlines()]
    assert lines == [
        "read 10.0 s step 1 of 3, 25% of the time, about 30 s left",
        "work 20.0 s step 2 of 3, 75% of the time, about 10 s left",
        "write 10.0 s step 3 of 3",
    ]


def test_the_live_line(tmp_path: Path) -> None:
    console, clock = terminal(), Clock()
    steps = Steps(console, times(tmp_path, *PATH), clock=clock)
    with steps:
        steps.begin("read")
        clock.now += 10
        steps.begin("work")
        clock.now += 5
        line = _drawn(steps)
    assert "step 2 of 3: work, 5 s" in line
    assert "38% of the time, about 25 s left" in line
    assert "━" in line
    assert "read" in shown(console)
    assert shown(console).count("\x1b[?25l") == shown(console).count("\x1b[?25h") == 1  # cursor


def test_the_live_line_of_what_nobody_knows(tmp_path: Path) -> None:
    console, clock = terminal(), Clock()
    steps = Steps(console, times(tmp_path), clock=clock)
    with steps:
        assert not _drawn(steps).strip()
        steps.begin("read")
        clock.now += 3
        line = _drawn(steps)
    assert "step 1: read, 3 s" in line
    assert "time left not known yet" in line


def test_alike_steps_tell_from_the_second_on() -> None:
    console, clock = plain(), Clock()
    go_through(Steps(console, alike=3, clock=clock), clock, [(night, 60.0) for night in "abc"])
    assert [" ".join(line.split()) for line in shown(console).splitlines()] == [
        "a 60.0 s step 1 of 3, 33% of the time, about 2 min 0 s left",
        "b 60.0 s step 2 of 3, 67% of the time, about 1 min 0 s left",
        "c 60.0 s step 3 of 3",
    ]


def test_what_fails_is_not_kept_and_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    console, before = terminal(), times(tmp_path)
    with pytest.raises(KeyError), Steps(console, before, clock=Clock()) as steps:
        _fail(steps)
    assert shown(console).count("\x1b[?25h") == 1
    assert not before.warehouse.exists(f"{before.warehouse.root}/_times")


def test_a_warehouse_that_is_only_read_is_no_failure(tmp_path: Path) -> None:
    console, clock, before = plain(), Clock(), times(tmp_path)
    Path(before.warehouse.root).parent.mkdir(exist_ok=True)
    Path(before.warehouse.root).write_text("no folder")
    go_through(Steps(console, before, clock=clock), clock, PATH)
    assert "how long steps took is not kept" in shown(console)


def test_names_of_steps_are_no_markup() -> None:
    console, clock = terminal(), Clock()
    steps = Steps(console, clock=clock)
    with steps:
        steps.begin("[red]x[/red]")
        assert "[red]x[/red]" in _drawn(steps)
    assert "[red]x[/red]" in shown(console)


def _fail(steps: Steps) -> None:
    steps.begin("read")
    raise KeyError


def _drawn(steps: Steps) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(steps)
    return shown(console)
