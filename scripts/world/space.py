"""Addresses of the world: 127.1.0.0 and up in blocks of 256, each block of one AS.

127.0.0.0/16 stays free for the servers of tests.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address

from scripts.world.model import Network
from scripts.world.providers import System

_FIRST = int(IPv4Address("127.1.0.0"))
_END = int(IPv4Address("127.255.255.0"))
_BLOCK = 256


class Space:
    """Hands out addresses and remembers whose they are."""

    def __init__(self) -> None:
        self._next = _FIRST
        self._free: dict[System, Iterator[int]] = {}
        self.networks: list[Network] = []
        """A block of 256 addresses each, in the order of their addresses."""

    def take(self, system: System) -> str:
        """A fresh address of the AS. Raises OverflowError once 127.0.0.0/8 is full."""
        value = next(self._free.get(system, iter(())), None)
        if value is None:
            value = next(self._open(system))
        return str(IPv4Address(value))

    def _open(self, system: System) -> Iterator[int]:
        """The host addresses of a new block of the AS."""
        base = self._next
        if base >= _END:
            raise OverflowError("no address left in 127.0.0.0/8")
        self._next = base + _BLOCK
        prefix = f"{IPv4Address(base)}/24"
        self.networks.append(Network(prefix, system.asn, system.name, system.country, system.cloud))
        self._free[system] = iter(range(base + 1, base + _BLOCK - 1))
        return self._free[system]
