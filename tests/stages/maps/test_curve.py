import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.maps.curve import box, layout, place

ORDER = 5


def test_every_number_has_one_cell() -> None:
    assert sorted(layout(ORDER).ravel()) == list(range(4**ORDER))


def test_neighbours_in_numbers_are_neighbours_on_the_map() -> None:
    cells = np.array([place(number, ORDER) for number in range(4**ORDER)])
    assert (np.abs(np.diff(cells, axis=0)).sum(axis=1) == 1).all()
    assert cells[0].tolist() == [0, 0]
    assert cells[-1].tolist() == [2**ORDER - 1, 0]


@pytest.mark.parametrize("order", range(1, ORDER + 1))
def test_place_and_layout_agree(order: int) -> None:
    cells = layout(order)
    for number in range(4**order):
        x, y = place(number, order)
        assert cells[y, x] == number


@given(st.integers(0, 2 * ORDER), st.integers(0, 4**ORDER - 1))
def test_an_aligned_run_of_numbers_fills_its_box(bits: int, number: int) -> None:
    start = number >> bits << bits
    found = box(start, bits, ORDER)
    inside = layout(ORDER)[found.y : found.y + found.height, found.x : found.x + found.width]
    assert sorted(inside.ravel()) == list(range(start, start + 2**bits))
