"""Keys as 64-bit hashes, and sets of them that stay small.

The hash is the same in every process and on every machine, so that it can also say who owns
a key. Ten million keys collide with probability 3e-6; a collision loses one key of one run.
"""

from array import array
from bisect import bisect_left

import numpy as np
import xxhash

_RECENT_MIN = 1 << 14


def key_hash(key: str) -> int:
    """The 64-bit hash of a key."""
    return xxhash.xxh3_64_intdigest(key.encode())


class KeySet:
    """A growing set of key hashes at 8 bytes a key, plus a bounded set of recent ones."""

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
        recent = np.fromiter(self._recent, np.uint64, len(self._recent))
        self._recent.clear()
        merged = np.concatenate((np.frombuffer(self._settled, np.uint64), recent))
        merged.sort(kind="stable")
        self._settled = array("Q")
        self._settled.frombytes(merged.data.cast("B"))
        # A part: merges stay rare (amortised log n) and Python's 60 bytes an int bounded.
        self._recent_max = max(_RECENT_MIN, len(merged) >> 4)

    def __contains__(self, value: int) -> bool:
        if value in self._recent:
            return True
        settled = self._settled
        at = bisect_left(settled, value)
        return at < len(settled) and settled[at] == value

    def __len__(self) -> int:
        return len(self._settled) + len(self._recent)
