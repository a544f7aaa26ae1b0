"""How many domains let each block send: each domain once a block, however many terms name it.

Domains share few distinct sets of targets. What targets pass is united once a set and counted with
the number of its domains; what own terms pass beyond is added a domain at a time, as arrays.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.inference.trust.closure import spread
from stages.inference.trust.sets import Ints, Sets, offsets
from stages.inference.trust.space import Space


class Trust(NamedTuple):
    """Whom names trust, in numbers."""

    own: Space
    """Blocks that each name passes by its own terms, merged."""
    names: int
    """How many there are."""
    reach: Sets
    """Names that each target passes, itself among them."""
    seeds: Ints
    """The name of each domain."""
    direct: Sets
    """Targets of each domain."""


class Layers(NamedTuple):
    """Spaces whose owners stand for domains; a domain is in all of them."""

    groups: Ints
    """The group of each domain."""
    inherited: Space
    """By group."""
    own: Space
    """By domain."""
    both: Space
    """By domain: blocks that are in the two others."""


def layers(trust: Trust) -> Layers:
    """The spaces of all domains."""
    groups, examples = trust.direct.grouped()
    targets = spread(trust.own, trust.names, trust.reach)
    count = len(trust.reach.offsets) - 1
    inherited = spread(targets, count, trust.direct.taken(examples))
    own = trust.own.of(trust.seeds, trust.names)
    return Layers(groups, inherited, own, shared(own, groups, inherited, len(examples)))


def shared(space: Space, partners: Ints, other: Space, count: int) -> Space:
    """What each owner shares with its partner, an owner of ``other`` out of ``count``.

    Both are merged, so the intervals of an owner ascend.
    """
    begin = offsets(other.owners, count)
    partner = partners[space.owners]
    wide = int(max(space.ends.max(initial=0), other.ends.max(initial=0))) + 1
    # The first of the partner's intervals that ends behind the start, the first that begins
    # behind the end: what lies between overlaps.
    first = np.searchsorted(
        other.owners * wide + other.ends, partner * wide + space.starts, "right"
    )
    stop = np.searchsorted(other.owners * wide + other.starts, partner * wide + space.ends, "left")
    first = np.maximum(first, begin[partner])
    stop = np.minimum(stop, begin[partner + 1])
    sizes = np.maximum(stop - first, 0)
    rows = np.repeat(np.arange(len(space.owners)), sizes)
    places = np.repeat(first - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(rows))
    return Space(
        space.owners[rows],
        np.maximum(space.starts[rows], other.starts[places]),
        np.minimum(space.ends[rows], other.ends[places]),
    )


def counts(found: Layers, chosen: NDArray[np.bool_], blocks: int) -> NDArray[np.int32]:
    """Of the chosen domains, how many let each of so many blocks send."""
    by_group = np.bincount(found.groups[chosen], minlength=int(found.groups.max(initial=0)) + 1)
    weights = chosen.astype(np.int64)
    parts = ((found.inherited, by_group), (found.own, weights), (found.both, -weights))
    steps = [(space.starts, space.ends, gain[space.owners]) for space, gain in parts]
    places = np.concatenate([place for starts, ends, _ in steps for place in (starts, ends)])
    gains = np.concatenate([gain for *_, each in steps for gain in (each, -each)])
    # Sums of whole numbers far below 2**53: exact, although bincount adds floats.
    change = np.bincount(places, gains, blocks + 1)
    return np.asarray(np.cumsum(change[:blocks]).astype(np.int32))
