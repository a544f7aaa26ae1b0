"""The journal: what it does not name does not exist.

Each commit is one small file, `journal/<worker>-<number>.json`, written whole after the parts
it names. It names parts of several tables at once, so rows that belong together (a server and
its certificates, a domain and its SPF record) are there together or not at all.
"""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow.parquet as pq

from pipeline.errors import DamagedError
from pipeline.keys import key_hash
from pipeline.warehouse import Run
from schemas import CRAWLED, TABLES
from schemas.table import Table

_NAME = re.compile(r"(?P<worker>\d+)-(?P<number>\d{6})\.json")


class Part(NamedTuple):
    """A committed Parquet file."""

    table: str
    file: str
    """Name inside the table's run folder."""
    rows: int
    size: int
    """Bytes."""


class Commit(NamedTuple):
    """One entry: parts that came into being together."""

    worker: int
    number: int
    parts: tuple[Part, ...]
    counts: dict[str, int]
    """What the run's account needs of them: bugs, retries, …"""

    @property
    def file(self) -> str:
        """Name of its journal file."""
        return f"{self.worker}-{self.number:06d}.json"

    def encode(self) -> bytes:
        """The entry as a line of JSON with a checksum before it."""
        body = json.dumps(
            {**self._asdict(), "parts": [part._asdict() for part in self.parts]}, sort_keys=True
        )
        return f"{key_hash(body):016x} {body}\n".encode()

    @classmethod
    def decode(cls, data: bytes) -> "Commit":
        """The entry back; ValueError if it is not as it was written."""
        checksum, _, body = data.decode().rstrip("\n").partition(" ")
        if checksum != f"{key_hash(body):016x}":
            raise ValueError("checksum does not fit")
        fields = json.loads(body)
        parts = tuple(Part(**part) for part in fields.pop("parts"))
        return cls(parts=parts, **fields)


class Journal:
    """The commits of a run, and whether what they name is there."""

    def __init__(self, run: Run, commits: Sequence[Commit]) -> None:
        self.run = run
        self.commits = list(commits)

    @classmethod
    def load(cls, run: Run) -> "Journal":
        """Read and check every entry and part; DamagedError, with what to do, if one is amiss."""
        commits = []
        for path in run.warehouse.files(run.journal):
            name = path.rpartition("/")[2]
            if name.startswith("."):
                continue
            try:
                commit = Commit.decode(run.warehouse.read(path))
            except (ValueError, TypeError, KeyError) as error:
                raise DamagedError(_damaged(f"journal entry {path}", str(error), path)) from error
            if not _NAME.fullmatch(name) or commit.file != name:
                raise DamagedError(_damaged(f"journal entry {path}", "misnamed", path))
            for part in commit.parts:
                _check(run, part, path)
            commits.append(commit)
        return cls(run, sorted(commits, key=lambda commit: (commit.worker, commit.number)))

    def reload(self) -> None:
        """See what other workers have committed meanwhile."""
        self.commits = Journal.load(self.run).commits

    def write(self, commit: Commit) -> None:
        """Make a commit true."""
        self.run.warehouse.write(f"{self.run.journal}/{commit.file}", commit.encode())
        self.commits.append(commit)

    def next_number(self, worker: int) -> int:
        """Number of that worker's next commit."""
        return 1 + max((c.number for c in self.commits if c.worker == worker), default=0)

    def parts(self, table: Table) -> list[str]:
        """Paths of a table's committed parts."""
        folder = self.run.table(table)
        return [
            f"{folder}/{part.file}"
            for commit in self.commits
            for part in commit.parts
            if part.table == table.name
        ]

    def rows(self, table: Table) -> int:
        """Committed rows of a table."""
        return sum(p.rows for c in self.commits for p in c.parts if p.table == table.name)

    def count(self, name: str) -> int:
        """Sum of a count over all commits."""
        return sum(commit.counts.get(name, 0) for commit in self.commits)

    def sweep(self, worker: int | None = None) -> None:
        """Delete what no entry names: left by a process that died between part and entry.

        Of all workers, when none is at work; of one, when that one is begun again.
        """
        warehouse = self.run.warehouse
        named = {
            f"{self.run.table(TABLES[part.table])}/{part.file}"
            for commit in self.commits
            for part in commit.parts
        }
        folders = [self.run.table(table) for table in CRAWLED]
        for path in (path for folder in folders for path in warehouse.files(folder)):
            if path not in named and _is_of(worker, path):
                warehouse.remove(path)
        for path in warehouse.files(self.run.journal):
            if path.rpartition("/")[2].startswith(".") and _is_of(worker, path):
                warehouse.remove(path)


def _is_of(worker: int | None, path: str) -> bool:
    """Whether a part or entry, finished or not, is a worker's by its name."""
    name = path.rpartition("/")[2].removeprefix(".").removeprefix("part-")
    return worker is None or name.startswith(f"{worker}-")


def _check(run: Run, part: Part, entry: str) -> None:
    path = f"{run.table(TABLES[part.table])}/{part.file}"
    size = run.warehouse.size(path)
    if size is None:
        raise DamagedError(_damaged(f"part {path}", "it is gone", entry))
    if size != part.size:
        reason = f"it has {size} bytes, {part.size} were written"
        raise DamagedError(_damaged(f"part {path}", reason, entry))
    with run.warehouse.filesystem.open_input_file(path) as source:
        try:
            rows = pq.read_metadata(source).num_rows
        except (OSError, ValueError) as error:
            raise DamagedError(_damaged(f"part {path}", "not readable Parquet", entry)) from error
    if rows != part.rows:
        reason = f"it has {rows} rows, {part.rows} were written"
        raise DamagedError(_damaged(f"part {path}", reason, entry))


def _damaged(what: str, reason: str, entry: str) -> str:
    return f"{what} is damaged ({reason}); move {entry} away to have its rows asked again"
