"""Layered flow pictures (Sankey): the strongest links between layers, as a Vega chart.

Vega-Lite has no such mark, so nodes and links are placed here and drawn by Vega's own linkpath.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from pipeline.site.charts import Maker
from pipeline.site.exhibit import Spec

_SLOT = 15
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


def flow(source: str, target: str, value: str, layer: str | None = None, most: int = 40) -> Maker:
    """A maker of charts of the ``most`` strongest links of each layer; all are 0 without layers."""

    def draw(rows: pa.Table) -> Spec:
        links = [
            Link(row[layer] if layer else 0, str(row[source]), str(row[target]), float(row[value]))
            for row in rows.to_pylist()
        ]
        return chart(_strongest(links, most))

    return draw


def _strongest(links: Sequence[Link], most: int) -> list[Link]:
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
            below += max(height + _GAP, _SLOT)
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


def chart(links: Sequence[Link]) -> Spec:
    """The picture of links, whose layers follow each other from 0."""
    nodes = placed(links)
    height = max((node.y + max(node.height, _SLOT) for node in nodes.values()), default=_SLOT)
    layers = max((node.layer for node in nodes.values()), default=1)
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "autosize": "none",
        "padding": {"left": 4, "right": 4, "top": 10, "bottom": 10},
        "height": round(height),
        "signals": [
            {
                "name": "width",
                "init": "max(600, containerSize()[0] - 10)",
                "on": [{"events": "window:resize", "update": "max(600, containerSize()[0] - 10)"}],
            },
            {
                "name": "over",
                "value": None,
                "on": [
                    {"events": "@node:pointerover", "update": "datum.id"},
                    {"events": "@label:pointerover", "update": "datum.id"},
                    {"events": "@node:pointerout, @label:pointerout", "update": "null"},
                ],
            },
        ],
        "scales": [
            {
                "name": "x",
                "type": "linear",
                "domain": [0, layers],
                "range": [{"signal": "0"}, {"signal": "width - 12"}],
            }
        ],
        "data": [
            {"name": "nodes", "values": [_node(node, layers) for node in nodes.values()]},
            {"name": "links", "values": _ribbons(links, nodes), "transform": [_PATH]},
        ],
        "marks": [_LINKS, _NODES, _HALOS, _LABELS],
    }


def _node(node: Node, layers: int) -> dict[str, object]:
    return {
        "id": f"{node.layer}:{node.label}",
        "label": node.label,
        "layer": node.layer,
        "last": node.layer == layers,
        "y": round(node.y, 1),
        "height": round(node.height, 1),
        "value": node.value,
    }


def _ribbons(links: Sequence[Link], nodes: dict[Key, Node]) -> list[dict[str, object]]:
    """Links with the places where they leave and arrive, those to upper nodes above."""
    left: dict[Key, float] = defaultdict(float)
    right: dict[Key, float] = defaultdict(float)
    ribbons = []
    ends = {link: (nodes[link.left], nodes[link.right]) for link in links}
    for link in sorted(links, key=lambda link: (ends[link][0].y, ends[link][1].y)):
        source, target = ends[link]
        width = link.value * source.height / source.value
        ribbons.append(
            {
                "source": f"{link.layer}:{link.source}",
                "target": f"{link.layer + 1}:{link.target}",
                "layer": link.layer,
                "y0": round(source.y + left[link.left] + width / 2, 1),
                "y1": round(target.y + right[link.layer, link.target] + width / 2, 1),
                "width": round(max(width, 0.75), 2),
                "text": f"{link.source} → {link.target}: {link.value:,.0f}",
            }
        )
        left[link.left] += width
        right[link.layer, link.target] += width
    return ribbons


_PATH = {
    "type": "linkpath",
    "orient": "horizontal",
    "shape": "diagonal",
    "sourceX": {"expr": "scale('x', datum.layer) + 12"},
    "sourceY": {"expr": "datum.y0"},
    "targetX": {"expr": "scale('x', datum.layer + 1)"},
    "targetY": {"expr": "datum.y1"},
}
_LINKS = {
    "type": "path",
    "name": "link",
    "from": {"data": "links"},
    "encode": {
        "enter": {
            "stroke": {"value": "var(--c1)"},
            "strokeWidth": {"field": "width"},
            "tooltip": {"field": "text"},
            "description": {"field": "text"},
        },
        "update": {
            "path": {"field": "path"},
            "strokeOpacity": {
                "signal": "over == null ? 0.35 "
                ": datum.source == over || datum.target == over ? 0.75 : 0.06"
            },
        },
        "hover": {"strokeOpacity": {"value": 0.75}},
    },
}
_NODES = {
    "type": "rect",
    "name": "node",
    "from": {"data": "nodes"},
    "encode": {
        "enter": {
            "fill": {"value": "var(--c2)"},
            "width": {"value": 12},
            "y": {"field": "y"},
            "height": {"field": "height"},
            "tooltip": {"signal": "datum.label + ': ' + format(datum.value, ',')"},
            "description": {"signal": "datum.label + ': ' + format(datum.value, ',')"},
        },
        "update": {"x": {"scale": "x", "field": "layer"}},
    },
}
_TEXT = {
    "text": {"field": "label"},
    "fontSize": {"value": 11},
    "y": {"signal": "datum.y + datum.height / 2"},
    "baseline": {"value": "middle"},
    "limit": {"value": 170},
    "align": {"signal": "datum.last ? 'right' : 'left'"},
}
_BESIDE = {"x": {"signal": "scale('x', datum.layer) + (datum.last ? -4 : 16)"}}
_HALOS = {
    "type": "text",
    "name": "halo",
    "from": {"data": "nodes"},
    "aria": False,
    "interactive": False,
    "encode": {
        "enter": {
            **_TEXT,
            "stroke": {"value": "var(--paper)"},
            "strokeWidth": {"value": 3},
            "strokeOpacity": {"value": 0.8},
        },
        "update": _BESIDE,
    },
}
"""Keeps links from running through the labels."""
_LABELS = {
    "type": "text",
    "name": "label",
    "from": {"data": "nodes"},
    "encode": {"enter": {**_TEXT, "fill": {"value": "var(--ink)"}}, "update": _BESIDE},
}
