"""The real command in a process of its own."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path

from pipeline.cli import main

PROGRAM = str(Path(sys.executable).with_name("mailcensus"))


Finished = subprocess.CompletedProcess[str]


def mailcensus(
    *words: object, seconds: float = 60, stdin: str = "", before: Sequence[str] = ()
) -> Finished:
    """Run it to its end, which must come in time; before it: a command that runs it."""
    return subprocess.run(
        [*before, PROGRAM, *map(str, words)],
        check=False, capture_output=True, text=True, input=stdin, timeout=seconds,
    )  # fmt: skip


def inside(*words: object) -> Finished:
    """The same within this process: many commands without loading all anew for each."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["mailcensus", *map(str, words)]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as ended:
        return Finished(sys.argv, int(ended.code or 0), out.getvalue(), err.getvalue())
    finally:
        sys.argv = before
    raise AssertionError("main returned")


@contextmanager
def begun(*words: object, before: Sequence[str] = ()) -> "Iterator[subprocess.Popen[str]]":
    """Begin it; it and all that it began are killed at the end of the block."""
    process = subprocess.Popen(
        [*before, PROGRAM, *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        kill(process)
        process.communicate()


def kill(process: "subprocess.Popen[str]") -> None:
    """SIGKILL for a command that was begun and every process of its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
