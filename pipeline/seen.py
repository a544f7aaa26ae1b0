"""First-seen days, kept beside the runs: `<warehouse>/_seen/seen.parquet`.

They outlive the runs that they come from. Each keeps the least day it was ever given, so it does
not matter in which order runs are inferred, nor how often.
"""

import datetime as dt
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from pyarrow import fs

from pipeline.errors import DamagedError
from pipeline.warehouse import Warehouse
from schemas.seen import SEEN


def note(
    warehouse: Warehouse, connection: ibis.BaseBackend, domains: ir.Table, day: dt.date
) -> None:
    """Note that a run of that day has these domains.

    DamagedError if what is kept cannot be read.
    """
    with _alone(warehouse):
        found = domains.select("domain", first_seen=ibis.literal(day))
        if warehouse.exists(path(warehouse)):
            before = first_seen(warehouse, connection)
            if not _news(before, found):
                return
            found = found.union(before)
        rows = found.group_by("domain").agg(first_seen=found.first_seen.min())
        batches = rows.order_by("domain").to_pyarrow_batches()
        schema = SEEN.schema
        shaped = (
            batch
            for each in batches
            for batch in pa.Table.from_batches([each]).cast(schema).to_batches()
        )
        warehouse.write_batches(path(warehouse), schema, shaped)


def first_seen(warehouse: Warehouse, connection: ibis.BaseBackend) -> ir.Table:
    """Domain and first_seen, of all that was noted; DamagedError if it cannot be read."""
    where = path(warehouse)
    try:
        with warehouse.filesystem.open_input_file(where) as file:
            pa.parquet.read_schema(file)
        return connection.read_parquet(where).select("domain", "first_seen")
    except (pa.ArrowInvalid, OSError) as error:
        text = f"{where} is damaged: move it away; days are noted anew as runs are inferred"
        raise DamagedError(text) from error


def path(warehouse: Warehouse) -> str:
    """Where the days lie."""
    return f"{warehouse.root}/_seen/{SEEN.name}.parquet"


def _news(before: ir.Table, found: ir.Table) -> bool:
    """Whether a domain is new or was there earlier than known."""
    joined = found.left_join(before.rename(known="first_seen"), "domain")
    news = joined.filter(joined.known.isnull() | (joined.known > joined.first_seen))
    return bool(news.limit(1).count().to_pyarrow().as_py())


@contextmanager
def _alone(warehouse: Warehouse) -> Iterator[None]:
    """One process at a time; others wait.

    Object stores have no locks: there it is the user's care.
    """
    if not isinstance(warehouse.filesystem, fs.LocalFileSystem):
        yield
        return
    folder = Path(path(warehouse)).parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
