"""Sets of numbers as arrays, against Python's own sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.ascending import among, distinct

NUMBERS = st.lists(st.integers(0, 40) | st.integers(0, 2**63 - 1), max_size=60)


@pytest.mark.parametrize("kind", [np.int64, np.uint64])
@given(values=NUMBERS, others=NUMBERS)
def test_sets(kind: type[np.int64 | np.uint64], values: list[int], others: list[int]) -> None:
    given_, some = np.array(values, kind), np.array(others, kind)
    found = distinct(given_)
    assert found.dtype == kind
    assert found.tolist() == sorted(set(values))
    assert given_.tolist() == values, "an array that is not spent stays as it is"
    assert among(some, found).tolist() == [value in set(values) for value in others]
    assert distinct(given_, spent=True).tolist() == found.tolist()
