"""Where things lie: `<warehouse>/<table>/run=<run>/part-*.parquet` and `_runs/<run>/`.

All paths go through pyarrow.fs, so a warehouse may also be an object store. What is written
is written whole: to a temporary name, synced, then renamed.
"""

import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash
from pyarrow import fs

from pipeline.errors import ConfigError
from schemas.table import Table

_CHUNK = 1 << 20
_BATCH_ROWS = 1 << 11  # as Python objects, 64 Ki seeds took 35 MB
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Written(NamedTuple):
    """What a file was when it was written."""

    size: int
    """Bytes."""
    digest: str
    """64 bits of XXH3 in hex: tells damage from wear, not from malice."""


class _Digesting(io.RawIOBase):
    """Passes on what is written and digests it on the way."""

    def __init__(self, stream: pa.NativeFile) -> None:
        self._stream = stream
        self._digest = xxhash.xxh3_64()
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        self._digest.update(view)
        self._size += view.nbytes
        self._stream.write(view)
        return view.nbytes

    def written(self) -> Written:
        return Written(self._size, self._digest.hexdigest())


@dataclass(frozen=True)
class Warehouse:
    """A folder of tables."""

    filesystem: fs.FileSystem
    root: str
    location: str
    """What `at` makes the same warehouse of, in another process too."""

    @classmethod
    def at(cls, location: str) -> "Warehouse":
        """The warehouse at a path or URI (s3://…, gs://…); nothing is created."""
        if "://" in location:
            filesystem, root = fs.FileSystem.from_uri(location)
            return cls(filesystem, root.rstrip("/"), location)
        root = os.path.abspath(location)  # noqa: PTH100 - text, not a Path
        return cls(fs.LocalFileSystem(), root, root)

    def run(self, run: str) -> "Run":
        """The run of that id, which need not exist."""
        if not _RUN_ID.fullmatch(run):
            raise ConfigError(f"run id {run!r}: letters, digits, dot, dash, underscore; at most 64")
        return Run(self, run)

    def runs(self) -> list["Run"]:
        """Every run, by id."""
        return [Run(self, name) for name in sorted(self._names(f"{self.root}/_runs"))]

    def existing(self, run: str | None) -> "Run":
        """The run of that id, or the latest begun; ConfigError if there is none."""
        if run is not None:
            found = self.run(run)
            if not self.exists(found.record):
                raise ConfigError(f"no run {run!r} in {self.root}")
            return found
        runs = [each for each in self.runs() if self.exists(each.record)]
        if not runs:
            raise ConfigError(f"no run in {self.root}")
        return max(runs, key=lambda each: self.filesystem.get_file_info(each.record).mtime_ns)

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""
        return bool(self.filesystem.get_file_info(path).type != fs.FileType.NotFound)

    def size(self, path: str) -> int | None:
        """Size of a file in bytes; None if it is not there."""
        info = self.filesystem.get_file_info(path)
        return info.size if info.type == fs.FileType.File else None

    def files(self, folder: str) -> list[str]:
        """Paths of the files right inside a folder, sorted; empty if it is not there."""
        return [f"{folder}/{name}" for name in sorted(self._names(folder, fs.FileType.File))]

    def _names(self, folder: str, kind: fs.FileType = fs.FileType.Directory) -> list[str]:
        selector = fs.FileSelector(folder, allow_not_found=True)
        return [
            info.base_name for info in self.filesystem.get_file_info(selector) if info.type == kind
        ]

    def read(self, path: str) -> bytes:
        """The whole of a small file."""
        with self.filesystem.open_input_stream(path) as stream:
            return bytes(stream.read())

    def write(self, path: str, data: bytes) -> None:
        """Put a small file in place, whole or not at all."""
        temporary = self.temporary(path)
        with self.filesystem.open_output_stream(temporary) as stream:
            stream.write(data)
        self.put(temporary, path)

    def write_parquet(self, path: str, table: pa.Table) -> Written:
        """Put a Parquet file in place, whole or not at all."""
        temporary = self.temporary(path)
        with self.filesystem.open_output_stream(temporary) as stream:
            digesting = _Digesting(stream)
            pq.write_table(table, digesting, compression="zstd")
        self.put(temporary, path)
        return digesting.written()

    def write_batches(
        self, path: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]
    ) -> Written:
        """The same from a stream, of which one batch is in memory."""
        temporary = self.temporary(path)
        with self.filesystem.open_output_stream(temporary) as stream:
            digesting = _Digesting(stream)
            with pq.ParquetWriter(digesting, schema, compression="zstd") as writer:
                for batch in batches:
                    writer.write_batch(batch)
        self.put(temporary, path)
        return digesting.written()

    def digest(self, path: str) -> str:
        """The digest of a file as it lies, as in `Written`."""
        digest = xxhash.xxh3_64()
        with self.filesystem.open_input_stream(path) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def move(self, path: str, folder: str) -> None:
        """Move a file into a folder, which is made."""
        self.filesystem.create_dir(folder, recursive=True)
        self.filesystem.move(path, f"{folder}/{PurePosixPath(path).name}")

    def temporary(self, path: str) -> str:
        """A name beside the final one that no reader takes for data; its folder is made."""
        at = PurePosixPath(path)
        self.filesystem.create_dir(str(at.parent), recursive=True)
        return f"{at.parent}/.{at.name}.tmp"

    def put(self, temporary: str, path: str) -> None:
        """Sync a finished temporary file and rename it into place."""
        local = isinstance(self.filesystem, fs.LocalFileSystem)
        if local:
            _sync(temporary)
        self.filesystem.move(temporary, path)
        if local:
            _sync(str(PurePosixPath(path).parent))

    def remove(self, path: str) -> None:
        """Delete a file."""
        self.filesystem.delete_file(path)


@dataclass(frozen=True)
class Run:
    """One night's census in a warehouse."""

    warehouse: Warehouse
    id: str

    @property
    def folder(self) -> str:
        """Where its bookkeeping lies."""
        return f"{self.warehouse.root}/_runs/{self.id}"

    @property
    def record(self) -> str:
        """Path of run.json: settings, sources, versions."""
        return f"{self.folder}/run.json"

    @property
    def status(self) -> str:
        """Path of status.json: how far it is."""
        return f"{self.folder}/status.json"

    @property
    def report(self) -> str:
        """Path of report.json: what came of the last command."""
        return f"{self.folder}/report.json"

    @property
    def journal(self) -> str:
        """Folder of the commits."""
        return f"{self.folder}/journal"

    @property
    def seeds(self) -> str:
        """Path of the folded seeds."""
        return f"{self.folder}/seeds.parquet"

    @property
    def rejects(self) -> str:
        """Path of the seed lines that were no domains."""
        return f"{self.folder}/rejects.csv"

    def table(self, table: Table) -> str:
        """Folder of a table's parts."""
        return f"{self.warehouse.root}/{table.name}/run={self.id}"

    def inferred(self, table: Table) -> str:
        """Path of the one part of an inferred table, which inference replaces whole."""
        return f"{self.table(table)}/part-0.parquet"

    def read(self, path: str, columns: list[str]) -> Iterator[pa.RecordBatch]:
        """Some columns of a Parquet file, batch by batch.

        Without Arrow's threads: they save no time here, and take 40 MB.
        """
        with self.warehouse.filesystem.open_input_file(path) as source:
            yield from pq.ParquetFile(source).iter_batches(
                batch_size=_BATCH_ROWS, columns=columns, use_threads=False
            )


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
