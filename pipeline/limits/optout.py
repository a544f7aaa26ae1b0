"""The opt-out list in its file, read again when it changes."""

import logging
import time
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.limits.rules import Rules, parse

_LOG = logging.getLogger(__name__)

Stamp = tuple[int, int, int]


class OptOutList:
    """Rules that are looked at again every few seconds; a bad change leaves them as they are."""

    def __init__(self) -> None:
        """A list without rules or file; see open."""
        self._path: Path | None = None
        self._rules = Rules()
        self._stamp: Stamp | None = None
        self._look_every = 0.0
        self._looked = 0.0

    @classmethod
    def open(cls, path: Path, *, look_every: float = 2.0) -> "OptOutList":
        """The list in a file; ConfigError if it cannot be read or a line is no rule."""
        found = cls()
        found._path, found._look_every = path, look_every
        found._stamp = _stamp(path)
        try:
            found._rules = _read(path)
        except (OSError, ValueError) as error:
            raise ConfigError(f"opt-out list {path}: {_why(error)}") from error
        return found

    @property
    def rules(self) -> Rules:
        """The rules in force now."""
        now = time.monotonic()
        if self._path is not None and now - self._looked >= self._look_every:
            self._looked = now
            self._look(self._path)
        return self._rules

    def _look(self, path: Path) -> None:
        stamp = _stamp(path)
        if stamp == self._stamp:
            return
        self._stamp = stamp  # of before reading: what is written meanwhile is read next time
        try:
            self._rules = _read(path)
        except (OSError, ValueError) as error:
            _LOG.error("opt-out list %s: %s; the rules read before stay", path, _why(error))
        else:
            _LOG.info("opt-out list %s has changed and was read again", path)


def _stamp(path: Path) -> Stamp | None:
    """What differs once a file is changed, replaced or gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read(path: Path) -> Rules:
    return parse(path.read_text(encoding="utf-8-sig"))


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8 text"
    return (isinstance(error, OSError) and error.strerror) or str(error)
