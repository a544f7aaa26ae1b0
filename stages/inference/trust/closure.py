"""All that each name leads to, worked out once for each distinct set of targets.

A *node* is a name of the table spf; a *target* is a node that some record leads to, numbered
anew; a *group* is a distinct set of targets that records lead to directly. Millions of domains
fall into few groups, and whatever depends on the targets alone is had from the group.
"""

from typing import NamedTuple

import numpy as np

from stages.inference.trust.graph import MOST, Edges, Graph, summed
from stages.inference.trust.sets import Ints, Sets
from stages.inference.trust.space import Space, united

_CHUNK = 4_000_000
"""Intervals or members spread at once."""


class Closure(NamedTuple):
    """Where some edges lead, directly and through others."""

    graph: Graph
    reach: Sets
    """Targets that each target leads to, itself among them."""
    groups: Ints
    """The group of each node."""
    direct: Sets
    """Targets of each group."""
    whole: Sets
    """Targets that each group leads to."""

    @classmethod
    def of(cls, targets: Ints, edges: Edges, count: int) -> "Closure":
        """The closure of ``count`` nodes by edges that lead to targets (nodes, ascending)."""
        graph = Graph.of(targets, edges)
        reach = graph.closures()
        named = Sets.of(edges.sources, np.searchsorted(targets, edges.targets), count)
        groups, examples = named.grouped()
        direct = named.taken(examples)
        return cls(graph, reach, groups, direct, direct.through(reach))

    def space(self, own: Space, count: int) -> tuple[Space, Space]:
        """What each target passes, and what each group inherits; ``own`` is that of nodes."""
        members = Sets(self.reach.offsets, self.graph.nodes[self.reach.members])
        targets = spread(own, count, members)
        return targets, spread(targets, len(self.graph.nodes), self.direct)

    def least(self, own: Ints, start: int) -> Ints:
        """The least of ``own`` over all that each node leads to, the node included."""
        groups = np.full(len(self.direct.offsets) - 1, start, np.int64)
        np.minimum.at(groups, self.whole.owners, own[self.graph.nodes[self.whole.members]])
        return np.minimum(own, groups[self.groups])

    def names(self) -> Ints:
        """Distinct names that each node leads to, itself not counted; at most `MOST`."""
        sizes: Ints = self.whole.sizes[self.groups]
        # A node that leads back to itself is in the set of its group.
        inside = self.groups[self.graph.nodes] << 32 | np.arange(len(self.graph.nodes))
        keys = self.whole.owners << 32 | self.whole.members
        sizes[self.graph.nodes] -= np.isin(inside, keys)
        return np.asarray(np.minimum(sizes, MOST))

    def along_paths(self, own: Ints, edges: Edges) -> Ints:
        """Sum of ``own`` over every path from each node, at most `MOST`."""
        nodes = self.graph.nodes
        below = self.graph.along_paths(own[nodes])
        totals = own + summed(edges.sources, below[np.searchsorted(nodes, edges.targets)], len(own))
        totals[nodes] = below
        return np.asarray(np.minimum(totals, MOST))

    def depths(self, edges: Edges) -> Ints:
        """Edges on the longest path from each node."""
        nodes = self.graph.nodes
        below = self.graph.depths()
        depths = np.zeros(len(self.groups), np.int64)
        np.maximum.at(depths, edges.sources, below[np.searchsorted(nodes, edges.targets)] + 1)
        depths[nodes] = below
        return depths


def spread(space: Space, count: int, sets: Sets) -> Space:
    """Of each set the union of what its members have, merged; ``count`` owners in ``space``."""
    pieces = []
    weights = np.bincount(space.owners, minlength=count)[sets.members] + 1
    filled = np.concatenate([[0], np.cumsum(weights)])[sets.offsets]
    size, first, owners = len(sets.offsets) - 1, 0, sets.owners
    while first < size:
        end = int(np.searchsorted(filled, filled[first] + _CHUNK, side="right")) - 1
        end = min(max(end, first + 1), size)
        part = slice(sets.offsets[first], sets.offsets[end])
        pieces.append(space.of(sets.members[part], count).owned(owners[part]).merged())
        first = end
    return united(pieces) if pieces else space.of(sets.members, count)
