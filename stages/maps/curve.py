"""Hilbert's curve: numbers in a row laid out on a square, so that neighbours stay together.

Order n fills 2**n x 2**n cells. It begins in the upper left corner and ends in the upper right, as
maps of the IPv4 space usually do. Numbers that share their first 2k bits fill a square.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Box(NamedTuple):
    """A rectangle of cells: from the upper left corner (x, y)."""

    x: int
    y: int
    width: int
    height: int


@lru_cache(maxsize=2)
def layout(order: int) -> NDArray[np.int32]:
    """The number in each cell, indexed [y, x]; 64 MB for order 12. Not to be written to."""
    cells = np.zeros((1, 1), np.int32)
    for _ in range(order):
        size = cells.size
        left = np.vstack([cells.T, cells + size])
        right = np.vstack([cells[::-1, ::-1].T + 3 * size, cells + 2 * size])
        cells = np.hstack([left, right])
    cells.flags.writeable = False
    return cells


def place(number: int, order: int) -> tuple[int, int]:
    """Where a number lies: x, y."""
    x = y = 0
    for step in range(order):
        side = 1 << step
        quarter = number >> 2 * step & 3
        if quarter == 0:
            x, y = y, x
        elif quarter == 3:  # noqa: PLR2004 - the last quarter
            x, y = side * 2 - 1 - y, side - 1 - x
        else:
            x, y = x + side * (quarter - 1), y + side
    return x, y


def box(start: int, bits: int, order: int) -> Box:
    """The cells of the 2**bits numbers from a multiple of it on: a square, or two of them."""
    side = 1 << bits // 2
    x, y = _corner(start, side, order)
    if bits % 2 == 0:
        return Box(x, y, side, side)
    also_x, also_y = _corner(start + side * side, side, order)
    width = side if x == also_x else 2 * side
    return Box(min(x, also_x), min(y, also_y), width, 2 * side * side // width)


def _corner(start: int, side: int, order: int) -> tuple[int, int]:
    x, y = place(start, order)
    return x // side * side, y // side * side
