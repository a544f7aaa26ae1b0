"""The journal: what it does not name does not exist.

Each commit is one small file, `journal/<worker>-<number>.json`, written whole after the parts
it names. It names parts of several tables at once, so rows that belong together (a server and
its certificates, a domain and its SPF record) are there together or not at all.
"""

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow.parquet as pq

from pipeline.errors import ConfigError, DamagedError
from pipeline.keys import key_hash
from pipeline.warehouse import Run
from schemas import CRAWLED, TABLES
from schemas.table import Table

GONE = "it is gone"
_NAME = re.compile(r"(?P<worker>\d+)-(?P<number>\d{6})\.json")


class Part(NamedTuple):
    """A committed Parquet file."""

    table: str
    file: str
    """Name inside the table's run folder."""
    rows: int
    size: int
    """Bytes."""
    digest: str
    """As `Written` has it."""


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


class Damage(NamedTuple):
    """Something that is not as it was written."""

    entry: str
    """Path of the journal entry that is amiss, or that names what is."""
    what: str
    reason: str


class Journal:
    """The commits of a run, and whether what they name is there."""

    def __init__(self, run: Run, commits: Iterable[Commit]) -> None:
        self.run = run
        self.commits = sorted(commits, key=lambda commit: (commit.worker, commit.number))

    @classmethod
    def load(cls, run: Run, *, deep: bool = False) -> "Journal":
        """Read and check every entry and part; DamagedError, with what to do, if one is amiss.

        Of a part its size and footer are looked at; deep: every byte, by its digest.
        """
        journal, damages = cls.inspect(run, deep=deep)
        if damages:
            _, what, reason = damages[0]
            more = f", and {len(damages) - 1:,} more" if len(damages) > 1 else ""
            raise DamagedError(
                f"{what} is damaged ({reason}){more}; "
                "repeat the command of its crawl to have its rows asked again"
            )
        return journal

    @classmethod
    def inspect(cls, run: Run, *, deep: bool) -> "tuple[Journal, list[Damage]]":
        """The entries that can be read, and all that is amiss with them and their parts.

        ConfigError for a run with tables that this version does not know: they are not amiss.
        """
        commits, damages = [], []
        for path in run.warehouse.files(run.journal):
            name = path.rpartition("/")[2]
            if name.startswith("."):
                continue
            try:
                commit = Commit.decode(run.warehouse.read(path))
            except (ValueError, TypeError, KeyError) as error:
                damages.append(Damage(path, f"journal entry {path}", str(error)))
                continue
            if not _NAME.fullmatch(name) or commit.file != name:
                damages.append(Damage(path, f"journal entry {path}", "misnamed"))
                continue
            unknown = [part.table for part in commit.parts if part.table not in TABLES]
            if unknown:
                raise ConfigError(
                    f"run {run.id!r} was crawled by a later version: this one knows no table "
                    f"{unknown[0]}"
                )
            commits.append(commit)
            reasons = ((part, _amiss(run, part, deep=deep)) for part in commit.parts)
            damages += [Damage(path, f"part {_path(run, p)}", why) for p, why in reasons if why]
        return cls(run, commits), damages

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
        parts = (part for commit in self.commits for part in commit.parts)
        return [_path(self.run, part) for part in parts if part.table == table.name]

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
        named = {_path(self.run, part) for commit in self.commits for part in commit.parts}
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


def _path(run: Run, part: Part) -> str:
    return f"{run.table(TABLES[part.table])}/{part.file}"


def _amiss(run: Run, part: Part, *, deep: bool) -> str | None:
    """What is wrong with a part; None if nothing is. PermissionError if we may not look."""
    path, warehouse = _path(run, part), run.warehouse
    size = warehouse.size(path)
    if size is None:
        return GONE
    if size != part.size:
        return f"it has {size} bytes, {part.size} were written"
    try:
        if deep:
            return None if warehouse.digest(path) == part.digest else "its digest does not fit"
        with warehouse.filesystem.open_input_file(path) as source:
            rows = pq.read_metadata(source).num_rows
    except PermissionError:
        raise  # to be mended by people; the part may be well
    except (OSError, ValueError) as error:
        return f"not readable: {error}"
    return None if rows == part.rows else f"it has {rows} rows, {part.rows} were written"
