"""The row that stands for a failure of our own: its key, and no claim beyond it."""

import time
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from schemas.table import Table, hints, member, resolve
from schemas.vocabulary import Vocabulary


def bug_row(table: Table, key: Mapping[str, object]) -> tuple[Any, ...]:
    """A row of the table with that key: outcomes `bug`, lists empty, all else null or zero."""
    return _blank(table.record, key)


def _blank(record: type, given: Mapping[str, object]) -> tuple[Any, ...]:
    values = {
        name: given[name] if name in given else _value(hint) for name, hint in hints(record).items()
    }
    row: tuple[Any, ...] = record(**values)
    return row


def _value(hint: Any) -> object:
    arrow, nullable, _ = resolve(hint)
    bottom = member(hint)
    if nullable:
        return None
    if pa.types.is_list(arrow):
        return ()
    if pa.types.is_timestamp(arrow):
        return time.time_ns() // 1000
    if issubclass(bottom, Vocabulary):
        return bottom.__members__.get("BUG") or next(iter(bottom))
    if hasattr(bottom, "_fields"):
        return _blank(bottom, {})
    return bottom()
