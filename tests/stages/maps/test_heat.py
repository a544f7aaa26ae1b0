"""Counts by block against plain sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.inference.trust.sets import Sets
from stages.inference.trust.space import Space
from stages.maps.heat import Trust, counts, layers

BLOCKS, NAMES, TARGETS = 40, 6, 3

Pairs = list[tuple[int, int]]
intervals = st.tuples(
    st.integers(0, NAMES - 1), st.integers(0, BLOCKS - 1), st.integers(1, 20)
).map(lambda each: (each[0], each[1], min(each[1] + each[2], BLOCKS)))


def _sets(pairs: Pairs, count: int) -> Sets:
    columns = np.array(pairs, np.int64).reshape(-1, 2)
    return Sets.of(columns[:, 0], columns[:, 1], count)


@given(
    st.lists(intervals, max_size=12),
    st.lists(st.tuples(st.integers(0, TARGETS - 1), st.integers(0, NAMES - 1)), max_size=8),
    st.lists(st.tuples(st.integers(0, NAMES - 1), st.integers(0, TARGETS - 1)), max_size=8),
    st.lists(st.booleans(), min_size=NAMES, max_size=NAMES),
)
def test_each_domain_counts_once_a_block(
    grants: list[tuple[int, int, int]], reach: Pairs, direct: Pairs, chosen: list[bool]
) -> None:
    columns = np.array(grants, np.int64).reshape(-1, 3)
    own = Space(columns[:, 0], columns[:, 1], columns[:, 2]).merged()
    seeds = np.arange(NAMES)
    trust = Trust(own, NAMES, _sets(reach, TARGETS), seeds, _sets(direct, NAMES))
    found = counts(layers(trust), np.array(chosen), BLOCKS)

    expected = [0] * BLOCKS
    for name in range(NAMES):
        trusted = {name} | {n for d, t in direct if d == name for u, n in reach if u == t}
        blocks = {b for n, start, end in grants if n in trusted for b in range(start, end)}
        for block in blocks:
            expected[block] += chosen[name]
    assert found.tolist() == expected
