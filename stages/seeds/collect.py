"""Seeds of all lists in, one table of distinct domains out, in the order they are crawled in.

The order is that of a hash: a shuffle that is the same every time, so that no provider's
domains, which stand together in lists, are asked for in one go.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas.domains import DOMAINS
from stages.seeds.entry import Reason, Reject, Seed, SeedError

SCHEMA = pa.schema([DOMAINS.schema.field("domain"), DOMAINS.schema.field("seeds")])
"""domain: string, seeds: list<struct<list, rank>>, as in the table domains."""

_LIST = pa.dictionary(pa.int32(), pa.string())  # millions of rows, a few lists
_HASHED = pa.schema({"hash": pa.uint64(), "domain": pa.string(), "list": _LIST, "rank": pa.int64()})
_CHUNK = 1 << 14
_PART_BITS = 4


class Tally(NamedTuple):
    """What became of the entries of all lists; blank lines, comments and headers are none."""

    lines: int
    accepted: int
    distinct: int
    rejected: dict[Reason, int]


class Seeds(NamedTuple):
    """The distinct seeds and the account of how they came about."""

    table: pa.Table
    """By SCHEMA; ordered by the hash of the domain, each one's lists by name."""
    tally: Tally


def collect(
    entries: Iterable[Seed | Reject],
    *,
    key_hash: Callable[[str], int],
    reject: Callable[[Reject], object],
) -> Seeds:
    """Every distinct domain with its best rank in each list; `reject` gets what is none.

    `key_hash` gives 64 unsigned bits. Raises SeedError if nothing is left.
    """
    rejected: Counter[Reason] = Counter()

    def count(rejection: Reject) -> None:
        rejected[rejection.reason] += 1
        reject(rejection)

    hashed = pa.Table.from_batches(_batches(entries, key_hash, count), _HASHED)
    if not hashed.num_rows:
        raise SeedError("the seed lists hold no domain")
    table = pa.concat_tables(_table(part) for part in _parts(hashed))
    accepted = hashed.num_rows
    lines = accepted + rejected.total()
    return Seeds(table, Tally(lines, accepted, table.num_rows, dict(sorted(rejected.items()))))


def _batches(
    entries: Iterable[Seed | Reject],
    key_hash: Callable[[str], int],
    reject: Callable[[Reject], object],
) -> Iterator[pa.RecordBatch]:
    """The seeds as Arrow columns."""
    remaining = iter(entries)
    while chunk := list(islice(remaining, _CHUNK)):
        seeds = []
        for entry in chunk:
            if isinstance(entry, Reject):
                reject(entry)
            else:
                seeds.append((key_hash(entry.domain), *entry))
        yield pa.RecordBatch.from_struct_array(pa.array(seeds, pa.struct(list(_HASHED))))


def _parts(hashed: pa.Table) -> Iterator[pa.Table]:
    """The rows by the first bits of the hash: sorting takes several copies of what it sorts."""
    number = pc.shift_right(hashed["hash"], pa.scalar(64 - _PART_BITS, pa.uint64()))
    for wanted in range(1 << _PART_BITS):
        part = hashed.filter(pc.equal(number, wanted))
        if part.num_rows:
            yield part


def _table(hashed: pa.Table) -> pa.Table:
    """One row a domain, in the order of the hashes."""
    hashed = hashed.set_column(2, "list", hashed["list"].cast(pa.string()))
    # Sorting puts the best rank of a domain in a list first, nulls last; no hash table is needed.
    order = pc.sort_indices(hashed, [(name, "ascending") for name in _HASHED.names])
    ordered = hashed.take(order).combine_chunks()
    is_domain = _changes(ordered["domain"])
    is_best = is_domain | _changes(ordered["list"])
    best = ordered.filter(pa.array(is_best)).combine_chunks()
    seeds_type = SCHEMA.field("seeds").type
    ranks = pa.StructArray.from_arrays(
        [best[name].combine_chunks() for name in ("list", "rank")],
        fields=list(seeds_type.value_type),
    )
    starts = np.flatnonzero(is_domain[is_best])
    offsets = pa.array(np.append(starts, best.num_rows), pa.int32())
    seeds = pa.ListArray.from_arrays(offsets, ranks, type=seeds_type)
    return pa.Table.from_arrays([best["domain"].take(starts), seeds], schema=SCHEMA)


def _changes(values: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Where a value differs from the one before it; the first does."""
    differs = pc.not_equal(values[1:], values[:-1])
    return np.append(True, differs.to_numpy())
