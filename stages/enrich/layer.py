"""What a table of prefixes says of the whole address space: stretches that share a value.

For networks, what `intervals` is for single addresses: arrays, so that millions of networks are
cut along millions of prefixes at once. An IPv4 address is an int64 here, an IPv6 address 16
bytes in network order (``S16``); both sort as addresses do.
"""

import socket
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from stages.enrich.intervals import Intervals

T = TypeVar("T")
Ints = NDArray[np.int64]
Addresses = NDArray[np.int64] | NDArray[np.bytes_]

NONE = -1
"""The code of addresses of which a table says nothing."""
_WIDTH = {4: 32, 6: 128}
_LAST = {version: (1 << width) - 1 for version, width in _WIDTH.items()}
_HALF = 64


class Layer(NamedTuple):
    """Stretches from a start to before the next, the first from the lowest address on."""

    starts: Addresses
    codes: Ints

    @classmethod
    def blank(cls, version: int) -> "Layer":
        """Nothing is said of any address."""
        return cls(lowest(version), np.array([NONE]))

    @classmethod
    def of_prefixes(cls, version: int, packed: bytes, lengths: Ints, codes: Ints) -> "Layer":
        """The code of the most specific prefix that holds an address.

        ``packed`` are the first addresses in network order, one after the other; of two equal
        prefixes the later one wins.
        """
        starts, ends, open_ended = _bounds(version, packed, lengths)
        edges = np.sort(np.concatenate([lowest(version), starts, ends[~open_ended]]))
        edges = edges[np.append(True, edges[1:] != edges[:-1])]
        first = np.searchsorted(edges, starts)
        last = np.where(open_ended, len(edges), np.searchsorted(edges, ends))
        painted = np.full(len(edges), NONE)
        for length in np.unique(lengths):  # those of one length do not overlap
            chosen = np.flatnonzero(lengths == length)
            rows, places = spans(first[chosen], last[chosen])
            painted[places] = codes[chosen][rows]
        return cls(edges, painted).compressed()

    @classmethod
    def of_stretches(cls, version: int, stretches: Iterable[tuple[int, int]]) -> "Layer":
        """From pairs of first address and code, ascending, the lowest address first."""
        firsts, codes = zip(*stretches, strict=True)
        return cls(numbers(version, firsts), np.array(codes, np.int64)).compressed()

    def compressed(self) -> "Layer":
        """The same with neighbours of one code joined."""
        kept = np.ones(len(self.codes), bool)
        kept[1:] = self.codes[1:] != self.codes[:-1]
        return Layer(self.starts[kept], self.codes[kept])

    def recoded(self, codes: Ints) -> "Layer":
        """The same with ``codes[code]`` in place of each code."""
        return Layer(self.starts, np.append(codes, NONE)[self.codes]).compressed()

    def at(self, addresses: Addresses) -> Ints:
        """The code of each address."""
        place = np.searchsorted(self.starts, addresses, side="right") - 1
        return np.asarray(self.codes[place])

    def pieces(self, starts: Addresses, ends: Addresses) -> "Pieces":
        """Stretches of addresses, from start to before end, cut where the code changes."""
        first = np.searchsorted(self.starts, starts, side="right") - 1
        last = np.searchsorted(self.starts, ends)
        rows, places = spans(first, last)
        begin, end = self.starts[places], ends[rows]
        begin = np.where(places == first[rows], starts[rows], begin)
        following = self.starts[np.minimum(places + 1, len(self.starts) - 1)]
        inside = places + 1 < last[rows]
        return Pieces(rows, begin, np.where(inside, following, end), self.codes[places])


class Pieces(NamedTuple):
    """Parts of stretches, each of one code."""

    rows: Ints
    """Which stretch each is a part of; ascending."""
    starts: Addresses
    ends: Addresses
    codes: Ints


Layers = Mapping[int, Layer]
"""By version, 4 and 6."""


def overlaid(layers: Sequence[Layer]) -> tuple[Addresses, list[Ints]]:
    """The stretches in which no layer changes, by their starts, and each layer's codes there."""
    starts = np.concatenate([layer.starts for layer in layers])
    order = np.argsort(starts, kind="stable")  # merges what is sorted, and IPv6 compares slowly
    starts = starts[order]
    whose = np.repeat(np.arange(len(layers)), [len(layer.starts) for layer in layers])[order]
    last = np.append(np.flatnonzero(starts[1:] != starts[:-1]), len(starts) - 1)
    codes = [layer.codes[np.cumsum(whose == i)[last] - 1] for i, layer in enumerate(layers)]
    return starts[last], codes


def numbers(version: int, addresses: Sequence[int]) -> Addresses:
    """Addresses given as integers."""
    if version == 4:  # noqa: PLR2004 - the family
        return np.array(addresses, np.int64)
    return np.frombuffer(b"".join(a.to_bytes(16, "big") for a in addresses), "S16")


def limbs(addresses: Addresses) -> Ints:
    """Addresses as numbers in limbs of 32 bits, least first, a row a limb; IPv4 in one."""
    if addresses.dtype.kind != "S":
        return np.asarray(addresses, np.int64)[None]
    words = np.ascontiguousarray(addresses).view(">u4").reshape(-1, 4)
    return words[:, ::-1].T.astype(np.int64)


def in_text(version: int, address: np.int64 | np.bytes_) -> str:
    """An address of a layer, as text."""
    if version == 4:  # noqa: PLR2004 - the family
        return socket.inet_ntop(socket.AF_INET, int(address).to_bytes(4, "big"))
    return socket.inet_ntop(socket.AF_INET6, bytes(address).ljust(16, b"\0"))


def lowest(version: int) -> Addresses:
    """The lowest address, alone."""
    return numbers(version, [0])


def joined(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.bytes_]:
    """IPv6 addresses from their halves."""
    words = np.stack([high, low], axis=1).astype(">u8")
    return np.ascontiguousarray(words).view("S16").ravel()


def spans(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Of each pair all places from ``first`` to before ``last``: the pair's index, the place."""
    sizes = np.maximum(last - first, 0)
    rows = np.repeat(np.arange(len(first)), sizes)
    begin = np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
    return rows, begin + np.arange(len(rows))


def _bounds(
    version: int, packed: bytes, lengths: Ints
) -> tuple[Addresses, Addresses, NDArray[np.bool_]]:
    """First address of each prefix, the one behind its last, and whether there is none behind."""
    if version == 4:  # noqa: PLR2004 - the family
        starts = np.frombuffer(packed, ">u4").astype(np.int64)
        ends = starts + (np.int64(1) << _WIDTH[4] - lengths)
        return starts, ends, ends > _LAST[4]
    halves = np.frombuffer(packed, ">u8").astype(np.uint64).reshape(-1, 2)
    high, low = halves[:, 0], halves[:, 1]
    one = np.uint64(1)
    wide = lengths <= _HALF
    step = np.where(wide, _HALF - lengths, _WIDTH[6] - lengths)
    step = np.where(step == _HALF, 0, one << (step % _HALF).astype(np.uint64))
    end_low = np.where(wide, low, low + step)
    end_high = high + np.where(wide, step, (end_low < low).astype(np.uint64))
    open_ended = (end_high < high) | (lengths == 0)
    return joined(high, low), joined(end_high, end_low), open_ended


def layers_of(index: Mapping[int, Intervals[T]]) -> tuple[Layers, list[T]]:
    """Intervals of each version as layers; a code is a place in the list of values."""
    places: dict[T, int] = {}
    layers = {}
    for version, intervals in index.items():
        stretches = [
            (first, NONE if value is None else places.setdefault(value, len(places)))
            for first, value in intervals.stretches()
            if first <= _LAST[version]  # one may begin behind the last address
        ]
        layers[version] = Layer.of_stretches(version, stretches)
    return layers, list(places)
