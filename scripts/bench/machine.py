"""The machine that a benchmark runs on: what it is, and how its cores are shared out.

What is measured has the first core to itself and its servers the last one, as far as taskset
and a second core are there.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = (
    "aiodns", "aiosmtplib", "dnspython", "duckdb", "pyarrow", "pycares", "uvloop",
)  # fmt: skip
_PROGRAMS = (("nsd", "-v"), ("massdns", "--help"), ("dnsperf", "-h"), ("adnshost", "--version"))


def ours() -> Sequence[str]:
    """What goes before the command that is measured."""
    return _pinned(0)


def theirs() -> Sequence[str]:
    """What goes before a server's command."""
    return _pinned(-1)


@contextmanager
def beside(prefix: Sequence[str], module: str, *words: object) -> Iterator[None]:
    """A module of ours as a server in a process of its own.

    It writes a line once it serves, and ends when its standard input does.
    """
    with subprocess.Popen(  # noqa: S603
        [*prefix, sys.executable, "-m", module, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.stdin.close()


def _pinned(which: int) -> Sequence[str]:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or shutil.which("taskset") is None:
        return ()
    return ("taskset", "-c", str(cores[which]))


def pin(which: int) -> None:
    """Leave this process one of the cores it has: 0 for what is measured, -1 for its servers."""
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[which]})


def description() -> str:
    """The command, cores, memory, system and versions, a line each."""
    cores = f"{len(os.sched_getaffinity(0))} cores: {_processor()}"
    return "\n".join([
        f"$ {' '.join(sys.orig_argv)}",
        f"{cores}; {_memory() / 2**30:.0f} GiB; load {os.getloadavg()[0]:.1f}",
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES),
        ", ".join(filter(None, (_program(*words) for words in _PROGRAMS))),
    ])  # fmt: skip


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not there)"


def _program(name: str, flag: str) -> str:
    """The first line that a program says of its version; "" if it is not there."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        return ""
    done = subprocess.run([path, flag], check=False, capture_output=True, text=True)  # noqa: S603
    said = (done.stdout + done.stderr).strip().splitlines()
    numbered = next((line for line in said if any(c.isdigit() for c in line)), "")
    return numbered if name in numbered.lower() else f"{name} {numbered}".strip()
