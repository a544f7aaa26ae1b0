"""A map as a picture: blocks along Hilbert's curve, brighter the more domains, with names on it."""

import math
from collections.abc import Iterable, Sequence
from ipaddress import ip_network
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from stages.maps.blocks import ORDER, Family, Network
from stages.maps.curve import Box, box, layout
from stages.maps.landmarks import Landmark

_DIM = 70
"""Where the scale begins: a block that one domain trusts is to be seen on black."""
_SIDE = 1024
"""Pixels that a crop has at least."""
_FOOT = 150
_INK = (255, 255, 255)
_FRAME = (150, 165, 180)


def palette() -> list[tuple[int, int, int]]:
    """256 colours: black for none, then the scale, which tells apart without colour vision, too."""
    scale = colormaps["inferno"](np.linspace(_DIM / 255, 1, 255), bytes=True)
    return [(0, 0, 0), *((int(r), int(g), int(b)) for r, g, b, _ in scale)]


def levels(counts: NDArray[np.int32], most: int) -> NDArray[np.uint8]:
    """By block a place in the palette: logarithmic from 1 domain to the most."""
    table = np.zeros(most + 1, np.uint8)
    steps = np.log(np.arange(1, most + 1)) / max(math.log(most), 1) if most else np.empty(0)
    table[1:] = 1 + np.rint(steps * 254)
    return table[counts]


class Frame(NamedTuple):
    """The part of the map that is drawn."""

    family: Family
    box: Box
    zoom: int
    """Pixels of a block's side."""

    @classmethod
    def of(cls, family: Family, network: Network | None) -> "Frame":
        """The whole map, or the network, which has at least one block."""
        if network is None:
            return cls(family, Box(0, 0, 1 << ORDER, 1 << ORDER), 1)
        start, bits = family.span(network)
        found = box(start, bits, ORDER)
        return cls(family, found, max(_SIDE // max(found.width, found.height), 1))

    def inside(self, mark: Landmark) -> Box | None:
        """A landmark's pixels, if it is smaller than the frame and lies in it."""
        start, bits = self.family.span(ip_network(mark.prefix))
        at = box(start, bits, ORDER)
        x, y = at.x - self.box.x, at.y - self.box.y
        smaller = at.width * at.height < self.box.width * self.box.height
        if not smaller or not (0 <= x < self.box.width and 0 <= y < self.box.height):
            return None
        return Box(x * self.zoom, y * self.zoom, at.width * self.zoom, at.height * self.zoom)


def draw(
    counts: NDArray[np.int32], frame: Frame, marks: Iterable[Landmark], title: str
) -> Image.Image:
    """The picture, with a legend below."""
    most = int(counts.max(initial=0))
    part = frame.box
    cells = layout(ORDER)[part.y : part.y + part.height, part.x : part.x + part.width]
    pixels = levels(counts, most)[cells].repeat(frame.zoom, 0).repeat(frame.zoom, 1)
    field = Image.fromarray(pixels)
    field.putpalette([value for colour in palette() for value in colour])
    picture = Image.new("RGB", (field.width, field.height + _FOOT), (24, 28, 34))
    picture.paste(field.convert("RGB"), (0, 0))
    pen = ImageDraw.Draw(picture)
    for mark in marks:
        if at := frame.inside(mark):
            _mark(pen, at, mark.name)
    _legend(pen, field.size, most, title)
    return picture


def _mark(pen: ImageDraw.ImageDraw, at: Box, name: str) -> None:
    pen.rectangle((at.x, at.y, at.x + at.width - 1, at.y + at.height - 1), outline=_FRAME)
    font = _font(max(min(at.width // 9, at.height // 4, 26), 9))
    if pen.textlength(name, font) < at.width - 6:
        pen.text((at.x + 4, at.y + 2), name, _INK, font, stroke_width=2, stroke_fill=(0, 0, 0))


def _legend(pen: ImageDraw.ImageDraw, size: tuple[int, int], most: int, title: str) -> None:
    width, top = size[0], size[1]
    pen.text((20, top + 12), title, _INK, _font(max(min(width // 64, 36), 16)))
    left, right, y = 20, width - 60, top + 70
    for x in range(left, right):
        pen.line((x, y, x, y + 25), palette_at((x - left) / (right - left)))
    for tick in ticks(most):
        x = left + round((right - left) * math.log(tick) / max(math.log(most), 1))
        pen.line((x, y + 25, x, y + 33), _INK)
        pen.text((x, y + 36), f"{tick:,}", _INK, _font(24), anchor="la" if tick == 1 else "ma")


def palette_at(part: float) -> tuple[int, int, int]:
    """The colour at a part of the scale, from 0 to 1."""
    return _PALETTE[1 + round(part * 254)]


def ticks(most: int) -> Sequence[int]:
    """Powers of ten up to the most."""
    return [10**power for power in range(len(str(most)))] if most else []


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


_PALETTE = palette()
