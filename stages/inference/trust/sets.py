"""Many small sets of integers in two arrays, so that none of them is a Python object."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from stages.ascending import distinct

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Sets(NamedTuple):
    """Set i is ``members[offsets[i] : offsets[i + 1]]``, ascending, each member once."""

    offsets: Ints
    members: Ints

    @classmethod
    def of(cls, owners: Ints, members: Ints, count: int) -> Self:
        """``count`` sets from pairs of owner and member, in any order; both below 2**31."""
        keys = distinct(owners << 32 | members, spent=True)
        return cls(offsets(keys >> 32, count), keys & 0xFFFFFFFF)

    @classmethod
    def united(cls, parts: Sequence["Sets"]) -> Self:
        """Set by set the union of as many sets each."""
        owners = np.concatenate([part.owners for part in parts])
        members = np.concatenate([part.members for part in parts])
        return cls.of(owners, members, len(parts[0].offsets) - 1)

    @property
    def sizes(self) -> Ints:
        """Members of each set."""
        return np.diff(self.offsets)

    @property
    def owners(self) -> Ints:
        """The owner of each member."""
        return np.repeat(np.arange(len(self.offsets) - 1), self.sizes)

    def chunks(self, most: int) -> Iterator[tuple[Ints, Ints]]:
        """Owners and members, at most so many at a time."""
        for first in range(0, len(self.members), most):
            places = np.arange(first, min(first + most, len(self.members)))
            owners = np.searchsorted(self.offsets, places, side="right") - 1
            yield owners, self.members[places]

    def places(self, chosen: Ints) -> tuple[Ints, Ints]:
        """For chosen sets, one after the other: index into ``chosen``, index into ``members``."""
        sizes = self.sizes[chosen]
        owners = np.repeat(np.arange(len(chosen)), sizes)
        firsts = np.repeat(self.offsets[chosen] - (np.cumsum(sizes) - sizes), sizes)
        return owners, firsts + np.arange(len(owners))

    def through(self, further: "Sets") -> "Sets":
        """For each set the union of those sets of ``further`` that its members name."""
        owners, places = further.places(self.members)
        return Sets.of(self.owners[owners], further.members[places], len(self.offsets) - 1)

    def grouped(self) -> tuple[Ints, Ints]:
        """Equal sets share a number from 0: the number of each set, one set of each number."""
        codes = np.zeros(len(self.offsets) - 1, np.int64)
        sizes, used = self.sizes, 1
        longer = np.flatnonzero(sizes)
        place = 0
        while len(longer):
            pairs = codes[longer] << 32 | self.members[self.offsets[longer] + place]
            found, number = np.unique(pairs, return_inverse=True)
            codes[longer] = number + used
            used += len(found)
            place += 1
            longer = longer[sizes[longer] > place]
        _, examples, number = np.unique(codes, return_index=True, return_inverse=True)
        return number, examples

    def taken(self, chosen: Ints) -> "Sets":
        """The chosen sets, in that order."""
        owners, places = self.places(chosen)
        return Sets(offsets(owners, len(chosen)), self.members[places])


def offsets(owners: Ints, count: int) -> Ints:
    """Where the rows of each of ``count`` owners begin; ``owners`` ascend."""
    return np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=count))]).astype(np.int64)
