"""Random bytes in small helpings, at the price of one system call for many."""

import os

_POOL = 1 << 15


class Entropy:
    """Bytes of the system's generator, none given out twice."""

    __slots__ = ("_pool", "_used")

    def __init__(self) -> None:
        self._pool = b""
        self._used = 0

    def take(self, count: int) -> bytes:
        """That many fresh bytes, 32 KiB at most."""
        start = self._used
        end = start + count
        if end > len(self._pool):
            self._pool = os.urandom(_POOL)
            start, end = 0, count
        self._used = end
        return self._pool[start:end]
