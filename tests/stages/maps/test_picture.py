from ipaddress import IPv4Network

import numpy as np

from stages.maps.blocks import IPV4, ORDER
from stages.maps.curve import place
from stages.maps.landmarks import allocations
from stages.maps.picture import Frame, draw, levels, palette, ticks


def test_the_scale_is_logarithmic_and_none_is_black() -> None:
    shades = levels(np.array([0, 1, 10, 100], np.int32), 100)
    assert shades.tolist() == [0, 1, 128, 255]
    assert palette()[0] == (0, 0, 0)
    assert sum(palette()[1]) > 100, "one domain is to be seen on black"


def test_ticks_are_powers_of_ten() -> None:
    assert ticks(5026) == [1, 10, 100, 1000]
    assert ticks(0) == []


def test_a_block_is_a_pixel_of_the_whole_map() -> None:
    counts = np.zeros(4**ORDER, np.int32)
    block = 0xC00002  # 192.0.2.0/24
    counts[block] = 7
    picture = draw(counts, Frame.of(IPV4, None), (), "title")
    assert picture.width == 4096
    assert picture.getpixel(place(block, ORDER)) == palette()[-1]
    assert picture.getpixel((0, 0)) == (0, 0, 0)


def test_a_crop_is_the_network_enlarged() -> None:
    counts = np.zeros(4**ORDER, np.int32)
    counts[0xC00000:0xC10000] = 3  # 192.0.0.0/16
    counts[0] = 9
    picture = draw(counts, Frame.of(IPV4, IPv4Network("192.0.0.0/16")), (), "title")
    assert picture.width == 1024
    field = np.asarray(picture)[:1024]
    assert (field == field[0, 0]).all()
    assert tuple(field[0, 0]) not in {palette()[0], palette()[-1]}


def test_landmarks_are_drawn_where_they_lie() -> None:
    counts = np.zeros(4**ORDER, np.int32)
    picture = draw(counts, Frame.of(IPV4, None), [allocations(4)[192]], "title")
    drawn = np.argwhere(np.asarray(picture)[:4096].any(axis=2))
    x, y = (each // 256 * 256 for each in place(0xC00000, ORDER))
    assert drawn.min(axis=0).tolist() == [y, x]
    assert drawn.max(axis=0).tolist() == [y + 255, x + 255]
