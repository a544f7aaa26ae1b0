"""Sets and interval arithmetic of many owners at once, against Python's own sets."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.inference.trust.closure import spread
from stages.inference.trust.sets import Ints, Sets
from stages.inference.trust.space import IPV4, MOST, Scale, Space, decimals

OWNERS = 4
_INTERVAL = st.tuples(st.integers(0, OWNERS - 1), st.integers(0, 20), st.integers(1, 9))
INTERVALS = st.lists(_INTERVAL, max_size=25)
MEMBERS = st.lists(st.frozensets(st.integers(0, OWNERS - 1)), min_size=1, max_size=6)
TOP = 1 << 32


def space(rows: Iterable[tuple[int, int, int]], shift: int = 0) -> Space:
    table = np.array([(o, a + shift, a + shift + n) for o, a, n in rows], np.int64).reshape(-1, 3)
    return Space(*table.T)


def plain(rows: Iterable[tuple[int, int, int]]) -> list[set[int]]:
    found: list[set[int]] = [set() for _ in range(OWNERS)]
    for owner, start, length in rows:
        found[owner] |= set(range(start, start + length))
    return found


def sets(members: list[frozenset[int]]) -> Sets:
    pairs = [(owner, each) for owner, some in enumerate(members) for each in some]
    owners, values = np.array(pairs, np.int64).reshape(-1, 2).T
    return Sets.of(owners, values, len(members))


def numbers(limbs: Ints) -> list[int]:
    return [sum(int(v) << 32 * place for place, v in enumerate(column)) for column in limbs.T]


@given(INTERVALS, st.sampled_from([0, TOP - 29]))
def test_merged_counts_each_address_once(rows: list[tuple[int, int, int]], shift: int) -> None:
    merged = space(rows, shift).merged()
    assert numbers(merged.sizes(IPV4, OWNERS)) == [len(found) for found in plain(rows)]
    apart = (merged.owners[1:] > merged.owners[:-1]) | (merged.starts[1:] > merged.ends[:-1])
    assert apart.all()


@given(INTERVALS, INTERVALS, st.lists(st.integers(0, OWNERS - 1), min_size=4, max_size=4))
def test_shared(
    ours: list[tuple[int, int, int]], theirs: list[tuple[int, int, int]], partners: list[int]
) -> None:
    found = space(ours).merged().shared(space(theirs).merged(), np.array(partners), IPV4)
    own, other = plain(ours), plain(theirs)
    assert numbers(found) == [len(own[i] & other[partners[i]]) for i in range(OWNERS)]


@given(INTERVALS, MEMBERS)
def test_spread(rows: list[tuple[int, int, int]], members: list[frozenset[int]]) -> None:
    found = spread(space(rows).merged(), OWNERS, sets(members)).sizes(IPV4, len(members))
    own = plain(rows)
    assert numbers(found) == [len(set().union(*(own[i] for i in some))) for some in members]


@given(MEMBERS)
def test_equal_sets_have_one_number(members: list[frozenset[int]]) -> None:
    number, examples = sets(members).grouped()
    for i, some in enumerate(members):
        assert members[examples[number[i]]] == some
    assert len(set(number.tolist())) == len(set(members))


@given(st.lists(st.integers(0, 1 << 128), min_size=2, max_size=12, unique=True))
def test_scales_are_exact(ends: list[int]) -> None:
    ends.sort()
    size = len(ends) - 1
    every = Space(np.arange(size), np.arange(size), np.arange(1, size + 1))
    lengths = [after - before for before, after in pairwise(ends)]
    found = every.sizes(Scale.of(ends), size)
    assert numbers(found) == lengths
    assert decimals(found).to_pylist() == [Decimal(min(length, MOST)) for length in lengths]
