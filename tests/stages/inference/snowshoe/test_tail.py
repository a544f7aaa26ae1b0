"""Cut-offs by hand, with ties; who is a candidate, and who is excused."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.snowshoe import FEATURES
from stages.inference.snowshoe import tail as tails
from stages.inference.snowshoe.distribution import Distribution
from stages.inference.snowshoe.tail import (
    COUNTS,
    FAMILIES,
    KNOWN,
    RANK,
    Cutoff,
    Limits,
    Tail,
    judge,
)
from tests.stages.inference.snowshoe.fabric import fabric, night

NAN = float("nan")


def cutoff(values: list[float], quantile: float) -> Cutoff:
    """That of one count, the others unknown."""
    nothing = Distribution.of(np.array([NAN]))
    seen = Distribution.of(np.array(values))
    found = tails.fit(dict.fromkeys(COUNTS, nothing) | {"ns_hosts": seen}, Limits(quantile))
    return next(each for each in found.cutoffs if each.feature == "ns_hosts")


@pytest.mark.parametrize(
    ("values", "quantile", "value", "beyond"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9, 1),  # no ties: exactly a tenth
        ([1, 1, 1, 1, 1, 1, 1, 1, 2, 2], 0.9, 2, 0),  # two tie: 20 % would be too many, so none
        ([1, 1, 1, 1, 1, 1, 1, 1, 2, 2], 0.8, 1, 2),  # just as many as asked for
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 7], 0.9, 0, 1),
        ([0, 0, 0, 0, 0, 0, 0, 0, 5, 7], 0.85, 5, 1),  # between: the rate is 10 %, not 15 %
        ([3, 3, 3, 3], 0.5, 3, 0),
        ([1, NAN, 2, NAN], 0.5, 1, 1),  # the unknown do not count
    ],
)
def test_cutoffs(values: list[float], quantile: float, value: float, beyond: int) -> None:
    known = sum(v == v for v in values)  # noqa: PLR0124 - NaN is not
    found = cutoff(values, quantile)
    assert found == Cutoff("ns_hosts", value, known, beyond)
    assert found.rate == beyond / known


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=60),
    st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]),
)
def test_never_more_lie_beyond_than_asked_and_the_next_lower_cutoff_would_pass_more(
    values: list[int], quantile: float
) -> None:
    found = cutoff([float(v) for v in values], quantile)
    assert found.value is not None
    assert found.rate <= 1 - quantile + 1e-9
    lower = [v for v in values if v < found.value]
    if lower:
        assert sum(v > max(lower) for v in values) / len(values) > 1 - quantile - 1e-9


def test_a_count_that_nobody_knows_cuts_off_nothing() -> None:
    found = tails.fit({name: Distribution.of(np.array([NAN])) for name in COUNTS}, Limits())
    assert {each.value for each in found.cutoffs} == {None}
    assert not judge(night(fabric(), 0), found).candidate.any()


def test_distributions_of_runs_merge_into_that_of_all_values() -> None:
    parts = [np.array([1.0, 2.0, NAN]), np.array([2.0, 3.0]), np.array([NAN])]
    merged = Distribution.merged(map(Distribution.of, parts))
    whole = Distribution.of(np.concatenate(parts))
    assert merged.values.tolist() == whole.values.tolist() == [1, 2, 3]
    assert merged.counts.tolist() == whole.counts.tolist() == [1, 2, 1]
    assert merged.unknown == whole.unknown == 2


def test_counts_are_features() -> None:
    assert set(COUNTS) <= set(FEATURES)
    assert len(COUNTS) == len(set(COUNTS))


def rows(**columns: list[float | None]) -> pa.Table:
    """A run of four domains without neighbours, each count 1 unless said."""
    names = {name: [1] * 4 for name in COUNTS}
    neighbours = {f"{kind}_neighbours": [0] * 4 for kind in ("slash24", "mx", "ns", "spf")}
    return pa.table(names | neighbours | columns)


TAIL = Tail(Limits(popular=100), tuple(Cutoff(name, 5.0, 100, 1) for name in COUNTS))
"""More than five of anything."""


def words(table: pa.Table) -> list[str | None]:
    """candidate, the word of the filter, or None."""
    said = judge(table, TAIL)
    pairs = zip(said.candidate, said.filtered.to_pylist(), strict=True)
    return ["candidate" if candidate else word for candidate, word in pairs]


def test_beyond_is_more_than_the_cutoff_and_the_unknown_is_not() -> None:
    table = rows(spf_terms=[5, 6, None, 1])
    assert words(table) == [None, "candidate", None, None]
    beyond = judge(table, TAIL).beyond
    assert np.argwhere(beyond).tolist() == [[1, COUNTS.index("spf_terms")]]


def test_what_many_share_excuses_the_counts_of_its_family_alone() -> None:
    assert words(rows(ns_hosts=[9] * 4, ns_neighbours=[49, 50, None, 5000])) == [
        "candidate", "shared", "candidate", "shared",
    ]  # fmt: skip
    assert words(rows(spf_terms=[9] * 4, ns_neighbours=[50] * 4)) == ["candidate"] * 4
    assert words(rows(spf_terms=[9] * 4, slash24_neighbours=[50] * 4)) == ["candidate"] * 4
    assert words(rows(mx_v4_addresses=[9] * 4, mx_neighbours=[49, 50, None, 5000])) == [
        "candidate", "shared", "candidate", "shared",
    ]  # fmt: skip
    assert words(rows(a_ases=[9] * 4, slash24_neighbours=[50] * 4)) == ["shared"] * 4
    assert words(rows(a_ases=[9] * 4, spf_terms=[9, 1, 9, 1], slash24_neighbours=[50] * 4)) == [
        "candidate", "shared", "candidate", "shared",
    ]  # fmt: skip


def test_a_known_operator_excuses_mx_and_a_rank_everything() -> None:
    known = rows(mx_v4_addresses=[9] * 4).append_column(KNOWN, pa.array([True, False, None, True]))
    assert words(known) == ["shared", "candidate", "candidate", "shared"]
    at = known.column_names.index("mx_neighbours")
    either = known.set_column(at, "mx_neighbours", pa.array([0, 50, 49, None]))
    assert words(either) == ["shared", "shared", "candidate", "shared"]
    ranked = rows(mx_v4_addresses=[9, 9, 9, 1]).append_column(RANK, pa.array([100, 101, None, 1]))
    assert words(ranked) == ["popular", "candidate", "candidate", None]


def test_every_family_is_of_one_kind_of_record() -> None:
    for family, names in FAMILIES.items():
        assert {name.partition("_")[0] for name in names} == {family}
