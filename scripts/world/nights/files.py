"""The files of nights.

nights.json            what the nights were made with; `serve-night` makes them again from it
night-01/ …            a directory as every world has it (scripts.world.files, zones), and
    origins.parquet    model.Origin: what each domain is, its campaign, since when, its lists
    lists/             blacklists as they stood that night (listfiles)
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from scripts.world import zones
from scripts.world.files import write_world
from scripts.world.nights.listfiles import write_lists
from scripts.world.nights.model import Night, Origin
from scripts.world.nights.timeline import RATE, nights

PARAMETERS = "nights.json"
_ORIGIN = pa.schema([
    pa.field("domain", pa.string(), nullable=False),
    pa.field("kind", pa.string(), nullable=False),
    pa.field("campaign", pa.string()),
    pa.field("style", pa.string()),
    pa.field("registered", pa.date32(), nullable=False),
    pa.field("listed", pa.list_(pa.string()), nullable=False),
])  # fmt: skip


class Parameters(NamedTuple):
    """What nights are made with."""

    size: int
    seed: int
    how_many: int
    rate: float = RATE
    apart: int = 1

    def save(self, directory: Path) -> None:
        """Beside the nights."""
        (directory / PARAMETERS).write_text(json.dumps(self._asdict()), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "Parameters":
        """Those of a directory of nights. Raises OSError, ValueError, TypeError."""
        return cls(**json.loads((directory / PARAMETERS).read_text(encoding="utf-8")))

    def nights(self) -> Iterator[Night]:
        """All of them, made anew."""
        return nights(self.size, self.seed, self.how_many, rate=self.rate, apart=self.apart)

    def night(self, number: int) -> Night:
        """One of the nights, made again. ValueError if there is none of that number."""
        if not 1 <= number <= self.how_many:
            raise ValueError(f"there are nights 1 to {self.how_many}")
        return next(night for night in self.nights() if night.number == number)


def folder(directory: Path, number: int) -> Path:
    """Where a night's files are."""
    return directory / f"night-{number:02}"


def write_nights(parameters: Parameters, directory: Path, dns_port: int) -> None:
    """All nights, each ready for NSD."""
    directory.mkdir(parents=True, exist_ok=True)
    for night in parameters.nights():
        place = folder(directory, night.number)
        write_night(night, place)
        zones.write(night.world, place, port=dns_port)
    parameters.save(directory)


def write_night(night: Night, place: Path) -> None:
    """The files of one night that do not depend on how it is served."""
    write_world(night.world, place)
    write_lists(night.lists, night.day, place / "lists")
    columns = dict(zip(Origin._fields, zip(*night.origins, strict=True), strict=True))
    pq.write_table(pa.table(columns, schema=_ORIGIN), place / "origins.parquet")
