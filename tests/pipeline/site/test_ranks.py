import duckdb
import pytest

from pipeline.site.ranks import OF_LIST, TELLING, named

SEEDS = """
CREATE TABLE domains AS SELECT unnest(
    [[{list: 'few', rank: 1}, {list: 'unranked', rank: NULL}],
     [{list: 'few', rank: 150}, {list: 'late', rank: 5000}],
     [{list: 'late', rank: 20000}]]) AS seeds"""
CUTS = """
CREATE TABLE counts AS FROM (SELECT unnest(['*', 'few', 'late', 'unranked']) AS seed_list),
    (SELECT unnest([0, 100, 1000, 10000, 100000]) AS rank_cut)"""


def test_cuts_that_hold_none_or_all_of_a_list_are_left_out() -> None:
    with duckdb.connect() as connection:
        connection.execute(SEEDS)
        connection.execute(CUTS)
        rows = connection.execute(
            f"SELECT {OF_LIST} FROM counts WHERE {TELLING} ORDER BY seed_list, rank_cut"
        ).fetchall()
    assert [name for (name,) in rows] == [
        "all lists", "few", "few, top 100", "late", "late, top 10k", "unranked"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cut", "name"),
    [(0, "all"), (None, "all"), (100, "top 100"), (100_000, "top 100k"), (1_000_000, "top 1M")],
)
def test_cuts_that_begin_alike_are_told_apart_when_clipped(cut: int | None, name: str) -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {named('$1')}", [cut]).fetchall() == [(name,)]
