"""One command at a time on a run, or on what is kept across runs."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyarrow import fs

from pipeline.errors import ConfigError
from pipeline.warehouse import Run, Warehouse


@contextmanager
def locked(run: Run) -> Iterator[None]:
    """Hold the run; ConfigError if another command does. The system frees it when we die."""
    with held(run.warehouse, run.folder, f"run {run.id!r}"):
        yield


@contextmanager
def held(warehouse: Warehouse, location: str, what: str) -> Iterator[None]:
    """Hold a folder of a warehouse, which is made; ConfigError if another command does.

    Object stores have no locks: there it is the user's care.
    """
    if not isinstance(warehouse.filesystem, fs.LocalFileSystem):
        yield
        return
    folder = Path(location)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise ConfigError(f"cannot write to warehouse {folder}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(f"{what} is at work in another process") from error
        yield


def is_locked(run: Run) -> bool:
    """Whether a command is at work on the run, as far as this machine can tell."""
    try:
        with (Path(run.folder) / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
