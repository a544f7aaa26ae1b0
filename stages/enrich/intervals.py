"""Prefixes that may nest, flattened once into disjoint intervals, then found by bisection.

An address is an integer here; starts and values lie in two flat lists, so that a hundred
thousand prefixes take little memory and a look-up takes well under a microsecond.
"""

import socket
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class AddressNumber(NamedTuple):
    """An address as its version, 4 or 6, and its integer."""

    version: int
    number: int

    @classmethod
    def of(cls, address: str) -> "AddressNumber":
        """The number of an address in text; ``ValueError`` for all else.

        Strict: no zone (``%eth0``), no leading zeros, no short forms of IPv4.
        """
        try:
            if ":" in address:
                return cls(6, int.from_bytes(socket.inet_pton(socket.AF_INET6, address), "big"))
            return cls(4, int.from_bytes(socket.inet_pton(socket.AF_INET, address), "big"))
        except OSError:
            raise ValueError(f"not an IP address: {address!r}") from None


class Intervals(Generic[T]):
    """The value of the most specific prefix that holds a number, for one IP version.

    Takes (first, last, value) of each prefix, in any order; of two equal prefixes the later
    one given wins. Two prefixes nest or lie apart, never overlap otherwise.
    """

    def __init__(self, prefixes: Iterable[tuple[int, int, T]]) -> None:
        self._starts: list[int] = [0]
        self._values: list[T | None] = [None]
        open_prefixes: list[tuple[int, T]] = []
        for first, last, value in sorted(prefixes, key=lambda p: (p[0], -p[1])):
            self._close(open_prefixes, before=first)
            self._begin(first, value)
            open_prefixes.append((last, value))
        self._close(open_prefixes, before=None)

    def _close(self, open_prefixes: list[tuple[int, T]], before: int | None) -> None:
        """End the prefixes that end before a number; what encloses them goes on."""
        while open_prefixes and (before is None or open_prefixes[-1][0] < before):
            last, _ = open_prefixes.pop()
            self._begin(last + 1, open_prefixes[-1][1] if open_prefixes else None)

    def _begin(self, start: int, value: T | None) -> None:
        if self._starts[-1] == start:
            self._values[-1] = value
        elif self._values[-1] != value:
            self._starts.append(start)
            self._values.append(value)

    def __getitem__(self, number: int) -> T | None:
        return self._values[bisect_right(self._starts, number) - 1]

    def stretches(self) -> Iterator[tuple[int, T | None]]:
        """The first number of every interval, from 0 on, and its value."""
        return zip(self._starts, self._values, strict=True)
