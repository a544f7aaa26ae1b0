"""Arithmetic on sets of addresses: of many owners at once, on sorted arrays.

Addresses of one family are *positions*, integers below 2**33 in the order of the addresses: for
IPv4 the address itself, for IPv6 its rank among all ends of networks of the run. A `Scale`
turns positions back into numbers of addresses, in limbs of 32 bits, least first, so that sums
stay exact in 64 bits.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stages.inference.trust.sets import Ints, offsets

_BITS = 33
"""Of a sort key, for the position; the owner has the others."""
_LIMB = 32
_MASK = (1 << _LIMB) - 1
MOST = 10**38 - 1
"""The largest count that decimal128(38, 0) holds; larger ones are cut to it."""


class Measure(Protocol):
    """A count of addresses, in limbs."""

    def at(self, positions: Ints, /) -> Ints:
        """Addresses that count below each position; a row a limb."""

    def lengths(self, space: "Space", /) -> Ints:
        """Addresses that count in each interval; a row a limb, whose values may be negative."""


class Scale(NamedTuple):
    """What positions stand for: ``limbs[:, position]``, or the position itself without any."""

    limbs: Ints | None

    @classmethod
    def of(cls, ends: Sequence[int]) -> "Scale":
        """The scale on which the position of ``ends[i]`` is i; ends ascend, up to 2**128."""
        rows = [[end >> shift & _MASK for end in ends] for shift in (0, 32, 64)]
        return cls(np.array([*rows, [end >> 96 for end in ends]], np.int64).reshape(4, -1))

    def lengths(self, space: "Space") -> Ints:
        """Addresses of each interval; a row a limb, whose values may be negative."""
        if self.limbs is None:
            return (space.ends - space.starts)[None]
        return np.asarray(self.limbs[:, space.ends] - self.limbs[:, space.starts])

    def at(self, positions: Ints) -> Ints:
        """Addresses below each position; a row a limb."""
        return positions[None] if self.limbs is None else self.limbs[:, positions]


IPV4 = Scale(None)


class Space(NamedTuple):
    """Intervals of owners, from start to before end; merged ones ascend and do not touch."""

    owners: Ints
    starts: Ints
    ends: Ints

    def merged(self) -> "Space":
        """The same addresses, each owner's once."""
        if not len(self.owners):
            return self
        keys = self.owners << _BITS | self.starts
        order = np.argsort(keys, kind="stable")
        starts = keys[order]
        ends = np.maximum.accumulate((self.owners << _BITS | self.ends)[order])
        first = np.ones(len(starts), bool)
        first[1:] = starts[1:] > ends[:-1]  # also where the owner, in the high bits, is another
        last = np.append(np.flatnonzero(first)[1:] - 1, len(starts) - 1)
        begin, mask = starts[first], (1 << _BITS) - 1
        return Space(begin >> _BITS, begin & mask, ends[last] & mask)

    def of(self, chosen: Ints, count: int) -> "Space":
        """The intervals of chosen owners of ``count``, who are numbered anew in that order."""
        begin = offsets(self.owners, count)
        sizes = np.diff(begin)[chosen]
        owners = np.repeat(np.arange(len(chosen)), sizes)
        places = np.repeat(begin[chosen] - (np.cumsum(sizes) - sizes), sizes)
        places += np.arange(len(owners))
        return Space(owners, self.starts[places], self.ends[places])

    def kept(self, mask: NDArray[np.bool_]) -> "Space":
        """Some of the intervals."""
        return Space(self.owners[mask], self.starts[mask], self.ends[mask])

    def owned(self, owners: Ints) -> "Space":
        """The same intervals, owner i being now ``owners[i]``."""
        return self._replace(owners=owners[self.owners])

    def sizes(self, scale: Measure, count: int) -> Ints:
        """Addresses of each of ``count`` owners, merged before; a row a limb."""
        return _sums(scale.lengths(self), self.owners, count)

    def shared(self, other: "Space", partners: Ints, scale: Measure) -> Ints:
        """Addresses that each owner shares with its partner in ``other``; a row a limb.

        ``partners[owner]`` owns in ``other``. Both are merged.
        """
        partner = partners[self.owners]
        ends, starts = (other.below(partner, at, scale) for at in (self.ends, self.starts))
        return _sums(ends - starts, self.owners, len(partners))

    def below(self, owners: Ints, positions: Ints, scale: Measure) -> Ints:
        """Addresses below a position, of its owner and of all owners before it."""
        keys = self.owners << _BITS | self.starts
        place = np.searchsorted(keys, owners << _BITS | positions)
        lengths = scale.lengths(self)
        before = np.concatenate([np.zeros((len(lengths), 1), np.int64), lengths.cumsum(1)], axis=1)
        total = before[:, place]
        # The last interval that starts before may go on beyond the position.
        last = np.maximum(place - 1, 0)
        if len(self.owners):
            over = (place > 0) & (self.owners[last] == owners) & (self.ends[last] > positions)
            ends, stops = self.ends[last[over]], positions[over]
            total[:, over] -= scale.at(ends) - scale.at(stops)
        return total


def united(spaces: Sequence[Space]) -> Space:
    """Their intervals, unmerged."""
    columns = zip(*spaces, strict=True)
    return Space(*(np.concatenate(column) for column in columns))


def nothing() -> Space:
    """No interval."""
    return Space(*(np.empty(0, np.int64) for _ in range(3)))


def _sums(values: Ints, owners: Ints, count: int) -> Ints:
    """Exact sums by owner; owners ascend."""
    total = np.concatenate([np.zeros((len(values), 1), np.int64), values.cumsum(1)], axis=1)
    begin = offsets(owners, count)
    return np.asarray(total[:, begin[1:]] - total[:, begin[:-1]])


def decimals(limbs: NDArray[np.int64]) -> pa.Array:
    """Counts as decimal128(38, 0), from limbs of 32 bits; at most `MOST`."""
    words, over = _words(limbs)
    most = [MOST >> shift & _MASK for shift in range(0, 128, _LIMB)]
    words[over | _exceed(words, most)] = most
    data = pa.py_buffer(np.ascontiguousarray(words.astype("<u4")))
    return pa.Array.from_buffers(pa.decimal128(38, 0), len(words), [None, data])


def bits(limbs: NDArray[np.int64]) -> Ints:
    """The bit length of counts: 1 for 1, 9 for 256 to 511, 129 for 2**128; 0 for 0."""
    words, over = _words(limbs)
    lengths = np.frexp(words.astype(np.float64))[1] + np.arange(4) * _LIMB
    return np.where(over, 129, np.where(words > 0, lengths, 0).max(axis=1, initial=0))


def _words(limbs: NDArray[np.int64]) -> tuple[Ints, NDArray[np.bool_]]:
    """Counts as four words of 32 bits each, least first, and whether they need more."""
    words = np.zeros((limbs.shape[1], 4), np.int64)
    carry = np.zeros(limbs.shape[1], np.int64)
    for place, limb in enumerate(limbs):
        value = limb + carry
        words[:, place] = value & _MASK
        carry = value >> _LIMB
    for place in range(len(limbs), 4):
        words[:, place], carry = carry & _MASK, carry >> _LIMB
    return words, carry > 0


def _exceed(words: Ints, most: Sequence[int]) -> NDArray[np.bool_]:
    over = np.zeros(len(words), bool)
    for place, limit in enumerate(most):
        over = (words[:, place] > limit) | ((words[:, place] == limit) & over)
    return over
