"""Findings of each row: those of its record, the errors of its closure, and those of the walk."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.spf_trust import SPF_TRUST, SpfClass
from stages.inference.trust.remarks import CLASSES, Findings
from stages.inference.trust.sets import Bools, Ints, Sets, offsets
from stages.inference.trust.walk import Walk

MOST = 100
"""Findings of a row; errors come first."""
_SEVERITIES = ("error", "temporary", "unknown", "warning", "note")
_RANKS = np.array([_SEVERITIES.index(each.severity) for each in CLASSES])
_INHERITED = 3
"""Severities before this one pass from a closure to those who lead to it."""


class Listed(NamedTuple):
    """The findings of every node."""

    lists: pa.Array
    """As the column ``findings`` of spf_trust."""
    worst: Ints
    """0: an error, 1: a temporary error, 2: something not asked; more: none of these."""


def looped(walk: Walk) -> Findings:
    """Includes and redirects that lead back to where they stand."""
    links = walk.links
    nodes = walk.everything.graph.nodes
    place = np.minimum(np.searchsorted(nodes, links.edges.sources), max(len(nodes) - 1, 0))
    inner = nodes[place] == links.edges.sources if len(nodes) else np.empty(0, bool)
    back = np.zeros(len(inner), bool)
    back[inner] = walk.everything.graph.looped
    redirect, include = (
        CLASSES.index(each) for each in (SpfClass.REDIRECT_LOOP, SpfClass.INCLUDE_LOOP)
    )
    classes = np.where(links.redirects, redirect, include)
    return Findings(links.edges.sources[back], classes[back], links.texts.filter(pa.array(back)))


def listed(walk: Walk, of_walk: dict[SpfClass, Bools]) -> Listed:
    """All findings by node; ``of_walk`` says for further classes which nodes have them."""
    own = Findings.united([walk.faults, looped(walk)])
    size, first = walk.size, len(own.classes)
    further = [np.flatnonzero(mask) for mask in of_walk.values()]
    codes = [np.full(len(f), CLASSES.index(c)) for c, f in zip(of_walk, further, strict=True)]
    nodes = np.concatenate([own.nodes, *further]).astype(np.int64)
    classes = np.concatenate([own.classes, *codes]).astype(np.int64)
    empty = pa.nulls(len(nodes) - first, pa.string()).fill_null("")
    terms = pa.concat_arrays([own.terms, empty])
    owners, found = _inherited(walk, own)
    rows = np.concatenate([nodes, owners])
    ids = np.concatenate([np.arange(len(nodes)), found])
    # A node in a loop inherits what is its own.
    keys = rows << 3 | _RANKS[classes[ids]]
    order = np.lexsort((ids, keys))
    rows, ids = rows[order], ids[order]
    once = np.ones(len(rows), bool)
    once[1:] = (rows[1:] != rows[:-1]) | (ids[1:] != ids[:-1])
    rows, ids = rows[once], ids[once]
    begin = offsets(rows, size)
    kept = np.arange(len(rows)) - begin[rows] < MOST
    worst = np.full(size, len(_SEVERITIES), np.int64)
    np.minimum.at(worst, rows, _RANKS[classes[ids]])
    lists = _lists(walk, (nodes, classes, terms), offsets(rows[kept], size), ids[kept])
    return Listed(lists, worst)


def _inherited(walk: Walk, own: Findings) -> tuple[Ints, Ints]:
    """Pairs of node and finding: what goes on from targets to all that lead to them."""
    closure = walk.everything
    nodes = closure.graph.nodes
    grave = np.flatnonzero((_RANKS[own.classes] < _INHERITED) & np.isin(own.nodes, nodes))
    by_target = Sets.of(np.searchsorted(nodes, own.nodes[grave]), grave, len(nodes))
    by_group = _cut(closure.whole.through(by_target))
    owners, places = by_group.places(closure.groups)
    return owners, by_group.members[places]


def _cut(sets: Sets) -> Sets:
    """No more members of a set than a row may have findings."""
    owners = sets.owners
    kept = np.arange(len(owners)) - sets.offsets[owners] < MOST
    return Sets(offsets(owners[kept], len(sets.offsets) - 1), sets.members[kept])


def _lists(walk: Walk, found: tuple[Ints, Ints, pa.Array], begin: Ints, ids: Ints) -> pa.ListArray:
    nodes, classes, terms = found
    kind = SPF_TRUST.schema.field("findings").type
    words = pa.array([str(each) for each in CLASSES])
    columns = [words.take(pa.array(classes[ids])), walk.own.names.take(pa.array(nodes[ids]))]
    structs = pa.StructArray.from_arrays(
        [*columns, terms.take(pa.array(ids))], fields=list(kind.value_type)
    )
    return pa.ListArray.from_arrays(pa.array(begin, pa.int32()), structs, type=kind)
