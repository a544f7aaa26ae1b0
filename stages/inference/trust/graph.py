"""The graph of names that SPF records lead to: closures, and counts along every path.

Only names that a record leads to are in it; seeds that nobody includes come on top (``trust``).
Loops are condensed to one component, and what has no bound is cut, so that work is bounded
by the edges times `MOST`.
"""

from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stages.inference.trust.sets import Bools, Ints, Sets, offsets

MOST = 1000
"""Names of a closure and counts of a path go no further."""


class Edges(NamedTuple):
    """Terms that lead from one name to another, a row a term."""

    sources: Ints
    targets: Ints

    def kept(self, mask: Bools) -> "Edges":
        """Some of them."""
        return Edges(self.sources[mask], self.targets[mask])


class Graph(NamedTuple):
    """Names that others lead to, numbered anew from 0, and the edges among them."""

    nodes: Ints
    """The node of each target, ascending."""
    edges: Edges
    components: Ints
    """The strongly connected component of each target."""
    order: tuple[int, ...]
    """Components; those that others lead to come before these."""

    @classmethod
    def of(cls, nodes: Ints, edges: Edges) -> "Graph":
        """The graph of some nodes, ascending, to which all of the edges lead."""
        inner = edges.kept(np.isin(edges.sources, nodes))
        within = Edges(*(np.searchsorted(nodes, ends) for ends in inner))
        size = len(nodes)
        matrix = coo_array((np.ones(len(within.sources), np.int8), within), shape=(size, size))
        _, labels = connected_components(matrix, connection="strong")
        components = labels.astype(np.int64)
        sorter: TopologicalSorter[int] = TopologicalSorter()
        for source, target in zip(*(components[e].tolist() for e in within), strict=True):
            if source != target:
                sorter.add(source, target)
        order = tuple(sorter.static_order())
        alone = np.setdiff1d(components, np.array(order, np.int64))
        return cls(nodes, within, components, (*alone.tolist(), *order))

    @property
    def looped(self) -> Bools:
        """Of each edge, whether it leads back to where it stands."""
        sources, targets = self.edges
        return np.asarray(self.components[sources] == self.components[targets])

    def closures(self) -> Sets:
        """Targets that each target leads to, itself among them."""
        after = self._following()
        members = self._members()
        reach: dict[int, frozenset[int]] = {}
        for component in self.order:
            found = set(members[component])
            for child in after.get(component, ()):
                found |= reach[child]
            reach[component] = frozenset(sorted(found)[:MOST] if len(found) > MOST else found)
        lists = [reach[component] for component in self.components.tolist()]
        owners = np.repeat(np.arange(len(lists)), [len(found) for found in lists])
        flat = np.fromiter((node for found in lists for node in found), np.int64, len(owners))
        return Sets.of(owners, flat, len(lists))

    def along_paths(self, own: Ints) -> Ints:
        """``own`` of each target and of all that it leads to, once for each path, up to `MOST`.

        A target in a loop or before one has `MOST`, if the loop has any.
        """
        totals = self._fold(own.tolist())
        return np.array([totals[c] for c in self.components.tolist()], np.int64)

    def depths(self) -> Ints:
        """Edges on the longest path from each target; a loop counts as one name."""
        after = self._following()
        depth: dict[int, int] = {}
        for component in self.order:
            depth[component] = max((depth[c] + 1 for c in after.get(component, ())), default=0)
        return np.array([depth[c] for c in self.components.tolist()], np.int64)

    def _fold(self, own: list[int]) -> dict[int, int]:
        paths: dict[int, list[int]] = {}
        loops = set()
        for source, target in self._pairs():
            if source == target:
                loops.add(source)
            paths.setdefault(source, []).append(target)
        sums: dict[int, int] = {}
        for component, value in zip(self.components.tolist(), own, strict=True):
            sums[component] = sums.get(component, 0) + value
        for component in self.order:
            below = sum(sums[c] for c in paths.get(component, ()) if c != component)
            total = sums[component] + below
            endless = component in loops and total > 0
            sums[component] = MOST if endless else min(total, MOST)
        return sums

    def _following(self) -> dict[int, set[int]]:
        after: dict[int, set[int]] = {}
        for source, target in self._pairs():
            if source != target:
                after.setdefault(source, set()).add(target)
        return after

    def _pairs(self) -> Iterator[tuple[int, int]]:
        return zip(*(self.components[ends].tolist() for ends in self.edges), strict=True)

    def _members(self) -> dict[int, list[int]]:
        members: dict[int, list[int]] = {}
        for target, component in enumerate(self.components.tolist()):
            members.setdefault(component, []).append(target)
        return members


def summed(owners: Ints, values: Ints, count: int) -> Ints:
    """Sums by owner, in any order, exact."""
    order = np.argsort(owners, kind="stable")
    total = np.concatenate([[0], np.cumsum(values[order])])
    begin = offsets(owners[order], count)
    return np.asarray(total[begin[1:]] - total[begin[:-1]])
