"""Domains counted by cut: how many of each seed list and rank trust each of many items."""

from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array, csr_array

from schemas.aggregates import ALL_RANKS, ANY, CUTS
from stages.ascending import among
from stages.inference.aggregates.cuts import populations
from stages.inference.trust.closure import Closure
from stages.inference.trust.columns import NOWHERE, integers, places
from stages.inference.trust.sets import Bools, Ints, Sets
from stages.inference.trust.walk import Walk

_CHUNK = 1_000_000
"""Pairs of node and item counted at once."""


class Population(NamedTuple):
    """Nodes that are domains, by the smallest cut that holds each, and those cuts' sums."""

    cells: csr_array
    """Nodes by cells; a cell is a seed list and the smallest rank cut."""
    sums: csr_array
    """Cells by cuts: 1 where the cut takes the cell in."""
    cuts: tuple[tuple[str, int], ...]
    """Seed list and rank cut."""

    def holding(self, mask: Bools) -> Ints:
        """How many of the nodes of a mask are in each cut."""
        return np.asarray((mask.astype(np.int64) @ self.cells) @ self.sums, np.int64)

    def by(self, values: Ints, count: int) -> Ints:
        """How many of the nodes of each value, out of ``count``, are in each cut."""
        of_value = _matrix(values, np.arange(len(values)), (count, len(values)))
        return np.asarray(((of_value @ self.cells) @ self.sums).toarray(), np.int64)

    def kept(self, mask: Bools) -> "Population":
        """Without the nodes that are not in a mask."""
        rows, columns = (each.astype(np.int64) for each in self.cells.nonzero())
        some = mask[rows]
        return self._replace(cells=_matrix(rows[some], columns[some], self.cells.shape))


class Tally(NamedTuple):
    """Counts that are not 0, a row an item and cut."""

    items: Ints
    cuts: Ints
    domains: Ints
    direct: Ints


def population(walk: Walk, domains: ir.Table) -> Population:
    """The seeds of a run that its table spf has, cut as `stages.inference.aggregates.cuts` does."""
    members = populations(domains)
    table = members.select("domain", "seed_list", "bucket").to_pyarrow()
    nodes = places(table["domain"], walk.own.names)
    table, nodes = table.filter(nodes != NOWHERE), nodes[nodes != NOWHERE]
    lists = table["seed_list"].combine_chunks().dictionary_encode()
    names = lists.dictionary.to_pylist() or [ANY]
    cells = [(name, bucket) for name in names for bucket in CUTS]
    column = integers(pa.chunked_array([lists.indices])) * len(CUTS)
    order = np.argsort(CUTS)
    column += order[np.searchsorted(CUTS, integers(table["bucket"]), sorter=order)]
    shape = (walk.size, len(cells))
    return Population(
        _matrix(nodes, column, shape),
        csr_array(np.array([[_holds(cut, cell) for cut in cells] for cell in cells], np.int64)),
        tuple(cells),
    )


def _holds(cut: tuple[str, int], cell: tuple[str, int]) -> bool:
    ranked = cell[1] != ALL_RANKS and cell[1] <= cut[1]
    return cut[0] == cell[0] and (cut[1] == ALL_RANKS or ranked)


def trusted(people: Population, closure: Closure) -> Sets:
    """Of each cell the nodes that its domains trust, themselves among them."""
    nodes, cells = (each.astype(np.int64) for each in people.cells.nonzero())
    count = people.cells.shape[1]
    groups = Sets.of(cells, closure.groups[nodes], count)
    named = groups.through(Sets(closure.whole.offsets, closure.graph.nodes[closure.whole.members]))
    return Sets.united([Sets.of(cells, nodes, count), named])


def tally(people: Population, closure: Closure, own: Sets, count: int) -> Tally:
    """Domains by item that they have, or that a name has that they trust.

    ``own`` are the items of each node, out of ``count``.
    """
    nodes = closure.graph.nodes
    inherited = closure.whole.through(own.taken(nodes))
    groups = len(closure.direct.offsets) - 1
    keys = inherited.owners << 32 | inherited.members
    size = len(closure.groups)
    by_group = _matrix(closure.groups, np.arange(size), (groups, size)) @ people.cells
    direct = twice = csr_array((count, people.cells.shape[1]), dtype=np.int64)
    for owners, members in own.chunks(_CHUNK):
        both = among(closure.groups[owners] << 32 | members, keys)
        direct += _matrix(members, owners, (count, size)) @ people.cells
        twice += _matrix(members[both], owners[both], (count, size)) @ people.cells
    further = _matrix(inherited.members, inherited.owners, (count, groups)) @ by_group
    return _tally((direct + further - twice) @ people.sums, direct @ people.sums)


def _tally(domains: csr_array, direct: csr_array) -> Tally:
    rows = domains.tocoo()
    items, cuts = (np.asarray(each, np.int64) for each in rows.coords)
    kept = rows.data > 0
    items, cuts = items[kept], cuts[kept]
    # Whoever has it directly has it, so these places hold all of the counts.
    near = direct.tocoo()
    keys = near.coords[0].astype(np.int64) * domains.shape[1] + near.coords[1]
    order = np.argsort(keys)
    found = items * domains.shape[1] + cuts
    values = np.append(near.data[order], 0)
    keys = np.append(keys[order], -1)
    place = np.searchsorted(keys[:-1], found)
    hit = np.where(keys[place] == found, values[place], 0)
    return Tally(items, cuts, rows.data[kept], hit)


def _matrix(rows: Ints, columns: Ints, shape: tuple[int, int]) -> csr_array:
    return coo_array((np.ones(len(rows), np.int64), (rows, columns)), shape=shape).tocsr()
