"""Layered flow pictures: where nodes stand and links run, in pixels. Arithmetic, no drawing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

SLOT = 15
"""Pixels that a node takes at least, for its label."""
_TALL = 360
"""Pixels for the values of a layer."""
_GAP = 4

Key = tuple[int, str]
"""Layer and label of a node."""


class Link(NamedTuple):
    """So much goes from a node to one of the next layer."""

    layer: int
    source: str
    target: str
    value: float

    @property
    def left(self) -> Key:
        """The node where it begins."""
        return self.layer, self.source

    @property
    def right(self) -> Key:
        """The node where it ends."""
        return self.layer + 1, self.target


class Node(NamedTuple):
    """A bar: from y over height."""

    layer: int
    label: str
    y: float
    height: float
    value: float


class Ribbon(NamedTuple):
    """A link with the heights of its middle where it leaves and where it arrives."""

    link: Link
    leaves: float
    arrives: float
    width: float


def strongest(links: Sequence[Link], most: int) -> list[Link]:
    """So many links of each layer, layer by layer."""
    by_layer: dict[int, list[Link]] = defaultdict(list)
    for link in sorted(links, key=lambda link: (-link.value, link.source, link.target)):
        if len(by_layer[link.layer]) < most:
            by_layer[link.layer].append(link)
    return [link for layer in sorted(by_layer) for link in by_layer[layer]]


def placed(links: Sequence[Link]) -> dict[Key, Node]:
    """The nodes by layer and label.

    In layer 1 the largest is on top; in the others a node stands where the nodes that it is linked
    with stand on the mean, so that few links cross.
    """
    sizes = _sizes(links)
    totals: dict[int, float] = defaultdict(float)
    for (layer, _), size in sizes.items():
        totals[layer] += size
    unit = _TALL / max(totals.values(), default=1)
    nodes: dict[Key, Node] = {}
    for layer in sorted(totals, key=lambda layer: abs(layer - 1)):
        mean = _means(links, nodes, layer)
        keys = [key for key in sizes if key[0] == layer]
        below = 0.0
        for key in sorted(keys, key=lambda key: (mean.get(key, 0), -sizes[key], key)):
            height = max(sizes[key] * unit, 1)
            nodes[key] = Node(*key, below, height, sizes[key])
            below += max(height + _GAP, SLOT)
    return nodes


def _sizes(links: Sequence[Link]) -> dict[Key, float]:
    """What goes through each node: what leaves or what arrives, whichever is more."""
    going: dict[Key, float] = defaultdict(float)
    coming: dict[Key, float] = defaultdict(float)
    for link in links:
        going[link.left] += link.value
        coming[link.right] += link.value
    return {key: max(going.get(key, 0), coming.get(key, 0)) for key in {**going, **coming}}


def _means(links: Sequence[Link], nodes: Mapping[Key, Node], layer: int) -> dict[Key, float]:
    """Of each node of a layer, the mean height of the placed nodes that it is linked with."""
    sums: dict[Key, float] = defaultdict(float)
    weights: dict[Key, float] = defaultdict(float)
    for link in links:
        for near, far in ((link.left, link.right), (link.right, link.left)):
            if near[0] == layer and far in nodes:
                sums[near] += link.value * (nodes[far].y + nodes[far].height / 2)
                weights[near] += link.value
    return {key: sums[key] / weights[key] for key in sums}


def ribbons(links: Sequence[Link], nodes: Mapping[Key, Node]) -> list[Ribbon]:
    """Links between placed nodes, those to upper nodes above."""
    left: dict[Key, float] = defaultdict(float)
    right: dict[Key, float] = defaultdict(float)
    made = []
    for link in sorted(links, key=lambda link: (nodes[link.left].y, nodes[link.right].y)):
        source, target = nodes[link.left], nodes[link.right]
        width = link.value * source.height / source.value
        leaves = source.y + left[link.left] + width / 2
        arrives = target.y + right[link.right] + width / 2
        made.append(Ribbon(link, leaves, arrives, width))
        left[link.left] += width
        right[link.right] += width
    return made
