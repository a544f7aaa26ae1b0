"""A command in a process of its own whose memory is watched from outside."""

import time
from pathlib import Path
from typing import NamedTuple

from tests.pipeline.command import begun


class Watched(NamedTuple):
    """How it ended and what it took."""

    status: int
    said: str
    seconds: float
    peak: int
    """MiB of memory at most (VmHWM)."""


def watched(*words: object, seconds: float) -> Watched:
    """Run it to its end, which must come in time."""
    began = time.monotonic()
    peak = 0
    with begun(*words) as process:
        while process.poll() is None and time.monotonic() - began < seconds:
            peak = max(peak, memory(process.pid, "VmHWM"))
            time.sleep(0.05)
        took = time.monotonic() - began
        if process.poll() is None:
            process.kill()
            said, _ = process.communicate(timeout=seconds)
            raise AssertionError(f"not done in {seconds} s:\n{said[-3000:]}")
        said, _ = process.communicate(timeout=seconds)
    return Watched(process.returncode, said, took, peak >> 10)


def memory(pid: int, field: str) -> int:
    """A field of /proc/PID/status in KiB; 0 once the process has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{field}:")), 0)
