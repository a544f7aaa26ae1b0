"""spf_shares: whose networks and names how many domains trust, and how much of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.spf_shares import SPF_SHARES, SpfDimension
from stages.enrich.layer import NONE, Layer
from stages.inference.trust.aggregates import by_cut, ranked
from stages.inference.trust.closure import spread
from stages.inference.trust.ground import Ground, Held
from stages.inference.trust.labels import Labels
from stages.inference.trust.population import Population, tally, trusted
from stages.inference.trust.reckoning import Passed
from stages.inference.trust.sets import Ints, Sets
from stages.inference.trust.space import Measure, Space, decimals
from stages.inference.trust.walk import Walk


class Family(NamedTuple):
    """What there is of one family of addresses."""

    ground: Ground
    held: Held
    """Its small networks by the atlas."""
    passed: Passed
    scale: Measure


def spf_shares(
    walk: Walk, people: Population, labels: Labels, families: Sequence[Family]
) -> pa.Table:
    """The table, by dimension, the most trusted of each cut first."""
    edges = walk.links.edges.kept(walk.links.passing)
    named = Sets.of(
        edges.sources, np.searchsorted(walk.trusted.graph.nodes, edges.targets), walk.size
    )
    own = [named.through(labels.targets)]
    own += [_labelled(family, labels) for family in families]
    counts = tally(people, walk.trusted, Sets.united(own), len(labels.listed))
    places = pc.index_in(labels.listed["dimension"], pa.array(list(map(str, SpfDimension))))
    sort = places.to_numpy().astype(np.int64)
    order = ranked(counts, sort)
    table = by_cut(
        counts,
        people,
        dict(zip(labels.listed.column_names, labels.listed.columns, strict=True)),
        order,
    )
    where = counts.items[order] * len(people.cuts) + counts.cuts[order]
    ipv4, ipv6 = (_addresses(walk, people, labels, family)[:, where] for family in families)
    recorded = people.holding(walk.own.records > 0)[counts.cuts[order]]
    columns = {
        "share": pa.array(counts.domains[order] / recorded),
        "ipv4": pa.array(ipv4[0]),
        "ipv6": decimals(ipv6),
    }
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table.select(SPF_SHARES.schema.names).cast(SPF_SHARES.schema)


def _labelled(family: Family, labels: Labels) -> Sets:
    """Labels of what each node's own terms pass."""
    ground, held = family.ground, family.held
    size = len(ground.networks.nodes)
    of_small = Sets.of(held.owners, held.codes, size)
    rented = ground.held(ground.space(ground.large), _clouds(ground, labels))
    of_large = Sets.of(rented.owners, rented.codes, size)
    everywhere = Sets.of(
        np.repeat(ground.large, len(labels.everywhere)),
        np.tile(labels.everywhere, len(ground.large)),
        size,
    )
    by_network = [
        of_small.through(labels.places),
        of_small.through(labels.rented),
        of_large.through(labels.rented),
        everywhere,
    ]
    return ground.own.through(Sets.united(by_network))


def _clouds(ground: Ground, labels: Labels) -> Layer:
    """The layer by clouds alone, which has far fewer stretches."""
    number, examples = labels.rented.grouped()
    return ground.layer.recoded(np.where(labels.rented.sizes > 0, examples[number], NONE))


def _addresses(walk: Walk, people: Population, labels: Labels, family: Family) -> Ints:
    """Addresses of each label and cut, one after the other; in limbs."""
    ground, cuts, count = family.ground, len(people.cuts), len(labels.listed)
    networks = trusted(people, walk.trusted).through(ground.own)
    small = np.isin(networks.members, ground.large, invert=True)
    owners = networks.owners
    ways = [
        (small, ground.layer, labels.places),
        (np.ones(len(owners), bool), _clouds(ground, labels), labels.rented),
    ]
    limbs = len(family.scale.at(np.empty(0, np.int64)))
    total = np.zeros((limbs, count * cuts), np.int64)
    sums = people.sums.toarray().astype(bool)
    for kept, layer, sets in ways:
        starts, ends = (
            bound[networks.members[kept]]
            for bound in (ground.networks.starts, ground.networks.ends)
        )
        by_cell = Space(owners[kept], starts, ends).merged()
        for cut in range(cuts):  # all at once they took three times the memory
            cells = np.flatnonzero(sums[:, cut])
            united = by_cell.of(cells, cuts).owned(np.zeros_like(cells)).merged()
            held = ground.held(united, layer)
            rows, places = sets.places(held.codes)
            where = sets.members[places] * cuts + cut
            for limb, values in zip(total, held.counts, strict=True):
                np.add.at(limb, where, values[rows])
    return total + np.repeat(_of_targets(walk, labels, family), cuts, axis=1)


def _of_targets(walk: Walk, labels: Labels, family: Family) -> Ints:
    """Addresses that the targets of each label pass; in limbs."""
    count = len(labels.listed)
    having = Sets.of(labels.targets.members, labels.targets.owners, count)
    space = spread(family.passed.targets, len(walk.trusted.graph.nodes), having)
    return space.sizes(family.scale, count)
