"""Any row that a record allows, for property tests."""

from functools import lru_cache
from typing import Any, get_args, get_origin

import pyarrow as pa
from hypothesis import strategies as st

from schemas.table import Table, hints, member, resolve
from schemas.vocabulary import Vocabulary

# What Arrow and Parquet can hold and Python can read back.
_MICROS = st.integers(0, 4_000_000_000_000_000)
_DAYS = st.integers(0, 40_000)
_BITS = {pa.int16(): 16, pa.int32(): 32, pa.int64(): 64}
_SCALARS: dict[type, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    float: st.floats(width=32, allow_nan=False),
    bytes: st.binary(max_size=8),
    str: st.text(st.characters(codec="utf-8"), max_size=8),
}


@lru_cache
def rows(table: Table) -> st.SearchStrategy[tuple[Any, ...]]:
    """Rows of a table, every column anything that its type allows."""
    return _record(table.record)


@lru_cache
def full_rows(table: Table) -> st.SearchStrategy[tuple[Any, ...]]:
    """Rows without a null or an empty list, at any depth."""
    return _record(table.record, full=True)


def _record(record: type, *, full: bool = False) -> st.SearchStrategy[tuple[Any, ...]]:
    fields = {name: _value(hint, full=full) for name, hint in hints(record).items()}
    built: st.SearchStrategy[tuple[Any, ...]] = st.builds(record, **fields)
    return built


def _value(hint: Any, *, full: bool) -> st.SearchStrategy[Any]:
    arrow, nullable, _ = resolve(hint)
    if pa.types.is_list(arrow):
        item = get_args(_bare(hint))[0]
        made = st.lists(_value(item, full=full), min_size=int(full), max_size=2).map(tuple)
    else:
        made = _scalar(member(hint), arrow, full=full)
    return st.none() | made if nullable and not full else made


def _scalar(bottom: type, arrow: pa.DataType, *, full: bool) -> st.SearchStrategy[Any]:
    if hasattr(bottom, "_fields"):
        return _record(bottom, full=full)
    if issubclass(bottom, Vocabulary):
        return st.sampled_from(list(bottom))
    if pa.types.is_temporal(arrow):
        return _DAYS if pa.types.is_date(arrow) else _MICROS
    if pa.types.is_fixed_size_binary(arrow):
        return st.binary(min_size=arrow.byte_width, max_size=arrow.byte_width)
    if bottom is int:
        return _integers(arrow)
    return _SCALARS[bottom]


def _integers(arrow: pa.DataType) -> st.SearchStrategy[int]:
    if pa.types.is_decimal(arrow):
        return st.integers(0, 10**arrow.precision - 1)
    bits = _BITS[arrow]
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


def _bare(hint: Any) -> Any:
    """The hint inside annotations and ``| None``."""
    while get_origin(hint) not in (list, tuple):
        hint = next(each for each in get_args(hint) if each is not type(None))
    return hint
