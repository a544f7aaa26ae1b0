"""Columns of Arrow as arrays of numpy."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.inference.trust.sets import Bools, Ints

Column: TypeAlias = pa.Array | pa.ChunkedArray
NOWHERE = -1
"""The place of what is not there."""


def integers(column: Column) -> Ints:
    """Integers or truths as 64-bit integers, null as 0."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int64())
    return np.asarray(pc.fill_null(column, 0).to_numpy(zero_copy_only=False), np.int64)


def truths(column: Column) -> Bools:
    """Truths, null as false."""
    return np.asarray(pc.fill_null(column, False).to_numpy(zero_copy_only=False), bool)  # noqa: FBT003


def places(column: Column, words: pa.Array | Sequence[str]) -> Ints:
    """Of each text its place among distinct words, `NOWHERE` if it is none of them."""
    known = words if isinstance(words, pa.Array) else pa.array(map(str, words), pa.string())
    found = pc.fill_null(pc.index_in(column, known), NOWHERE)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)


def whole(column: Column) -> pa.Array:
    """The column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def octets(addresses: pa.Array, numbers: int) -> Ints:
    """The decimal numbers of texts that dots and slashes part, so many each; a row a text."""
    dotted = pc.replace_substring(addresses, "/", ".") if numbers > 4 else addresses  # noqa: PLR2004
    parts = pc.split_pattern(dotted, ".").flatten().cast(pa.int64())
    return np.asarray(parts.to_numpy(zero_copy_only=False)).reshape(-1, numbers)


def number(octet: Ints) -> Ints:
    """IPv4 addresses as numbers, from their four octets a row."""
    return np.asarray(octet[:, 0] << 24 | octet[:, 1] << 16 | octet[:, 2] << 8 | octet[:, 3])
