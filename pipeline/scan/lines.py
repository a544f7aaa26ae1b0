"""The lines of a scan file, each as one flat row, and DuckDB over such rows.

A scan repeats itself: every domain of a provider has all its servers. Lines go to a Parquet file
as they come, a certificate's bytes only with its first line, and DuckDB, whose memory is bounded
and which spills to disk, finds what is said of each domain, host and address.
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ConfigError
from pipeline.keys import KeySet, key_hash
from stages.scan.literal import LONGEST, ScanError
from stages.scan.message import fate
from stages.scan.row import ScanRow, is_header, parse

_BATCH_ROWS = 2048
_MEMORY = "768MB"


class Line(NamedTuple):
    """A line with what it says of how its question ended; text of `Fate` as words."""

    line: int
    domain: str
    mx: str | None
    preference: int | None
    implicit: bool
    mail: str | None
    status: str | None
    address: str | None
    asn: int | None
    answered: bool
    outcome: str | None
    detail: str | None
    banner: str | None
    ehlo: str | None
    leaf: str | None
    """SHA-256 of the certificate."""
    der: bytes | None
    """The certificate, where no line before has it."""
    trusted: bool | None
    judged: str | None
    """The scanner's message on the certificate."""


SCHEMA = pa.schema(
    {
        **dict.fromkeys(Line._fields, pa.string()),
        "line": pa.int64(),
        "preference": pa.int32(),
        "implicit": pa.bool_(),
        "asn": pa.int64(),
        "answered": pa.bool_(),
        "der": pa.binary(),
        "trusted": pa.bool_(),
    }
)


def read_lines(path: Path) -> Iterator[Line]:
    """Every line of a file; ConfigError names the first that is none of the format."""
    seen = KeySet()
    for number, row in _rows(path):
        yield _line(number, row, seen)


def write_lines(path: Path, target: str) -> int:
    """Copy a scan to a Parquet file of lines; how many there are."""
    lines = read_lines(path)
    count = 0
    with pq.ParquetWriter(target, SCHEMA, compression="zstd") as writer:
        while chunk := list(islice(lines, _BATCH_ROWS)):
            array = pa.array(chunk, pa.struct(list(SCHEMA)))
            writer.write_batch(pa.RecordBatch.from_struct_array(array))
            count += len(chunk)
    return count


@contextmanager
def spilling(folder: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with bounded memory that spills into a folder."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": folder,
        "preserve_insertion_order": False,
    }
    with duckdb.connect(config=settings) as connection:
        yield connection


def _rows(path: Path) -> Iterator[tuple[int, ScanRow]]:
    """Line numbers and rows; the last line of a row whose text spans several."""
    limit = csv.field_size_limit(LONGEST)
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            reader = csv.reader(file, delimiter="\t")
            try:
                for cells in reader:
                    if cells and not (reader.line_num == 1 and is_header(cells)):
                        yield reader.line_num, parse(cells)
            except (ScanError, csv.Error) as error:
                raise ConfigError(f"{path}, line {reader.line_num}: {error}") from error
    except OSError as error:
        raise ConfigError(f"cannot read scan {path}: {error.strerror}") from error
    finally:
        csv.field_size_limit(limit)


def _line(number: int, row: ScanRow, seen: KeySet) -> Line:
    end = fate(row)
    leaf = row.leaf
    sha256 = hashlib.sha256(leaf.der).hexdigest() if leaf else None
    is_new = sha256 is not None and seen.add(key_hash(sha256))
    return Line(
        line=number,
        domain=row.domain,
        mx=row.mx,
        preference=row.preference,
        implicit=end.implicit,
        mail=end.mail,
        status=end.status,
        address=row.address,
        asn=row.asn,
        answered=any(each is not None for each in (row.banner, row.ehlo, leaf)),
        outcome=end.outcome,
        detail=end.detail,
        banner=row.banner,
        ehlo=row.ehlo,
        leaf=sha256,
        der=leaf.der if leaf and is_new else None,
        trusted=leaf.trusted if leaf else None,
        judged=leaf.message if leaf else None,
    )


def streamed(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object]
) -> Iterator[tuple[object, ...]]:
    """Rows of a query, a few thousand in memory at a time."""
    cursor = connection.execute(query, list(values))
    while chunk := cursor.fetchmany(_BATCH_ROWS):
        yield from chunk
