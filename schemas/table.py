"""A table and the one shape of its rows.

A record is a ``NamedTuple`` whose fields are annotated with their type and their text:

    class Address(NamedTuple):
        address: Annotated[str, "IPv4 or IPv6 address in its canonical text form"]
        asn: Annotated[Int64 | None, "number of the AS that announces it"]

From that class alone come the typed row, the Arrow schema, the metadata of the Parquet
files and the data dictionary. Tuples, not dataclasses, because Arrow builds struct columns
straight from nested tuples.
"""

import json
import types
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

from schemas.vocabulary import Vocabulary

SCHEMA_VERSION = 1
"""Raised by one whenever a column of a published table is renamed, removed or retyped."""

Int16 = Annotated[int, pa.int16()]
Int32 = Annotated[int, pa.int32()]
Int64 = Annotated[int, pa.int64()]
Float32 = Annotated[float, pa.float32()]
Float64 = Annotated[float, pa.float64()]
Micros = Annotated[int, pa.timestamp("us", tz="UTC")]
"""A moment as microseconds since 1970-01-01 UTC."""
Day = Annotated[int, pa.date32()]
"""A day as days since 1970-01-01."""

_SCALARS: dict[type, pa.DataType] = {
    str: pa.string(),
    bytes: pa.binary(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
}


class Column(NamedTuple):
    """One line of the data dictionary; nested fields are dotted, list items marked ``[]``."""

    path: str
    type_name: str
    nullable: bool
    text: str
    vocabulary: type[Vocabulary] | None
    """The set its words are of."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table of the warehouse: its record class, key columns and provenance."""

    name: str
    record: type[tuple[Any, ...]]
    key: tuple[str, ...]
    made_by: str
    """The part of the program that writes it."""
    grain: str
    """What one row stands for."""

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema, with descriptions on the fields and in the file's metadata."""
        texts = {column.path: column.text for column in self.columns}
        words = {
            column.path: {word: word.meaning for word in column.vocabulary}
            for column in self.columns
            if column.vocabulary
        }
        return pa.schema(
            list(_fields(self.record)),
            metadata={
                "mailcensus.table": self.name,
                "mailcensus.schema_version": str(SCHEMA_VERSION),
                "mailcensus.key": ",".join(self.key),
                "mailcensus.grain": self.grain,
                "mailcensus.columns": json.dumps(texts, ensure_ascii=False),
                "mailcensus.words": json.dumps(words, ensure_ascii=False),
            },
        )

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every column, nested ones after the one that holds them."""
        return tuple(_columns(self.record, prefix=""))

    def batch(self, rows: Sequence[tuple[Any, ...]]) -> pa.RecordBatch:
        """Rows of this table's record as Arrow columns.

        ValueError, TypeError or OverflowError if one does not fit: so Arrow words it, by the case.
        """
        array = pa.array(rows, type=pa.struct(list(self.schema)))
        for field, column in zip(self.schema, array.flatten(), strict=True):
            _check_nulls(field, column)
        return pa.RecordBatch.from_struct_array(array).replace_schema_metadata(self.schema.metadata)


def _check_nulls(field: pa.Field, values: pa.Array) -> None:
    """Refuse a null where there must be none; Arrow notices only when the file is written."""
    if values.null_count:
        if not field.nullable:
            raise pa.ArrowInvalid(f"null in column {field.name!r}")
        values = values.drop_null()
    if pa.types.is_struct(field.type):
        for child, column in zip(field.type, values.flatten(), strict=True):
            _check_nulls(child, column)
    elif pa.types.is_list(field.type):
        _check_nulls(field.type.value_field, values.flatten())


def hints(record: type) -> dict[str, Any]:
    """Field names and their annotated types."""
    return get_type_hints(record, include_extras=True)


def _fields(record: type) -> list[pa.Field]:
    fields = []
    for name, hint in hints(record).items():
        arrow, nullable, text = resolve(hint)
        metadata = {"description": text} if text else None
        fields.append(pa.field(name, arrow, nullable=nullable, metadata=metadata))
    return fields


def resolve(hint: Any) -> tuple[pa.DataType, bool, str]:
    """A type hint as (Arrow type, nullable, text)."""
    text = ""
    arrow: pa.DataType | None = None
    nullable = False
    while True:
        origin = get_origin(hint)
        if origin is Annotated:
            for extra in hint.__metadata__:
                if isinstance(extra, str):
                    text = text or extra
                else:
                    arrow = extra
            hint = hint.__origin__
        elif origin in (Union, types.UnionType):
            (hint,) = (each for each in get_args(hint) if each is not type(None))
            nullable = True
        else:
            return arrow if arrow is not None else _arrow(hint), nullable, text


def _arrow(hint: Any) -> pa.DataType:
    if get_origin(hint) in (list, tuple):
        item, nullable, _ = resolve(get_args(hint)[0])
        return pa.list_(pa.field("element", item, nullable=nullable))
    if hint in _SCALARS:
        return _SCALARS[hint]
    if issubclass(hint, Vocabulary):
        return pa.string()
    return pa.struct(_fields(hint))


def _columns(record: type, prefix: str) -> list[Column]:
    columns = []
    for name, hint in hints(record).items():
        arrow, nullable, text = resolve(hint)
        path = prefix + name
        bottom = member(hint)
        vocabulary = bottom if issubclass(bottom, Vocabulary) else None
        columns.append(Column(path, _type_name(arrow), nullable, text, vocabulary))
        if hasattr(bottom, "_fields"):
            inside = path + ("[]." if pa.types.is_list(arrow) else ".")
            columns.extend(_columns(bottom, inside))
    return columns


def member(hint: Any) -> type:
    """The Python type at the bottom of annotations, optionals and lists."""
    origin = get_origin(hint)
    if origin is Annotated:
        return member(hint.__origin__)
    if origin in (Union, types.UnionType):
        return member(next(m for m in get_args(hint) if m is not type(None)))
    if origin in (list, tuple):
        return member(get_args(hint)[0])
    assert isinstance(hint, type)
    return hint


def _type_name(arrow: pa.DataType) -> str:
    if pa.types.is_struct(arrow):
        return "struct"
    if pa.types.is_list(arrow):
        return f"list<{_type_name(arrow.value_type)}>"
    return str(arrow)
