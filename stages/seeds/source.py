"""Where seed lists are read from: files, plain or packed, Parquet, and standard input.

What a file is shows in its first bytes, not in its name. A list that cannot be read raises
`SeedError`, also in the middle: half a list is none.
"""

import io
import os
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from stages.seeds.entry import Entry, Reject, SeedError
from stages.seeds.layout import LINE_MAX, entries
from stages.seeds.parquet import rows

STDIN = "-"

_ENDINGS = frozenset({".csv", ".tsv", ".txt", ".lst", ".list", ".parquet", ".gz", ".zst", ".zip"})
_CODECS = {b"\x1f\x8b": "gzip", b"\x28\xb5": "zstd"}
_ZIP, _PARQUET = b"PK\x03\x04", b"PAR1"
_BUFFER = 1 << 16

_UNREADABLE = (
    OSError,
    EOFError,
    SeedError,
    pa.ArrowException,
    zipfile.BadZipFile,
    zlib.error,
)


def list_name(source: str | Path) -> str:
    """Name of a list: its file name without endings, "stdin" for standard input.

    >>> list_name("lists/tranco_2026.11.csv.gz")
    'tranco_2026.11'
    """
    if source == STDIN:
        return "stdin"
    path = Path(source)
    while path.suffix.lower() in _ENDINGS:
        path = path.with_suffix("")
    return path.name


def read_source(source: str | Path) -> Iterator[Entry | Reject]:
    """The entries of one list; raises SeedError if it cannot be read to its end."""
    name = list_name(source)
    try:
        with _open(source) as file:
            yield from _read(file, name)
    except _UNREADABLE as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise SeedError(f"cannot read seed list {source}: {reason}") from error


def text_lines(source: str | Path) -> Iterator[bytes]:
    """Lines of any list that is text, plain or packed; SeedError if it cannot be read."""
    try:
        with _open(source) as file:
            yield from _text_lines(file)
    except _UNREADABLE as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise SeedError(f"cannot read list {source}: {reason}") from error


def _open(source: str | Path) -> io.BufferedReader:
    if source == STDIN:
        return os.fdopen(sys.stdin.fileno(), "rb", closefd=False)
    return Path(source).open("rb")


def _read(file: io.BufferedReader, name: str) -> Iterator[Entry | Reject]:
    magic = file.peek(4)[:4]
    if magic in (_PARQUET, _ZIP) and not file.seekable():
        raise SeedError("zip and Parquet cannot be read from a pipe")
    if magic == _PARQUET:
        yield from rows(file, name)
    else:
        yield from entries(name, _text_lines(file))


def _text_lines(file: io.BufferedReader) -> Iterator[bytes]:
    magic = file.peek(4)[:4]
    if magic == _ZIP:
        with zipfile.ZipFile(file) as archive, _member(archive) as member:
            yield from _lines(io.BufferedReader(member, _BUFFER))
    elif codec := _CODECS.get(magic[:2]):
        unpacked = pa.CompressedInputStream(file, codec)
        yield from _lines(io.BufferedReader(unpacked, _BUFFER))
    else:
        yield from _lines(file)


def _member(archive: zipfile.ZipFile) -> zipfile.ZipExtFile:
    """The one file of a zip."""
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) != 1:
        raise SeedError(f"a zip must hold one list, not {len(members)} files")
    try:
        member = archive.open(members[0])
    except RuntimeError as error:  # encrypted, or packed in a way that zipfile does not know
        raise SeedError(str(error)) from error
    assert isinstance(member, zipfile.ZipExtFile)
    return member


def _lines(stream: io.BufferedReader) -> Iterator[bytes]:
    """Lines without loading one of endless length: what is over LINE_MAX is dropped."""
    if b"\0" in stream.peek():
        raise SeedError("it is binary, not text")
    while line := stream.readline(LINE_MAX + 1):
        rest = line
        while len(rest) > LINE_MAX and not rest.endswith(b"\n"):
            rest = stream.readline(LINE_MAX + 1)
        yield line
