"""Who is listed, since when, and by the entry that stands nearest."""

import datetime as dt
from typing import Any

import pyarrow as pa

from schemas.listings import LISTINGS, Listing
from stages.inference.snowshoe.labels import (
    NEVER,
    first_listed,
    last_import,
    of_sources,
    standing,
)


def entry(domain: str, since: int, source: str = "one", **said: Any) -> Listing:
    """A listing of the domain itself, that stands."""
    usual = Listing(domain, source, since, since, 90, True, True, False, None, None)  # noqa: FBT003
    return usual._replace(**said)


def table(*entries: Listing) -> pa.Table:
    return pa.Table.from_batches([LISTINGS.batch(entries)])


def names(*domains: str) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(domains)])


def test_the_first_day_of_any_list() -> None:
    said = table(entry("a.com", 50), entry("a.com", 40, "two"), entry("b.com", 60))
    found = first_listed(names("b.com", "a.com", "c.com", "x.a.com"), said)
    assert found.tolist() == [60, 40, NEVER, NEVER]
    assert first_listed(names("a.com"), of_sources(said, ("one",))).tolist() == [50]
    assert first_listed(names("a.com"), LISTINGS.schema.empty_table()).tolist() == [NEVER]
    assert first_listed(names(), said).tolist() == []


def test_names_below_are_listed_where_the_list_says_so_but_for_exceptions() -> None:
    said = table(
        entry("spam.com", 10, below=True),
        entry("good.spam.com", 5, itself=False),  # an exception that stands
        entry("was.spam.com", 5, itself=False, absent_after=9),  # one that had gone before
        entry("other.spam.com", 5, "two", itself=False),  # of another list
        entry("wild.com", 20, itself=False, below=True),
        entry("com", 1, below=True),  # no list speaks for a top-level domain
    )
    domains = {
        "spam.com": 10, "x.spam.com": 10, "a.b.spam.com": 10, "good.spam.com": NEVER,
        "x.good.spam.com": NEVER, "was.spam.com": 10, "other.spam.com": 10, "wild.com": NEVER,
        "x.wild.com": 20, "notspam.com": NEVER,
    }  # fmt: skip
    assert first_listed(names(*domains), said).tolist() == list(domains.values())


def test_who_is_listed_on_a_day() -> None:
    said = table(
        entry("a.com", 10, "zeta", absent_after=20),
        entry("a.com", 15, "alpha"),
        entry("a.com", 30, "zeta"),
        entry("b.com", 10, "zeta", absent_after=20),
    )
    days = {9: [], 10: ["zeta"], 15: ["alpha", "zeta"], 20: ["alpha"], 30: ["alpha", "zeta"]}
    for day, sources in days.items():
        assert standing(names("c.com", "a.com"), said, day).sources.to_pylist() == [[], sources]
    now = standing(names("b.com", "a.com"), said, 19)
    assert now.since.to_pylist() == [dt.date(1970, 1, 11), dt.date(1970, 1, 11)]
    assert standing(names("b.com"), said, 25).since.to_pylist() == [None]


def test_sight_ends_with_the_list_that_was_looked_at_longest_ago() -> None:
    said = [entry("a.com", 10, last_listed=50, absent_after=70), entry("b.com", 10, last_listed=60)]
    assert last_import(table(*said)) == 70
    assert last_import(table(*said, entry("c.com", 5, "two", last_listed=65))) == 65
    assert last_import(LISTINGS.schema.empty_table()) is None
