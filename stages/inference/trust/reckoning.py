"""How many addresses of a family each node passes."""

from typing import NamedTuple

import numpy as np

from stages.inference.trust.closure import Closure, spread
from stages.inference.trust.graph import Edges, Graph
from stages.inference.trust.networks import Networks
from stages.inference.trust.sets import Ints, Sets
from stages.inference.trust.space import Measure, Space, united
from stages.inference.trust.walk import Walk

NO_NETWORK = 255
"""Stands for the prefix length of the largest network where there is none."""


class Reckoning(NamedTuple):
    """Addresses of one family, by node; in limbs, as `space.Scale` gives them."""

    total: Ints
    literal: Ints
    inherited: Ints
    soft: Ints
    largest: Ints
    """Prefix length of the largest network that passes; `NO_NETWORK` without."""
    targets: Ints
    """Addresses that each target passes, by its number."""


class Passed(NamedTuple):
    """The addresses of one family that pass, merged."""

    own: Space
    """By node, what its own terms pass."""
    targets: Space
    """By target, with all that it leads to."""
    groups: Space
    """By group of the closure, what its targets pass."""

    @classmethod
    def of(cls, walk: Walk, networks: Networks) -> "Passed":
        """What all nodes pass."""
        own = networks.space(soft=False)
        return cls(own, *walk.trusted.space(own, walk.size))

    def held(self, walk: Walk, measure: Measure) -> tuple[Ints, Ints, Ints]:
        """By node, in limbs: what passes, by own terms, by includes and redirects."""
        size, closure = walk.size, walk.trusted
        literal = self.own.sizes(measure, size)
        inherited = self.groups.sizes(measure, len(closure.direct.offsets) - 1)[:, closure.groups]
        shared = self.own.shared(self.groups, closure.groups, measure)
        return literal + inherited - shared, literal, inherited


def reckon(walk: Walk, networks: Networks, passed: Passed) -> Reckoning:
    """The reckoning of all nodes."""
    size, scale, closure = walk.size, networks.scale, walk.trusted
    total, literal, inherited = passed.held(walk, scale)
    soft = _soft(walk, networks.space(soft=True), passed.targets)
    return Reckoning(
        total=total,
        literal=literal,
        inherited=inherited,
        soft=soft.sizes(scale, size),
        largest=_largest(networks.passing(), closure, size),
        targets=passed.targets.sizes(scale, len(closure.graph.nodes)),
    )


def _soft(walk: Walk, own: Space, targets: Space) -> Space:
    """What terms of ? and ~ name: networks, what such an include passes, the redirect's."""
    links, nodes, size = walk.links, walk.trusted.graph.nodes, walk.size
    mild = np.isin(links.qualifiers, [ord("?"), ord("~")])
    lead = _sets(links.edges.kept(mild), nodes, size)
    direct = united([own, spread(targets, len(nodes), lead)]).merged()
    redirects = links.edges.kept(links.redirects)
    reach = Graph.of(nodes, redirects).closures()
    further = _sets(redirects, nodes, size).through(reach)
    after = spread(direct, size, Sets(further.offsets, nodes[further.members]))
    return united([direct, after]).merged()


def _sets(edges: Edges, nodes: Ints, size: int) -> Sets:
    return Sets.of(edges.sources, np.searchsorted(nodes, edges.targets), size)


def _largest(passing: Networks, closure: Closure, size: int) -> Ints:
    own = np.full(size, NO_NETWORK, np.int64)
    np.minimum.at(own, passing.nodes, passing.prefixes)
    return closure.least(own, NO_NETWORK)
