"""The log of what was done to the blacklist: append-only JSON lines, `_blacklist/audit.jsonl`.

It survives runs and editions. What is delisted follows from it alone: the last word on a domain
counts. A line counts once it is synced; the rest of one that a crash cut short is removed by the
next append, nobody having been told that it was done.
"""

import datetime as dt
import getpass
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pyarrow import fs

from pipeline.errors import ConfigError, DamagedError
from pipeline.warehouse import Warehouse

DELIST, RELIST = "delist", "relist"
_TAIL = 1 << 16


class Audit:
    """The log of a warehouse; ConfigError for a warehouse that is no local folder."""

    def __init__(self, warehouse: Warehouse) -> None:
        if not isinstance(warehouse.filesystem, fs.LocalFileSystem):
            raise ConfigError("a blacklist is published from a warehouse in a local folder")
        self.folder = Path(warehouse.root) / "_blacklist"
        self.path = self.folder / "audit.jsonl"

    def append(self, action: str, **details: object) -> dict[str, object]:
        """Write a line and sync it; the caller holds the folder. The line, as it stands."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        line: dict[str, object] = {"time": now, "action": action, "by": _user(), **details}
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            _cut_torn(file)
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return line

    def lines(self) -> Iterator[dict[str, object]]:
        """What was done, the oldest first; DamagedError for a line that is none."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    found = json.loads(line)
                    found["action"]
                except (ValueError, TypeError, KeyError) as error:
                    raise DamagedError(f"{self.path}, line {number} is damaged") from error
                yield found

    def delisted(self) -> set[str]:
        """Domains that are delisted now."""
        names: set[str] = set()
        for line in self.lines():
            if line["action"] == DELIST:
                names.add(str(line["domain"]))
            elif line["action"] == RELIST:
                names.discard(str(line["domain"]))
        return names


def _cut_torn(file: BinaryIO) -> None:
    """Remove what stands after the last end of line."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    file.truncate(size - len(tail) + tail.rfind(b"\n") + 1)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
