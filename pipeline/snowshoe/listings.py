"""Labels: the listings of a warehouse."""

import datetime as dt
import hashlib
import io

import pyarrow as pa

from pipeline.errors import ConfigError
from pipeline.listings import store
from pipeline.warehouse import Warehouse
from schemas import LISTINGS
from stages.inference.snowshoe.labels import of_sources
from stages.inference.snowshoe.model import LabelsUsed

_EPOCH = dt.date(1970, 1, 1)
_KEY = [(name, "ascending") for name in LISTINGS.key]


def load(warehouse: Warehouse, sources: tuple[str, ...] = ()) -> pa.Table:
    """Listings of some lists, or of all, by key; none if none were imported.

    ConfigError for a list that was not imported.
    """
    none = LISTINGS.schema.empty_table()
    every = (store.read(warehouse, path)[0] for path in store.sources(warehouse))
    rows = pa.concat_tables([none, *every])
    missing = sorted(set(sources) - set(rows["source"].unique().to_pylist()))
    if missing:
        raise ConfigError(f"no listings of {', '.join(missing)}: import them first")
    return of_sources(rows, sources).sort_by(_KEY)


def needed(warehouse: Warehouse, sources: tuple[str, ...]) -> pa.Table:
    """The same; ConfigError if there are none."""
    rows = load(warehouse, sources)
    if not rows.num_rows:
        raise ConfigError("no blacklist was imported: there is nothing to learn from or test by")
    return rows


def used(listings: pa.Table, until: int) -> LabelsUsed:
    """What a model or report says of its labels."""
    with io.BytesIO() as stream:
        with pa.ipc.new_stream(stream, listings.schema.remove_metadata()) as writer:
            writer.write_table(listings.replace_schema_metadata().combine_chunks())
        digest = hashlib.sha256(stream.getvalue()).hexdigest()
    sources = sorted(set(listings["source"].to_pylist()))
    return LabelsUsed(sources, digest, date(until))


def date(day: int) -> str:
    """The ISO date of days since 1970."""
    return (_EPOCH + dt.timedelta(day)).isoformat()


def day_of(text: str) -> int:
    """Days since 1970 of an ISO date; ConfigError if it is none."""
    return (store.day_of(text) - _EPOCH).days
