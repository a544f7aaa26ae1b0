"""Damaged files told from bugs: what DuckDB or Arrow could not read, and what to do about it."""

import re
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import DamagedError
from pipeline.provenance import command
from schemas import CRAWLED, TABLES

_NAMED = re.compile(r"""["']([^"']+\.parquet)["']""")
"""How DuckDB names the file that it could not read."""


def named(error: Exception) -> DamagedError | None:
    """What to say of an error that names a damaged Parquet file; None of any other.

    The file is read once more, from end to end: no error is taken for damage by its words alone.
    """
    for path in _NAMED.findall(str(error)):
        try:
            if Path(path).is_file():
                _read(path)
        except (pa.ArrowException, OSError) as why:
            return said(path, why)
    return None


def said(path: str, why: Exception) -> DamagedError:
    """A part of a table that cannot be read, and what makes it anew."""
    reason = str(why).strip().splitlines()[0].rstrip(".")
    return DamagedError(f"{path} is damaged ({reason}): {_remedy(path)}")


def _read(path: str) -> None:
    with pq.ParquetFile(path) as file:
        for _ in file.iter_batches():
            pass


def _remedy(path: str) -> str:
    table = TABLES.get(PurePosixPath(path).parent.parent.name)
    if table is None:
        return "restore it, or move it away"
    if table in CRAWLED:
        return "repeat the command of its crawl to have its rows asked again"
    return f"`mailcensus {command(table)}` writes it anew"
