"""Layered flow pictures (Sankey): the strongest links between layers, as a Vega chart.

Vega-Lite has no such mark, so `sankey` places nodes and links and Vega's own linkpath draws them.
"""

from collections.abc import Sequence

import pyarrow as pa

from pipeline.site.charts import Maker
from pipeline.site.exhibit import Spec
from pipeline.site.sankey import SLOT, Link, Node, Ribbon, placed, ribbons, strongest

_NARROWEST = 300
"""Pixels between two layers at least; a narrower screen scrolls."""


def flow(source: str, target: str, value: str, layer: str | None = None, most: int = 40) -> Maker:
    """A maker of charts of the ``most`` strongest links of each layer; all are 0 without layers."""

    def draw(rows: pa.Table) -> Spec:
        links = [
            Link(row[layer] if layer else 0, str(row[source]), str(row[target]), float(row[value]))
            for row in rows.to_pylist()
        ]
        return chart(strongest(links, most))

    return draw


def chart(links: Sequence[Link]) -> Spec:
    """The picture of links, whose layers follow each other from 0."""
    nodes = placed(links)
    height = max((node.y + max(node.height, SLOT) for node in nodes.values()), default=SLOT)
    layers = max((node.layer for node in nodes.values()), default=1)
    drawn = [_ribbon(each) for each in ribbons(links, nodes)]
    width = f"max({_NARROWEST * layers}, containerSize()[0] - 10)"
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "autosize": "none",
        "padding": {"left": 4, "right": 4, "top": 10, "bottom": 10},
        "height": round(height),
        "signals": [
            {
                "name": "width",
                "init": width,
                "on": [{"events": "window:resize", "update": width}],
            },
            {"name": "room", "update": f"min(170, width / {layers + 1} - 20)"},
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
            {"name": "links", "values": drawn, "transform": [_PATH]},
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


def _ribbon(ribbon: Ribbon) -> dict[str, object]:
    link = ribbon.link
    return {
        "source": f"{link.layer}:{link.source}",
        "target": f"{link.layer + 1}:{link.target}",
        "layer": link.layer,
        "y0": round(ribbon.leaves, 1),
        "y1": round(ribbon.arrives, 1),
        "width": round(max(ribbon.width, 0.75), 2),
        "text": f"{link.source} → {link.target}: {link.value:,.0f}",
    }


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
    "align": {"signal": "datum.last ? 'right' : 'left'"},
}
_BESIDE = {
    "x": {"signal": "scale('x', datum.layer) + (datum.last ? -4 : 16)"},
    "limit": {"signal": "room"},
}
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
