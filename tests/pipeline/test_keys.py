import random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.keys import KeySet, key_hash


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_a_key_set_is_a_set(values: list[int]) -> None:
    keys, model = KeySet(), set[int]()
    for value in values:
        assert keys.add(value) == (value not in model)
        model.add(value)
    assert len(keys) == len(model)
    assert all(value in keys for value in model)


def test_it_stays_a_set_across_merges() -> None:
    # More than the recent part holds, so that sorted arrays are merged several times.
    numbers = random.Random(1)
    values = [numbers.getrandbits(64) for _ in range(200_000)]
    keys = KeySet()
    assert all(keys.add(value) for value in values)
    assert not any(keys.add(value) for value in values[::7])
    assert len(keys) == len(values)
    assert not any(numbers.getrandbits(64) in keys for _ in range(1000))


def test_the_hash_is_the_same_everywhere() -> None:
    # Owners of keys and resumed runs depend on it: a change loses work.
    assert key_hash("example.com") == 0x8B66107E8045BB73
