"""The search tree of a MaxMind DB as arrays: every network of the file at once.

After MaxMind DB File Format 2.0, "Binary Search Tree Section". The library's own iterator makes
a Python object of every network; where millions are wanted, this is twenty times as fast.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.provenance import TableError
from stages.enrich.layer import NONE, Addresses, Ints, joined

_RECORDS_32, _RECORDS_28, _RECORDS_24 = 32, 28, 24
_MAPPED = 96
"""Zero bits before an IPv4 address in a tree of IPv6."""


class Leaves(NamedTuple):
    """Networks of one family that lead to a record, or to nothing; they cover its whole space."""

    starts: Addresses
    """First address of each, ascending."""
    records: Ints
    """Where its record stands, as the tree has it; `NONE` without. Equal ones share a record."""


def leaves(raw: bytes, node_count: int, record_size: int, ip_version: int) -> dict[int, Leaves]:
    """The networks by version; TableError for bytes that hold no such tree."""
    tree = _tree(raw, node_count, record_size)
    if ip_version == 4:  # noqa: PLR2004 - the family
        return {4: _leaves(4, tree, 0, NONE)}
    root = 0
    for _ in range(_MAPPED):
        if root >= len(tree):
            break
        root = int(tree[root, 0])
    # The IPv4 space is mapped to several places (6to4, Teredo …): there it is left out.
    return {4: _leaves(4, tree, root, NONE), 6: _leaves(6, tree, 0, root)}


def _tree(raw: bytes, nodes: int, size: int) -> Ints:
    """The two records of each node; one below ``nodes`` is a node."""
    length = nodes * size // 4
    if size not in {_RECORDS_24, _RECORDS_28, _RECORDS_32} or not 0 < length <= len(raw):
        raise TableError(f"MMDB: no search tree of {nodes} nodes with records of {size} bits")
    octets = np.frombuffer(raw, np.uint8, length).reshape(nodes, -1).astype(np.int64)
    if size == _RECORDS_28:
        middle = octets[:, 3]
        left = (middle & 0xF0) << 20 | _number(octets[:, :3])
        right = (middle & 0x0F) << 24 | _number(octets[:, 4:])
        return np.stack([left, right], axis=1)
    half = octets.shape[1] // 2
    return np.stack([_number(octets[:, :half]), _number(octets[:, half:])], axis=1)


def _number(octets: Ints) -> Ints:
    value = np.zeros(len(octets), np.int64)
    for column in octets.T:
        value = value << 8 | column
    return value


def _leaves(version: int, tree: Ints, root: int, hidden: int) -> Leaves:
    """All leaves below a node, a depth at a time; what lies below ``hidden`` is left out."""
    bits = {4: 32, 6: 128}[version]
    nodes, high, low = np.array([root]), np.zeros(1, np.uint64), np.zeros(1, np.uint64)
    parts = []
    for depth in range(bits + 1):
        ended = (nodes >= len(tree)) | (nodes == hidden) | (depth == bits)
        parts.append((high[ended], low[ended], nodes[ended]))
        nodes = nodes[~ended]
        if len(nodes) > len(tree):
            raise TableError("MMDB: the search tree leads back into itself")
        far, near = divmod(1 << max(bits - 1 - depth, 0), 1 << 64)
        high, low = _halves(high[~ended], far), _halves(low[~ended], near)
        nodes = tree[nodes].ravel()
    high, low, found = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((low, high))
    starts = low[order].astype(np.int64) if version == 4 else joined(high[order], low[order])  # noqa: PLR2004
    return Leaves(starts, np.where(found > len(tree), found, NONE)[order])


def _halves(starts: NDArray[np.uint64], step: int) -> NDArray[np.uint64]:
    """Of each network the starts of its two halves, one after the other."""
    both = np.repeat(starts, 2)
    both[1::2] += np.uint64(step)
    return both
