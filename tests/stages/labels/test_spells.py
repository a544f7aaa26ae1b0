"""Spells are what all imports said, whatever their order; days that lists state."""

import datetime as dt
from collections.abc import Sequence

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import LISTINGS
from stages.labels.spells import dated, updated

Said = dict[str, dt.date | None]
Import = tuple[dt.date, Said]
ORIGIN = dt.date(2026, 11, 1)
COLUMNS = ("domain", "itself", "below", "first_import", "first_listed", "last_listed", "exact")


def day(number: int) -> dt.date:
    return ORIGIN + dt.timedelta(days=number)


def after(imports: Sequence[Import], connection: ibis.BaseBackend) -> list[dict[str, object]]:
    """Listings after the imports, taken one by one."""
    listings = pa.table({name: LISTINGS.schema.empty_table()[name] for name in COLUMNS})
    days: set[dt.date] = set()
    for when, said in imports:
        days.add(when)
        rows = pa.table(
            {
                "domain": pa.array(said, pa.string()),
                "itself": pa.array([True] * len(said), pa.bool_()),
                "below": pa.array([False] * len(said), pa.bool_()),
                "since": pa.array(said.values(), pa.date32()),
            }
        )
        old = connection.create_table("old", listings.select(COLUMNS), overwrite=True)
        now = connection.create_table("now", rows, overwrite=True)
        listings = dated(updated(old, now, when, sorted(days)).to_pyarrow(), sorted(days))
    return sorted(listings.to_pylist(), key=lambda row: (row["domain"], row["first_import"]))


def expected(imports: Sequence[Import]) -> list[tuple[object, ...]]:
    """(domain, first import, last, absent before, absent after), by looking at every day."""
    said = dict(imports)
    days = sorted(said)
    spells: list[list[object]] = []
    for name in sorted(set().union(*said.values())):
        for place, when in enumerate(days):
            if name not in said[when]:
                continue
            if place and name in said[days[place - 1]]:
                spells[-1][2] = when
            else:
                spells.append([name, when, when, days[place - 1] if place else None, None])
            spells[-1][4] = days[place + 1] if place + 1 < len(days) else None
    return [tuple(spell) for spell in spells]


@pytest.fixture(scope="module")
def connection() -> ibis.BaseBackend:
    return ibis.duckdb.connect()


IMPORTS = st.lists(
    st.tuples(
        st.integers(0, 5).map(day),
        st.sets(st.sampled_from("abc"), min_size=1).map(dict.fromkeys),
    ),
    min_size=1,
    max_size=7,
)


@given(IMPORTS)
@settings(max_examples=10)
def test_spells_are_what_all_imports_said_in_any_order(
    connection: ibis.BaseBackend, imports: list[Import]
) -> None:
    rows = after(imports, connection)
    found = [
        (
            row["domain"], row["first_import"], row["last_listed"],
            row["absent_before"], row["absent_after"],
        )
        for row in rows
    ]  # fmt: skip
    assert found == expected(imports)
    assert all(row["first_listed"] == row["first_import"] for row in rows)
    assert not any(row["exact"] for row in rows)


def test_the_stated_day_counts(connection: ibis.BaseBackend) -> None:
    (row,) = after([(day(5), {"a": day(-30)}), (day(6), {"a": None})], connection)
    assert (row["first_listed"], row["exact"], row["last_listed"]) == (day(-30), True, day(6))


def test_a_day_stated_later_counts_too(connection: ibis.BaseBackend) -> None:
    (row,) = after([(day(5), {"a": None}), (day(6), {"a": day(2)})], connection)
    assert (row["first_listed"], row["exact"]) == (day(2), True)


@pytest.mark.parametrize("stated", [day(1), day(2), day(9)])
def test_a_stated_day_that_imports_contradict_does_not_count(
    connection: ibis.BaseBackend, stated: dt.date
) -> None:
    imports: list[Import] = [(day(2), {"b": None}), (day(5), {"a": stated, "b": None})]
    row = after(imports, connection)[0]
    assert (row["domain"], row["first_listed"], row["exact"]) == ("a", day(5), False)


def test_listed_gone_and_listed_again_are_two_spells(connection: ibis.BaseBackend) -> None:
    imports: list[Import] = [
        (day(3), {"a": day(3), "b": None}), (day(1), {"a": day(1)}), (day(2), {"b": None}),
    ]  # fmt: skip
    first, second, *_ = after(imports, connection)
    assert (first["first_listed"], first["exact"], first["absent_after"]) == (day(1), True, day(2))
    assert second["first_listed"] == day(3)
    assert second["absent_before"] == day(2)
