"""The real command in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
    """Begin it; killed at the end of the block if it still runs."""
    process = subprocess.Popen(
        [*before, PROGRAM, *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
