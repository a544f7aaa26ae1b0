"""Keys as 64-bit hashes, and sets of them that stay small.

The hash is the same in every process and on every machine, so that it can also say who owns
a key. Ten million keys collide with probability 3e-6; a collision loses one key of one run.
"""

from array import array
from bisect import bisect_left

import numpy as np
import xxhash

_RECENT_MIN = 1 << 14
_RECENT_PART = 6  # as a power of two


def key_hash(key: str) -> int:
    """The 64-bit hash of a key."""
    return xxhash.xxh3_64_intdigest(key.encode())


class KeySet:
    """A growing set of key hashes: some 10 bytes a key, also while it is put in order."""

    def __init__(self) -> None:
        # An array of the standard library: bisect reads it three times as fast as NumPy's.
        self._settled = array("Q")
        self._recent: set[int] = set()
        self._recent_max = _RECENT_MIN

    def add(self, value: int) -> bool:
        """Add a hash; whether it was new."""
        recent, settled = self._recent, self._settled
        if value in recent:
            return False
        at = bisect_left(settled, value)
        if at < len(settled) and settled[at] == value:
            return False
        recent.add(value)
        if len(recent) > self._recent_max:
            self._settle()
        return True

    def _settle(self) -> None:
        """Put the recent ones behind the others and sort in place: timsort merges the two runs."""
        self._settled.frombytes(np.fromiter(self._recent, np.uint64, len(self._recent)).tobytes())
        self._recent.clear()
        np.frombuffer(self._settled, np.uint64).sort(kind="stable")
        # A part: merges stay rare (amortised log n), and Python's 80 bytes a number in a set few.
        self._recent_max = max(_RECENT_MIN, len(self._settled) >> _RECENT_PART)

    def __contains__(self, value: int) -> bool:
        if value in self._recent:
            return True
        settled = self._settled
        at = bisect_left(settled, value)
        return at < len(settled) and settled[at] == value

    def __len__(self) -> int:
        return len(self._settled) + len(self._recent)
