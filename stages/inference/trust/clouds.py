"""How much of the clouds' space each name trusts: the column ``clouds`` of spf_trust.

A cloud is a `Measure` under which only its addresses count, so that the arithmetic is the same as
for all addresses, and a domain that trusts everything costs no more than another.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.spf_trust import SPF_TRUST
from stages.enrich.atlas import Atlas
from stages.enrich.layer import NONE, Addresses, Layer, limbs
from stages.inference.trust.networks import Networks
from stages.inference.trust.reckoning import Passed
from stages.inference.trust.sets import Bools, Ints, offsets
from stages.inference.trust.space import Measure, Scale, Space, decimals
from stages.inference.trust.walk import Walk


class Held(NamedTuple):
    """The addresses of some stretches of a layer, counted."""

    starts: Addresses
    inside: Bools
    """Whether the addresses of a stretch count."""
    below: Ints
    """Those that count before each stretch; a row a limb."""

    @classmethod
    def of(cls, layer: Layer, inside: Bools) -> "Held":
        """The stretches of a layer that are inside."""
        lengths = np.diff(limbs(layer.starts), axis=1) * inside[:-1]
        below = np.concatenate([np.zeros((len(lengths), 1), np.int64), lengths.cumsum(1)], axis=1)
        return cls(layer.starts, inside, below)

    def at(self, addresses: Addresses) -> Ints:
        """Addresses that count below each; a row a limb."""
        place = np.searchsorted(self.starts, addresses, side="right") - 1
        over = limbs(addresses) - limbs(self.starts)[:, place]
        return np.asarray(self.below[:, place] + over * self.inside[place])

    def lengths(self, space: Space) -> Ints:
        """Addresses that count in each interval of IPv4."""
        return self.at(space.ends) - self.at(space.starts)


def clouds(walk: Walk, atlas: Atlas, families: Sequence[tuple[Networks, Passed]]) -> pa.Array:
    """The list of each node; ``families`` are IPv4 and IPv6."""
    column = atlas.origins["cloud_provider"].to_pylist()
    providers = sorted({provider for provider in column if provider})
    codes = np.array([providers.index(each) if each else NONE for each in column], np.int64)
    found = [_counter(walk, atlas, codes, *family) for family in families]
    rows = [np.empty((7, 0), np.int64)]
    for provider in range(len(providers)):
        counts = np.concatenate([count(provider) for count in found])
        some = np.flatnonzero(counts.any(axis=0))
        rows.append(np.stack([some, np.full(len(some), provider), *counts[:, some]]))
    nodes, numbers, ipv4, *ipv6 = np.concatenate(rows, axis=1)
    order = np.argsort(nodes, kind="stable")
    kind = SPF_TRUST.schema.field("clouds").type
    columns = [
        pa.array(providers, pa.string()).take(pa.array(numbers[order])),
        pa.array(ipv4[order]),
        decimals(np.stack(ipv6)[:, order]),
    ]
    structs = pa.StructArray.from_arrays(columns, fields=list(kind.value_type))
    begin = offsets(nodes[order], walk.size)
    return pa.ListArray.from_arrays(pa.array(begin, pa.int32()), structs, type=kind)


def _counter(
    walk: Walk, atlas: Atlas, codes: Ints, networks: Networks, passed: Passed
) -> Callable[[int], Ints]:
    """What each node passes of a provider, given by number; in limbs."""
    layer, line = atlas.layers[networks.version].recoded(codes), networks.line

    def measure(inside: Bools) -> Measure:
        held = Held.of(layer, inside)
        return held if line is None else Scale(held.at(line))

    some = measure(layer.codes != NONE)
    touching = Passed(*(space.kept(np.any(some.lengths(space), axis=0)) for space in passed))
    return lambda provider: touching.held(walk, measure(layer.codes == provider))[0]
