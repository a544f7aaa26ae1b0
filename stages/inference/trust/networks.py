"""Networks that records name by their own terms: ip4, ip6, a, mx, exists and all, as positions."""

import socket
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.enrich.layer import Addresses, numbers, spans
from stages.inference.trust.columns import NOWHERE, integers, number, octets
from stages.inference.trust.lookups import Lookups
from stages.inference.trust.records import WIDTH, Literals, Naming, Records
from stages.inference.trust.sets import Bools, Ints
from stages.inference.trust.space import IPV4, Scale, Space

_LAST = (1 << WIDTH[6]) - 1


class Networks(NamedTuple):
    """Networks of one family, a row a term and network; of each the node and the space."""

    version: int
    nodes: Ints
    soft: Bools
    """Whether the term's qualifier is ? or ~; of the others it is +."""
    starts: Ints
    ends: Ints
    prefixes: Ints
    scale: Scale
    line: Addresses | None = None
    """For IPv6 the address at each position, as `stages.enrich.layer` has them; the last one for
    the end of the space, which 16 bytes do not hold. None if a position is the address."""
    before: Addresses | None = None
    """The one before each; of the first itself."""

    def space(self, *, soft: bool) -> Space:
        """By node: what passes, or what is neutral or a soft fail; merged."""
        kept = self.soft == soft
        return Space(self.nodes[kept], self.starts[kept], self.ends[kept]).merged()

    def passing(self) -> "Networks":
        """Those that let addresses pass."""
        return self.taken(~self.soft)

    def first(self, position: int) -> int:
        """The address at a position, as a number."""
        return (
            position
            if self.line is None
            else int.from_bytes(bytes(self.line[position]).ljust(16, b"\0"))
        )

    def distinct(self) -> tuple["Networks", Ints]:
        """Each network once, in the order of addresses, and the place of every row's there."""
        keys = self.starts << 8 | self.prefixes
        _, examples, number = np.unique(keys, return_index=True, return_inverse=True)
        return self.taken(examples), number.astype(np.int64)

    def taken(self, rows: Ints | Bools) -> "Networks":
        """Some of the rows."""
        return self._replace(
            nodes=self.nodes[rows],
            soft=self.soft[rows],
            starts=self.starts[rows],
            ends=self.ends[rows],
            prefixes=self.prefixes[rows],
        )


def ipv4(records: Records, lookups: Lookups) -> Networks:
    """The IPv4 networks; a and mx hosts with their prefixes, +all and such as 0.0.0.0/0."""
    literals = _literals(records, lookups, 4, "0.0.0.0/0")
    reached = _reached(records.naming, lookups, 4)
    named = octets(literals.networks, 5)
    known = octets(lookups.hosts.addresses[4], 4)
    firsts = np.concatenate([number(named), number(known)[reached.addresses]])
    prefixes = np.concatenate([named[:, 4], reached.prefixes])
    sizes = np.int64(1) << WIDTH[4] - prefixes
    starts = firsts // sizes * sizes
    nodes, soft = _joined(literals, reached)
    return Networks(4, nodes, soft, starts, starts + sizes, prefixes, IPV4)


def ipv6(records: Records, lookups: Lookups) -> Networks:
    """The IPv6 networks; a and mx hosts with their prefixes, +all and such as ::/0."""
    literals = _literals(records, lookups, 6, "::/0")
    reached = _reached(records.naming, lookups, 6)
    known = lookups.hosts.addresses[6].take(pa.array(reached.addresses))
    found = pc.binary_join_element_wise(known, pa.array(reached.prefixes).cast(pa.string()), "/")
    encoded = pa.concat_arrays([literals.networks, found]).dictionary_encode()
    distinct = [text.split("/") for text in encoded.dictionary.to_pylist()]
    bounds = [_bounds(address, int(length)) for address, length in distinct]
    ends = sorted({end for pair in bounds for end in pair})
    place = {end: position for position, end in enumerate(ends)}
    codes = integers(encoded.indices)
    nodes, soft = _joined(literals, reached)
    return Networks(
        6,
        nodes,
        soft,
        np.array([place[first] for first, _ in bounds], np.int64)[codes],
        np.array([place[end] for _, end in bounds], np.int64)[codes],
        np.array([int(length) for _, length in distinct], np.int64)[codes],
        Scale.of(ends),
        numbers(6, [min(end, _LAST) for end in ends]),
        numbers(6, [max(end - 1, 0) for end in ends]),
    )


def _bounds(address: str, length: int) -> tuple[int, int]:
    """First address and the one behind the last; ipaddress takes ten times as long."""
    free = WIDTH[6] - length
    first = int.from_bytes(socket.inet_pton(socket.AF_INET6, address), "big") >> free << free
    return first, first + (1 << free)


def _literals(records: Records, lookups: Lookups, version: int, everything: str) -> Literals:
    """The literals, and all addresses for an exists of a fixed name that has an address."""
    own, naming = records.literals[version], records.naming
    everybody = lookups.open[naming.qualifiers[lookups.open] != ord("-")]
    return Literals(
        np.concatenate([own.nodes, naming.nodes[everybody]]),
        np.concatenate([own.soft, naming.qualifiers[everybody] != ord("+")]),
        pa.concat_arrays([own.networks, pa.array([everything] * len(everybody), pa.string())]),
    )


class _Reached(NamedTuple):
    """Addresses that a and mx terms lead to, of terms that do not fail."""

    nodes: Ints
    soft: Bools
    addresses: Ints
    """Places among the addresses of hosts."""
    prefixes: Ints


def _reached(naming: Naming, lookups: Lookups, version: int) -> _Reached:
    begin = lookups.hosts.begin[version]
    kept = (lookups.reached != NOWHERE) & (naming.qualifiers[lookups.terms] != ord("-"))
    hosts = lookups.reached[kept]
    rows, addresses = spans(begin[hosts], begin[hosts + 1])
    terms = lookups.terms[kept][rows]
    soft = naming.qualifiers[terms] != ord("+")
    return _Reached(naming.nodes[terms], soft, addresses, naming.prefixes[version][terms])


def _joined(literals: Literals, reached: _Reached) -> tuple[Ints, Bools]:
    nodes = np.concatenate([literals.nodes, reached.nodes])
    return nodes, np.concatenate([literals.soft, reached.soft])
