"""Arithmetic on the IPv4 addresses of seeds: of all seeds at once, on sorted arrays.

An owner is a seed's number. A block is a /24 network: an address without its last eight bits.
"""

from socket import inet_aton

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.ascending import distinct
from stages.inference.trust.sets import Ints
from stages.inference.trust.space import Space

_BITS = 8
_SIZE = 1 << _BITS
_PLACE = 24
"""Bits of a block's number."""
_LAST = (1 << _PLACE) - 1
_RANK = _PLACE + _BITS + 1
"""Bits of a block's number and how many of its addresses are an owner's."""


def numbers(addresses: pa.ChunkedArray) -> Ints:
    """IPv4 addresses as numbers."""
    packed = b"".join(map(inet_aton, addresses.to_pylist()))
    return np.frombuffer(packed, ">u4").astype(np.int64)


def spaces(rows: pa.Table) -> Space:
    """The networks of ``node`` and ``network``, CIDR text; unmerged."""
    nodes = np.asarray(rows["node"].to_numpy(), np.int64)
    parts = pc.split_pattern(rows["network"], "/")
    address, length = (pc.list_element(parts, place) for place in range(2))
    sizes = np.int64(1) << 32 - np.asarray(length.cast(pa.int64()).to_numpy(), np.int64)
    starts = numbers(address)
    return Space(nodes, starts, starts + sizes)


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
        edges = distinct(np.concatenate([touched.starts, touched.ends]))
        first = np.searchsorted(edges, touched.starts)
        last, wide = first + 1, touched.ends > touched.starts + 1  # the next edge, mostly
        last[wide] = np.searchsorted(edges, touched.ends[wide])
        begun, ended = (np.bincount(at, minlength=len(edges)) for at in (first, last))
        depths = np.cumsum(begun - ended)
        most = depths[first]
        most[wide] = _maxima(depths, first[wide], last[wide])
        owners = np.flatnonzero(np.diff(touched.owners, prepend=-1))  # they ascend
        found[touched.owners[owners]] = np.maximum.reduceat(most, owners) - 1
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
    found = np.full(count, -1, np.int64)
    if len(owners):
        keys = owners << _PLACE | places
        order = np.argsort(keys)
        keys = keys[order]
        first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        total = np.add.reduceat(sizes[order], first)
        # By owner, size, and place from the highest down, all in one number; the last stays.
        ranks = keys[first] >> _PLACE << _RANK | total << _PLACE | _LAST - (keys[first] & _LAST)
        ranks.sort()
        found[ranks >> _RANK] = _LAST - (ranks & _LAST)
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
