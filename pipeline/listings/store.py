"""Where listings lie: a Parquet file a source, whole, with the list of its imports in its metadata.

One file holds both, so that the spells and the imports they follow from never part.
"""

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ConfigError, DamagedError
from pipeline.warehouse import Warehouse
from schemas import LISTINGS

_IMPORTS = b"mailcensus.imports"
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Import(NamedTuple):
    """A list as it was on a day."""

    day: str
    """ISO date."""
    files: list[list[str]]
    """(name, SHA-256) of each."""
    names: int
    """Names it speaks of."""
    rejected: dict[str, int]
    """Lines that list nothing, by reason."""


@dataclass(frozen=True)
class Shelf:
    """The listings of one source."""

    warehouse: Warehouse
    source: str

    def __post_init__(self) -> None:
        """ConfigError for a name that is no file name."""
        if not _SOURCE.fullmatch(self.source):
            raise ConfigError(
                f"source {self.source!r}: letters, digits, dot, dash, underscore; at most 64"
            )

    @property
    def path(self) -> str:
        """Of its Parquet file."""
        return f"{folder(self.warehouse)}/{self.source}.parquet"

    def load(self) -> tuple[pa.Table, list[Import]]:
        """Its rows and imports, by day; empty if there is none. DamagedError if not readable."""
        if not self.warehouse.exists(self.path):
            return LISTINGS.schema.empty_table(), []
        rows, metadata = read(self.warehouse, self.path)
        try:
            imports = [Import(**each) for each in json.loads(metadata[_IMPORTS])]
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedError(f"{self.path} is damaged: {error}") from error
        return rows, imports

    def save(self, rows: pa.Table, imports: list[Import]) -> None:
        """Replace rows and imports, both or neither."""
        said = json.dumps([each._asdict() for each in sorted(imports)]).encode()
        metadata = {**(LISTINGS.schema.metadata or {}), _IMPORTS: said}
        rows = rows.select(LISTINGS.schema.names).cast(LISTINGS.schema)
        self.warehouse.write_parquet(self.path, rows.replace_schema_metadata(metadata))


def folder(warehouse: Warehouse) -> str:
    """Where the sources lie."""
    return f"{warehouse.root}/_listings"


def sources(warehouse: Warehouse) -> list[str]:
    """Paths of all sources' listings; a Parquet reader takes them as one table."""
    return [
        path
        for path in warehouse.files(folder(warehouse))
        if path.endswith(".parquet") and not path.rpartition("/")[2].startswith(".")
    ]


def read(warehouse: Warehouse, path: str) -> tuple[pa.Table, dict[bytes, bytes]]:
    """Rows of one source's listings, and the file's metadata; DamagedError if not readable."""
    try:
        with warehouse.filesystem.open_input_file(path) as file:
            rows = pq.read_table(file)
        shaped = rows.select(LISTINGS.schema.names).cast(LISTINGS.schema)
    except (pa.ArrowException, ValueError, KeyError) as error:
        raise DamagedError(f"{path} is damaged: {error}") from error
    return shaped, rows.schema.metadata or {}


def day_of(text: str) -> dt.date:
    """A day from its ISO form; ConfigError if it is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no date: write YYYY-MM-DD") from error
