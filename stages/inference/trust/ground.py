"""The networks of a run laid on an atlas: who has them (spf_origins), by network and by cut."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.spf_origins import SPF_ORIGINS
from stages.enrich.atlas import Atlas
from stages.enrich.layer import NONE, Addresses, Layer, limbs
from stages.inference.trust.grants import octets
from stages.inference.trust.graph import summed
from stages.inference.trust.networks import Networks
from stages.inference.trust.sets import Ints, Sets
from stages.inference.trust.space import Space, decimals
from stages.inference.trust.walk import Walk

LARGEST = {4: 8, 6: 13}
"""Prefix length of the largest networks that may be somebody's: 17.0.0.0/8 is one company's, and
IPv6 is handed out to registries by the /12."""


class Held(NamedTuple):
    """Parts of owners' space: of each the row of the atlas's origins, and how much it is."""

    owners: Ints
    codes: Ints
    counts: Ints
    """Addresses, in limbs; a row a limb."""


class Ground(NamedTuple):
    """The distinct networks of one family that pass."""

    networks: Networks
    """Each once, by address; their nodes mean nothing."""
    own: Sets
    """Of each node, the networks that its own terms pass."""
    large: Ints
    """Those larger than `LARGEST`."""
    line: Addresses | None
    layer: Layer

    @classmethod
    def of(cls, walk: Walk, networks: Networks, atlas: Atlas) -> "Ground":
        """The ground of a family."""
        passing = networks.passing()
        distinct, number = passing.distinct()
        large = np.flatnonzero(distinct.prefixes < LARGEST[passing.version])
        own = Sets.of(passing.nodes, number, walk.size)
        return cls(distinct, own, large, passing.line, atlas.layers[passing.version])

    @property
    def small(self) -> Ints:
        """Those that may be somebody's."""
        return np.setdiff1d(np.arange(len(self.networks.nodes)), self.large)

    def held(self, space: Space, layer: Layer) -> Held:
        """Who has the space of each owner, by a layer of the atlas."""
        starts, ends = (
            positions if self.line is None else self.line[positions]
            for positions in (space.starts, space.ends)
        )
        pieces = layer.pieces(starts, ends)
        kept = pieces.codes != NONE
        keys, number = np.unique(
            space.owners[pieces.rows[kept]] << 32 | pieces.codes[kept], return_inverse=True
        )
        lengths = limbs(pieces.ends[kept]) - limbs(pieces.starts[kept])
        counts = np.stack([summed(number, limb, len(keys)) for limb in lengths])
        return Held(keys >> 32, keys & 0xFFFFFFFF, counts)

    def space(self, rows: Ints) -> Space:
        """Some of the networks, each its own owner."""
        return Space(rows, self.networks.starts[rows], self.networks.ends[rows])


def spf_origins(ground: Ground, held: Held, atlas: Atlas) -> pa.Table:
    """The table, of one family; ``held`` are its small networks by the atlas."""
    networks, rows = ground.networks, held.owners
    starts = networks.starts[rows]
    table = atlas.origins.take(pa.array(held.codes))
    part = np.arange(len(rows)) - np.searchsorted(rows, rows)
    columns = {
        "version": pa.array(np.full(len(rows), networks.version, np.int16)),
        "first": octets(networks, starts, 0),
        "prefix": pa.array(networks.prefixes[rows].astype(np.int16)),
        "part": pa.array(part.astype(np.int32)),
        "addresses": decimals(held.counts),
    }
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table.select(SPF_ORIGINS.schema.names).cast(SPF_ORIGINS.schema)
