"""Where the data come from that a run looks things up in, and the error of a wrong file."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple


class TableError(ValueError):
    """A file that cannot be used; the message is one line that names it and says why."""


class Provenance(NamedTuple):
    """Which data columns rest on."""

    name: str
    """What they are: asn, owner, cloud, roots or intermediates."""
    source: str
    """Path of the file, or package and version."""
    date: str
    """ISO date of the data."""
    dated_by: str
    """What states that date: the file's header, its build time, the package, or the file system."""
    sha256: str
    """SHA-256 of the file as it lies, hex."""


def one_line(error: Exception) -> str:
    """What an error says, on one line; a system error without the path, which the reader has."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(words.split())


def date_of(epoch: float) -> str:
    """The ISO date of seconds since 1970, UTC."""
    return datetime.fromtimestamp(epoch, UTC).date().isoformat()


def file_date(path: Path) -> str:
    """The ISO date of a file's last change, for data that state none."""
    return date_of(path.stat().st_mtime)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
