"""The real command in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

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
