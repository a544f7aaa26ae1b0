"""Runs as snowshoe detection reads them: features, with what the tail leaves domains out by."""

import datetime as dt
import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import ConfigError, DamagedError
from pipeline.infer import backend
from pipeline.journal import Journal
from pipeline.record import Record
from pipeline.warehouse import Run, Warehouse
from schemas import DOMAINS, PROVIDERS
from schemas.snowshoe import SNOWSHOE
from stages.inference.snowshoe.matrix import positions
from stages.inference.snowshoe.model import RunUsed
from stages.inference.snowshoe.tail import KNOWN, RANK

_EPOCH = dt.date(1970, 1, 1)
_MOST = 0.5


@dataclass(frozen=True)
class Night:
    """A run that has features."""

    run: Run
    record: Record

    @classmethod
    def of(cls, run: Run) -> "Night":
        """ConfigError for a run without features."""
        record = Record.load(run)
        if record is None or not run.warehouse.exists(run.inferred(SNOWSHOE)):
            raise ConfigError(f"run {run.id!r} has no snowshoe features: mailcensus infer first")
        return cls(run, record)

    @property
    def day(self) -> int:
        """The day it stands for, in days since 1970."""
        return (self.record.day - _EPOCH).days

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file of features."""
        data = self.run.warehouse.read(self.run.inferred(SNOWSHOE))
        return hashlib.sha256(data).hexdigest()

    def features(self) -> pa.Table:
        """The features, with `RANK`, and `KNOWN` where providers have been inferred.

        DamagedError for a file that is none, ConfigError for one of a version with fewer columns.
        """
        path = self.run.inferred(SNOWSHOE)
        try:
            rows = pq.read_table(io.BytesIO(self.run.warehouse.read(path)))
            if lacking := [n for n in SNOWSHOE.schema.names if n not in rows.column_names]:
                raise ConfigError(f"run {self.run.id!r} lacks {lacking[0]}: infer it again")
            rows = rows.select(SNOWSHOE.schema.names).cast(SNOWSHOE.schema)
        except (pa.ArrowException, ValueError, KeyError) as error:
            raise DamagedError(f"{path} is damaged: {error}; infer it again") from error
        for name, said in (RANK, self._ranks()), (KNOWN, self._known()):
            if said is not None:
                at = positions(rows["domain"], said["domain"])
                values = said[name].take(pa.array(at, mask=at < 0))
                rows = rows.append_column(name, values)
        return rows

    def _ranks(self) -> pa.Table | None:
        """Best rank of each domain that has one."""
        parts = Journal.load(self.run).parts(DOMAINS)
        if not parts:
            return None
        with backend() as connection:
            domains = connection.read_parquet(parts)
            ranks = domains.select(
                "domain", **{RANK: domains.seeds.map(lambda seed: seed["rank"]).mins()}
            )
            return ranks.filter(ranks[RANK].notnull()).to_pyarrow()

    def _known(self) -> pa.Table | None:
        """Whether a company of the map runs each domain's mail."""
        path = self.run.inferred(PROVIDERS)
        if not self.run.warehouse.exists(path):
            return None
        batches = self.run.read(path, ["domain", "operator_company"])
        rows = pa.Table.from_batches(batches)
        return pa.table({"domain": rows["domain"], KNOWN: rows["operator_company"].is_valid()})

    def used(self, rows: pa.Table, candidates: int) -> RunUsed:
        """What a model or report says of the run."""
        made_up = synthetic(self.record, rows)
        day = self.record.day.isoformat()
        return RunUsed(self.run.id, day, rows.num_rows, candidates, self.digest, made_up)


def synthetic(record: Record, rows: pa.Table) -> str | None:
    """Why a run is made up, or None: it had no way to the Internet, or its networks are not there.

    The scope is part of what a run is: one of scope loopback can have reached nothing else.
    """
    if record.settings.get("scope") == "loopback":
        return "crawled with scope loopback"
    networks = pc.value_counts(rows["slash24_group"].drop_null())
    if not len(networks):
        return None
    private = [_is_private(str(each)) for each in networks.field("values")]
    counts = networks.field("counts").to_numpy()
    if counts[np.array(private)].sum() > _MOST * counts.sum():
        return "most of its addresses are of no public network"
    return None


def _is_private(text: str) -> bool:
    try:
        return not IPv4Network(text if "/" in text else f"{text}/24", strict=False).is_global
    except ValueError:
        return False


def nights(warehouse: Warehouse, window: str) -> list[Night]:
    """Runs with features from A to B by day; ``window`` is A..B, or one run.

    ConfigError for a window that names no such runs. Runs between without features are left out.
    """
    first, _, last = window.partition("..")
    ends = [Night.of(warehouse.existing(name)) for name in (first, last or first)]
    if ends[0].day > ends[1].day:
        raise ConfigError(f"window {window!r} ends before it begins")
    found = [n for n in _every(warehouse) if ends[0].day <= n.day <= ends[1].day]
    for night, later in pairwise(found):
        if night.day == later.day:
            raise ConfigError(
                f"runs {night.run.id!r} and {later.run.id!r} are of one day: name runs by date"
            )
    return found


def _every(warehouse: Warehouse) -> list[Night]:
    runs = [run for run in warehouse.runs() if warehouse.exists(run.inferred(SNOWSHOE))]
    return sorted(map(Night.of, runs), key=lambda night: (night.day, night.run.id))
