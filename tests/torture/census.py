"""The command in this process, with a thread that looks at the process once a second.

    python -m tests.torture.census SAMPLES crawl …

A line a sample: seconds since the start, KiB of memory (VmRSS), open descriptors, tasks.
"""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

from pipeline.cli import main
from tests.pipeline.watch import memory

_INTERVAL = 1.0


def tasks() -> int:
    """Tasks that are not done, of any loop; asyncio tells only a loop's own."""
    registry = getattr(asyncio.tasks, "_all_tasks", None)
    known = registry if registry is not None else vars(asyncio.tasks)["_scheduled_tasks"]
    while True:
        try:
            return sum(not task.done() for task in list(known))
        except RuntimeError:  # changed meanwhile
            continue


def sample(path: Path) -> None:
    """Write samples for ever."""
    began = time.monotonic()
    with path.open("w", buffering=1) as file:
        while True:
            files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone
            now = time.monotonic() - began
            file.write(f"{now:.1f} {memory(os.getpid(), 'VmRSS')} {files} {tasks()}\n")
            time.sleep(_INTERVAL)


if __name__ == "__main__":
    threading.Thread(target=sample, args=(Path(sys.argv.pop(1)),), daemon=True).start()
    main()
