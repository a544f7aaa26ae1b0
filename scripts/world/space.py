"""Addresses of the world: 127.1.0.0 and up in blocks of 256, each block of one AS.

127.0.0.0/16 stays free for the servers of tests. IPv6 addresses are of the range for
documentation (RFC 3849), a /48 for each AS; nothing listens there.
"""

import itertools
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from scripts.world.model import Network
from scripts.world.providers import System

_FIRST = int(IPv4Address("127.1.0.0"))
_END = int(IPv4Address("127.255.255.0"))
_BLOCK = 256
_FIRST_SIX = int(IPv6Address("2001:db8:8000::"))
_SITE = 1 << 80


class Space:
    """Hands out addresses and remembers whose they are."""

    def __init__(self) -> None:
        self._next = _FIRST
        self._free: dict[System, Iterator[int]] = {}
        self._free_six: dict[System, Iterator[int]] = {}
        self.networks: list[Network] = []
        """Blocks of 256 IPv4 addresses and /48s, each kind in the order of its addresses."""

    def take(self, system: System) -> str:
        """A fresh address of the AS. Raises OverflowError once 127.0.0.0/8 is full."""
        value = next(self._free.get(system, iter(())), None)
        if value is None:
            value = next(self._open(system))
        return str(IPv4Address(value))

    def block(self, system: System) -> list[str]:
        """All host addresses of a fresh block of the AS. Raises OverflowError as above."""
        return [str(IPv4Address(value)) for value in self._fresh(system)]

    def take_six(self, system: System) -> str:
        """A fresh IPv6 address of the AS."""
        if system not in self._free_six:
            base = _FIRST_SIX + len(self._free_six) * _SITE
            self._note(f"{IPv6Address(base)}/48", system)
            self._free_six[system] = itertools.count(base + 1)
        return str(IPv6Address(next(self._free_six[system])))

    def _open(self, system: System) -> Iterator[int]:
        """A new block to take addresses from."""
        self._free[system] = iter(self._fresh(system))
        return self._free[system]

    def _fresh(self, system: System) -> range:
        """The host addresses of a new block of the AS."""
        base = self._next
        if base >= _END:
            raise OverflowError("no address left in 127.0.0.0/8")
        self._next = base + _BLOCK
        self._note(f"{IPv4Address(base)}/24", system)
        return range(base + 1, base + _BLOCK - 1)

    def _note(self, prefix: str, system: System) -> None:
        self.networks.append(Network(prefix, system.asn, system.name, system.country, system.cloud))
