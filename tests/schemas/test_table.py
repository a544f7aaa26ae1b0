"""One record class, and what Arrow, Parquet and the dictionary make of it."""

import datetime as dt
import enum
import json
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import TABLES
from schemas.table import Float32, Int16, Int32, Int64, Micros, Table, hints, resolve
from schemas.vocabulary import Vocabulary
from tests.schemas.rows import full_rows, rows

ALL = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


class Colour(Vocabulary):
    """What light it throws back."""

    RED = "red", "of long waves"
    BLUE = "blue"


class Petal(NamedTuple):
    """A part of a flower."""

    colour: Annotated[Colour | None, "its colour"]
    length: Annotated[Float32, "millimetres"]


class Flower(NamedTuple):
    """One flower of the meadow."""

    name: Annotated[str, "its name"]
    seen: Annotated[Micros, "when"]
    small: Annotated[Int16, "a small number"]
    middle: Annotated[Int32 | None, "a middling number, if any"]
    large: Annotated[Int64, "a large number"]
    pressed: Annotated[bytes | None, "the flower itself"]
    wild: Annotated[bool, "whether nobody sowed it"]
    colour: Annotated[Colour, "its colour"]
    names: Annotated[tuple[str, ...], "other names"]
    petals: Annotated[tuple[Petal, ...], "its petals"]
    first: Annotated[Petal | None, "the first petal"]


FLOWERS = Table("flowers", Flower, ("name",), "hand", "a flower")
ROSE = Flower(
    name="rose",
    seen=1,
    small=2,
    middle=None,
    large=3,
    pressed=b"\xff",
    wild=False,
    colour=Colour.RED,
    names=("rosa",),
    petals=(Petal(None, 0.5),),
    first=None,
)
PETAL = pa.struct(
    [pa.field("colour", pa.string()), pa.field("length", pa.float32(), nullable=False)]
)


@pytest.mark.parametrize(
    ("name", "arrow", "nullable"),
    [
        ("name", pa.string(), False),
        ("seen", pa.timestamp("us", tz="UTC"), False),
        ("small", pa.int16(), False),
        ("middle", pa.int32(), True),
        ("large", pa.int64(), False),
        ("pressed", pa.binary(), True),
        ("wild", pa.bool_(), False),
        ("colour", pa.string(), False),
        ("names", pa.list_(pa.field("element", pa.string(), nullable=False)), False),
        ("petals", pa.list_(pa.field("element", PETAL, nullable=False)), False),
        ("first", PETAL, True),
    ],
)
def test_an_annotation_makes_a_field(name: str, arrow: pa.DataType, *, nullable: bool) -> None:
    field = FLOWERS.schema.field(name)
    assert (field.type, field.nullable) == (arrow, nullable)
    assert FLOWERS.schema.names.index(name) == Flower._fields.index(name)


def test_a_text_becomes_the_field_s_description() -> None:
    assert FLOWERS.schema.field("names").metadata == {b"description": b"other names"}
    length = FLOWERS.schema.field("first").type.field("length")
    assert length.metadata == {b"description": b"millimetres"}


def test_columns_list_nested_fields_after_what_holds_them() -> None:
    paths = [column.path for column in FLOWERS.columns]
    assert paths[-6:] == [
        "petals", "petals[].colour", "petals[].length",
        "first", "first.colour", "first.length",
    ]  # fmt: skip
    inner = next(column for column in FLOWERS.columns if column.path == "petals[].colour")
    assert inner == ("petals[].colour", "string", True, "its colour", Colour)


def test_a_file_carries_names_key_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "part-0.parquet"
    pq.write_table(pa.Table.from_batches([FLOWERS.batch([ROSE])]), path)
    metadata = pq.read_schema(path).metadata
    assert metadata[b"mailcensus.table"] == b"flowers"
    assert metadata[b"mailcensus.key"] == b"name"
    assert metadata[b"mailcensus.grain"] == b"a flower"
    assert metadata[b"mailcensus.schema_version"].isdigit()
    assert json.loads(metadata[b"mailcensus.columns"])["petals[].length"] == "millimetres"
    words = json.loads(metadata[b"mailcensus.words"])
    assert words["colour"] == {"red": "of long waves", "blue": ""}
    assert words.keys() == {"colour", "petals[].colour", "first.colour"}


def test_list_items_are_called_element_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "part-0.parquet"
    pq.write_table(pa.Table.from_batches([FLOWERS.batch([ROSE])]), path)
    columns = [pq.read_metadata(path).row_group(0).column(i).path_in_schema for i in range(13)]
    assert "names.list.element" in columns
    assert "petals.list.element.length" in columns


@pytest.mark.parametrize(
    "wrong",
    [
        ROSE._replace(name=None),  # type: ignore[arg-type]
        ROSE._replace(small=1 << 15),
        ROSE._replace(name="\udc80"),
        ROSE._replace(names=("a", None)),  # type: ignore[arg-type]
        ROSE._replace(petals=(Petal(Colour.RED, None),)),  # type: ignore[arg-type]
        ROSE._replace(first=Petal(None, None)),  # type: ignore[arg-type]
        ROSE._replace(seen="today"),  # type: ignore[arg-type]
        ROSE._replace(colour=7),  # type: ignore[arg-type]
    ],
    ids=lambda row: str(row.name),
)
def test_what_does_not_fit_is_refused_before_it_is_written(wrong: Flower) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        FLOWERS.batch([ROSE, wrong])


@ALL
def test_keys_come_first_and_are_never_null(table: Table) -> None:
    assert tuple(table.schema.names[: len(table.key)]) == table.key
    assert not any(table.schema.field(column).nullable for column in table.key)


@ALL
def test_every_column_of_the_census_is_described(table: Table) -> None:
    assert [column.path for column in table.columns if not column.text] == []


@ALL
@given(data=st.data())
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
def test_any_row_comes_back_from_a_file_as_it_went_in(
    table: Table, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    given_rows = data.draw(st.lists(rows(table), min_size=1, max_size=3))
    given_rows.append(data.draw(full_rows(table)))
    path = tmp_path_factory.mktemp("part") / "part-0.parquet"
    pq.write_table(pa.Table.from_batches([table.batch(given_rows)]), path)
    read = pq.read_table(path)
    assert read.schema.equals(table.schema, check_metadata=False)
    assert read.to_pylist() == [_plain(row) for row in given_rows]
    assert not any(column.null_count for column in table.batch(given_rows[-1:]).columns)


def _plain(value: Any) -> Any:
    """A row as Arrow gives it back."""
    if isinstance(value, enum.Enum):
        return value.value
    if hasattr(value, "_fields"):
        types = {name: resolve(hint)[0] for name, hint in hints(type(value)).items()}
        return {
            name: _time(inner, types[name]) if pa.types.is_temporal(types[name]) else _plain(inner)
            for name, inner in value._asdict().items()
        }
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _time(number: int | None, arrow: pa.DataType) -> dt.date | None:
    epoch = dt.datetime.fromtimestamp(0, dt.UTC)
    if number is None:
        return None
    if pa.types.is_date(arrow):
        return epoch.date() + dt.timedelta(days=number)
    return epoch + dt.timedelta(microseconds=number)
