"""Columns of Arrow as arrays of numpy: a null is NaN."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas.snowshoe import FEATURES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def column(table: pa.Table, name: str) -> Floats:
    """A column of numbers, days or truths."""
    values = table[name]
    if pa.types.is_date32(values.type):
        values = values.cast(pa.int32())
    return np.asarray(values.cast(pa.float64()).to_numpy(), np.float64)


def matrix(table: pa.Table, names: Sequence[str] = FEATURES) -> Floats:
    """Columns side by side: shape (rows, len(names))."""
    values = np.empty((table.num_rows, len(names)))
    for at, name in enumerate(names):
        values[:, at] = column(table, name)
    return values


def positions(values: pa.ChunkedArray, among: pa.ChunkedArray) -> Ints:
    """Where each value stands among others; -1 where it does not, and for null."""
    found = pc.index_in(values, value_set=among, skip_nulls=True)
    return np.asarray(found.fill_null(-1).to_numpy(), np.int64)


def codes(values: pa.ChunkedArray) -> Ints:
    """Equal values as equal numbers from 0 on; -1 for null."""
    return positions(values, pc.unique(values))
