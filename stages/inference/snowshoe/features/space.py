"""Arithmetic on the IPv4 addresses of seeds: of all seeds at once, on sorted arrays.

An owner is a seed's number. A block is a /24 network: an address without its last eight bits.
"""

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from stages.inference.trust.sets import Ints
from stages.inference.trust.space import Space

_BITS = 8
_SIZE = 1 << _BITS


def spaces(rows: ir.Table) -> Space:
    """The networks of ``node`` and ``network``, an address or CIDR text; unmerged."""
    address, length = (rows.network.split("/")[place] for place in range(2))
    octets = address.split(".")
    number = sum((octets[i].cast("int64") * 256 ** (3 - i) for i in range(4)), start=0)
    prefix = length.cast("int64").fill_null(32)
    table = rows.select("node", number=number, prefix=prefix).to_pyarrow()
    sizes = np.int64(1) << 32 - _ints(table["prefix"])
    starts = _ints(table["number"]) // sizes * sizes
    return Space(_ints(table["node"]), starts, starts + sizes)


def _ints(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.to_numpy(), np.int64)


def blocks(space: Space) -> Space:
    """The blocks that intervals touch, as intervals of blocks; merged."""
    return Space(space.owners, space.starts >> _BITS, space.ends + _SIZE - 1 >> _BITS).merged()


def neighbours(touched: Space, count: int) -> Ints:
    """For each of ``count`` owners: how many others touch that block of its that most do.

    The union over its blocks would say more, and takes a comparison of every two owners that share
    any: thousands of millions of them at a large host.
    """
    found = np.zeros(count, np.int64)
    if len(touched.owners):
        edges = np.unique(np.concatenate([touched.starts, touched.ends]))
        first, last = (np.searchsorted(edges, at) for at in (touched.starts, touched.ends))
        begun, ended = (np.bincount(at, minlength=len(edges)) for at in (first, last))
        most = _maxima(np.cumsum(begun - ended), first, last)
        np.maximum.at(found, touched.owners, most - 1)
    return found


def _maxima(values: Ints, starts: Ints, ends: Ints) -> Ints:
    """The largest of ``values[start:end]`` for each pair, by a tree of maxima; values from 0 up."""
    size = 1 << (len(values) - 1).bit_length()
    tree = np.zeros(2 * size, np.int64)
    tree[size : size + len(values)] = values
    level = size
    while level > 1:
        level //= 2
        tree[level : 2 * level] = tree[2 * level : 4 * level].reshape(-1, 2).max(axis=1)
    left, right = starts + size, ends + size
    found = np.zeros(len(starts), np.int64)
    while (left < right).any():
        open_ = left < right
        for odd, at in ((open_ & (left & 1 == 1), left), (open_ & (right & 1 == 1), right - 1)):
            found[odd] = np.maximum(found[odd], tree[at[odd]])
        left, right = left + 1 >> 1, right >> 1
    return found


def homes(space: Space, count: int) -> Ints:
    """For each of ``count`` owners: the block with most of its addresses, of equals the lowest.

    -1 without any. The space is merged.
    """
    pieces = [_parts(space, each) for each in ("head", "middle", "tail")]
    owners, places, sizes = (np.concatenate(column) for column in zip(*pieces, strict=True))
    keys, inverse = np.unique(owners << 24 | places, return_inverse=True)
    total = np.bincount(inverse, weights=sizes, minlength=len(keys)).astype(np.int64)
    owners, places = keys >> 24, keys & (1 << 24) - 1
    order = np.lexsort((-places, total, owners))
    found = np.full(count, -1, np.int64)
    found[owners[order]] = places[order]  # the last of an owner's stays
    return found


def _parts(space: Space, which: str) -> tuple[Ints, Ints, Ints]:
    """Owner, block and size of an interval's first, its last, and one block between them."""
    first, last = space.starts >> _BITS, space.ends - 1 >> _BITS
    if which == "head":
        ends = np.minimum(space.ends, first + 1 << _BITS)
        return space.owners, first, ends - space.starts
    if which == "tail":
        more = last > first
        return space.owners[more], last[more], (space.ends - (last << _BITS))[more]
    more = last > first + 1
    return space.owners[more], first[more] + 1, np.full(int(more.sum()), _SIZE)
