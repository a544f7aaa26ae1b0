"""Blocks of the address space, numbered in the order of their addresses: the cells of a map.

IPv4: the 2**24 networks of /24. IPv6: networks of /32 in those /12 that are in use; there are few,
so they are numbered one after the other, 2**20 blocks each; what lies between them is left out.
"""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.maps.landmarks import allocations

Ints = NDArray[np.int64]
Network = IPv4Network | IPv6Network

ORDER = 12
"""Of the curve: 4096 x 4096 blocks."""
_TILE = 20  # bits of a block's number within its /12


class Family(NamedTuple):
    """Addresses of one version."""

    version: int
    prefix: int
    """Prefix length of a block."""

    def numbers(self, first: Ints, last: Ints) -> tuple[Ints, Ints]:
        """Blocks that networks touch, from start to before end.

        ``first`` and ``last`` are the addresses' leading bits, as many as ``prefix``. A network
        that lies between the numbered blocks gets none: start = end.
        """
        return self._below(first), self._below(last + 1)

    def _below(self, bits: Ints) -> Ints:
        """How many numbered blocks lie below."""
        if self.version == 4:  # noqa: PLR2004 - the family
            return bits
        tiles = np.array(_tiles(), np.int64)
        rank = np.searchsorted(tiles, bits >> _TILE)
        inside = tiles[np.minimum(rank, len(tiles) - 1)] == bits >> _TILE
        return (rank << _TILE) + np.where(inside, bits & (1 << _TILE) - 1, 0)

    def span(self, network: Network) -> tuple[int, int]:
        """The first block of a network and how many bits of blocks it has."""
        bits = max(self.prefix - network.prefixlen, 0)
        shift = network.max_prefixlen - self.prefix
        first = np.array([int(network.network_address) >> shift], np.int64)
        return int(self._below(first)[0]), bits

    def span_of(self, prefix: str) -> tuple[int, int]:
        """The same of a network as text."""
        return self.span(ip_network(prefix))

    def network(self, block: int, bits: int = 0) -> Network:
        """The network that 2**bits blocks make, from a numbered one on."""
        if self.version == 4:  # noqa: PLR2004 - the family
            return IPv4Network((block << 8, self.prefix - bits))
        tile = _tiles()[block >> _TILE]
        address = (tile << _TILE | block & (1 << _TILE) - 1) << 96
        return IPv6Network((address, self.prefix - bits))


IPV4 = Family(4, 24)
IPV6 = Family(6, 32)


def _tiles() -> list[int]:
    """The first 12 bits of each /12 in use."""
    return [int(IPv6Network(prefix).network_address) >> 116 for prefix, _ in allocations(6)]
