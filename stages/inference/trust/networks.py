"""Networks that records name by their own terms: ip4, ip6, a, mx and all, as positions."""

import socket
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.enrich.layer import Addresses, numbers
from stages.inference.trust.sets import Bools, Ints
from stages.inference.trust.space import IPV4, Scale, Space
from stages.inference.trust.terms import Terms

_WIDTH = {4: 32, 6: 128}


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
    addresses: tuple[int, ...]
    """For IPv6: the address at each position."""

    def space(self, *, soft: bool) -> Space:
        """By node: what passes, or what is neutral or a soft fail; merged."""
        kept = self.soft == soft
        return Space(self.nodes[kept], self.starts[kept], self.ends[kept]).merged()

    def passing(self) -> "Networks":
        """Those that let addresses pass."""
        return self.taken(~self.soft)

    def first(self, position: int) -> int:
        """The address at a position, as a number."""
        return self.addresses[position] if self.addresses else position

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

    def line(self) -> Addresses | None:
        """The address at each position, as `stages.enrich.layer` has them; None if it is one."""
        most = (1 << _WIDTH[6]) - 1  # stands for the end of the space, which 16 bytes do not hold
        return numbers(6, [min(a, most) for a in self.addresses]) if self.version == 6 else None  # noqa: PLR2004


def ipv4(terms: Terms) -> Networks:
    """The IPv4 networks; a and mx hosts with their prefixes, +all as 0.0.0.0/0."""
    rows = _rows(terms, 4, "ip4", "a", "0.0.0.0/0")
    octets = rows.address.split(".")
    numbers = [octets[i].cast("int64") * 256 ** (3 - i) for i in range(4)]
    table = rows.mutate(number=numbers[0] + numbers[1] + numbers[2] + numbers[3]).to_pyarrow()
    prefixes = _ints(table["prefix"])
    sizes = np.int64(1) << 32 - prefixes
    starts = _ints(table["number"]) // sizes * sizes
    return Networks(
        4, _ints(table["node"]), _soft(table), starts, starts + sizes, prefixes, IPV4, ()
    )


def ipv6(terms: Terms) -> Networks:
    """The IPv6 networks; a and mx hosts with their prefixes, +all as ::/0."""
    rows = _rows(terms, 6, "ip6", "aaaa", "::/0")
    rows = rows.select("node", "qualifier", network=rows.address + "/" + rows.prefix.cast("string"))
    table = rows.to_pyarrow()
    encoded = table["network"].combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    distinct = [text.split("/") for text in encoded.dictionary.to_pylist()]
    bounds = [_bounds(address, int(length)) for address, length in distinct]
    ends = sorted({end for pair in bounds for end in pair})
    place = {end: position for position, end in enumerate(ends)}
    codes = _ints(encoded.indices)
    return Networks(
        6,
        _ints(table["node"]),
        _soft(table),
        np.array([place[first] for first, _ in bounds], np.int64)[codes],
        np.array([place[end] for _, end in bounds], np.int64)[codes],
        np.array([int(length) for _, length in distinct], np.int64)[codes],
        Scale.of(ends),
        tuple(ends),
    )


def _bounds(address: str, length: int) -> tuple[int, int]:
    """First address and the one behind the last; ipaddress takes ten times as long."""
    free = _WIDTH[6] - length
    first = int.from_bytes(socket.inet_pton(socket.AF_INET6, address), "big") >> free << free
    return first, first + (1 << free)


def _rows(terms: Terms, version: int, literal: str, answers: str, whole: str) -> ir.Table:
    """node, qualifier, address, prefix: terms that do not fail."""
    alive = terms.terms.filter(terms.terms.alive)
    named = alive.filter(alive.name == literal)
    everybody = alive.filter((alive.name == "all") & (alive.qualifier == "+"))
    reached = terms.reached
    parts = [
        _split(named, named.network),
        _split(everybody, ibis.literal(whole)),
        reached.select(
            "node",
            "qualifier",
            address=reached[answers].unnest(),
            prefix=reached[f"prefix{version}"].fill_null(_WIDTH[version]).cast("int64"),
        ),
    ]
    rows = ibis.union(*parts)
    return rows.filter(rows.qualifier != "-")


def _split(rows: ir.Table, network: ir.StringValue) -> ir.Table:
    halves = network.split("/")
    return rows.select("node", "qualifier", address=halves[0], prefix=halves[1].cast("int64"))


def _soft(table: pa.Table) -> Bools:
    return np.asarray(pc.not_equal(table["qualifier"], "+").to_numpy(zero_copy_only=False))


def _ints(column: pa.Array) -> Ints:
    return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.int64)
