"""Arrow columns back to records: the inverse of ``Table.batch``."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin

import pyarrow as pa

from schemas.table import hints, member, resolve
from schemas.vocabulary import Vocabulary

R = TypeVar("R", bound=tuple[Any, ...])
Reader = Callable[[Any], Any]

_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)
_EPOCH_DAY = _EPOCH.date()
_MICROSECOND = dt.timedelta(microseconds=1)


def records(record: type[R], data: pa.Table) -> list[R]:
    """Rows as records, words and moments as the record has them; columns are found by name."""
    read = _of_record(record)
    return [read(row) for row in data.to_pylist()]


@lru_cache
def _of_record(record: type) -> Reader:
    readers = {name: _reader(hint) for name, hint in hints(record).items()}

    def read(row: Mapping[str, Any]) -> Any:
        values = ((reader, row[name]) for name, reader in readers.items())
        return record(*(value if value is None else reader(value) for reader, value in values))

    return read


def _reader(hint: Any) -> Reader:
    arrow, _, _ = resolve(hint)
    if pa.types.is_list(arrow):
        item = _reader(_item(hint))
        return lambda values: tuple(map(item, values))
    if pa.types.is_timestamp(arrow):
        return lambda moment: (moment - _EPOCH) // _MICROSECOND
    if pa.types.is_date(arrow):
        return lambda day: (day - _EPOCH_DAY).days
    if pa.types.is_decimal(arrow):
        return int
    bottom = member(hint)
    if hasattr(bottom, "_fields"):
        return _of_record(bottom)
    return bottom if issubclass(bottom, Vocabulary) else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _item(hint: Any) -> Any:
    """What a list holds, inside annotations and ``| None``."""
    while get_origin(hint) not in (list, tuple):
        hint = next(each for each in get_args(hint) if each is not type(None))
    return get_args(hint)[0]
