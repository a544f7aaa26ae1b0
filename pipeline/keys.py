"""Keys as 64-bit hashes, and sets of them that stay small.

The hash is the same in every process and on every machine, so that it can also say who owns
a key. Ten million keys collide with probability 3e-6; a collision loses one key of one run.
"""

import numpy as np
import xxhash
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_RECENT_MIN = 1 << 14


def key_hash(key: str) -> int:
    """The 64-bit hash of a key."""
    return xxhash.xxh3_64_intdigest(key.encode())


class KeySet:
    """A growing set of key hashes at 8 bytes a key, plus a bounded set of recent ones."""

    def __init__(self) -> None:
        self._settled: Hashes = np.empty(0, np.uint64)
        self._recent: set[int] = set()

    def add(self, value: int) -> bool:
        """Add a hash; whether it was new."""
        if value in self:
            return False
        self._recent.add(value)
        # An eighth: merges stay rare (amortised log n) and Python's 60 bytes an int bounded.
        if len(self._recent) > max(_RECENT_MIN, len(self._settled) >> 3):
            self._settle()
        return True

    def _settle(self) -> None:
        recent = np.fromiter(self._recent, np.uint64, len(self._recent))
        self._settled = np.sort(np.concatenate((self._settled, recent)), kind="stable")
        self._recent.clear()

    def __contains__(self, value: int) -> bool:
        if value in self._recent:
            return True
        key = np.uint64(value)
        at = int(self._settled.searchsorted(key))
        return at < len(self._settled) and bool(self._settled[at] == key)

    def __len__(self) -> int:
        return len(self._settled) + len(self._recent)
