"""A disk of a size, for as long as a with block lasts: a tmpfs, which only root can mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest


class Disk(NamedTuple):
    """A mounted disk."""

    path: Path

    def resize(self, kib: int) -> None:
        """Make it larger or, if that fits, smaller."""
        _run("mount", "-o", f"remount,size={kib}k", str(self.path))

    @property
    def used(self) -> int:
        """KiB in use."""
        stat = os.statvfs(self.path)
        return (stat.f_blocks - stat.f_bfree) * stat.f_frsize >> 10


@contextmanager
def disk(path: Path, kib: int) -> Iterator[Disk]:
    """A disk of so many KiB at a path; skips the test where none can be mounted."""
    path.mkdir(parents=True)
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(path))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no tmpfs can be mounted here (that needs root): {error}")
    try:
        yield Disk(path)
    finally:
        _run("umount", str(path))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=30)
