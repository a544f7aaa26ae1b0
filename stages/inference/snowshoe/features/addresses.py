"""Features of A and AAAA: a seed's own addresses, their networks, ASes and countries."""

from collections.abc import Mapping
from socket import AF_INET6, inet_pton
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.inference.snowshoe.features.answer import answered, counted, of_some, told
from stages.inference.snowshoe.features.space import numbers
from stages.inference.trust.sets import Ints, Sets
from stages.inference.trust.space import Space

_GROUPS = 8
"""Of 16 bits, in an IPv6 address."""


class Addresses(NamedTuple):
    """Addresses of one family with whose they are, a row a seed and address."""

    nodes: Ints
    texts: pa.ChunkedArray
    asns: pa.ChunkedArray
    countries: pa.ChunkedArray
    seeds: int
    """How many there are in all."""

    @classmethod
    def of(cls, lists: ir.Table, known: ir.Table, count: int) -> "Addresses":
        """From node and ``addresses``, the list of each seed."""
        each = lists.select("node", address=lists.addresses.unnest()).left_join(known, "address")
        rows = each.select("node", "address", "asn", "country").to_pyarrow()
        nodes = np.asarray(rows["node"].to_numpy(), np.int64)
        return cls(nodes, rows["address"], rows["asn"], rows["country"], count)

    def different(self, values: Ints) -> Ints:
        """How many different values each seed has; below 2**31, negative ones do not count."""
        kept = values >= 0
        return Sets.of(self.nodes[kept], values[kept], self.seeds).sizes

    def known(self, column: pa.ChunkedArray) -> Ints:
        """How many different values each seed has of a column; nulls do not count."""
        codes = column.combine_chunks().dictionary_encode().indices
        return self.different(np.asarray(pc.fill_null(codes, -1).to_numpy(), np.int64))


def own_hosts(seeds: ir.Table, hosts: ir.Table) -> ir.Table:
    """The seeds' rows of hosts: node, domain, addresses, and how their questions ended."""
    rows = hosts.select(
        "a",
        "aaaa",
        domain="host",
        a_known=answered(hosts.a_query),
        a_ttl=hosts.a_query["ttl"],
        aaaa_known=answered(hosts.aaaa_query),
    )
    return rows.join(seeds, "domain")


def of_a(own: ir.Table, known: ir.Table, count: int) -> tuple[ir.Table, Space]:
    """Domain and the features of A; the addresses by node."""
    found = Addresses.of(own.select("node", addresses="a"), known, count)
    starts = numbers(found.texts)
    rows = _beside(
        own,
        {
            "slash24s": found.different(starts >> 8),
            "slash16s": found.different(starts >> 16),
            "ases": found.known(found.asns),
            "countries": found.known(found.countries),
        },
    )
    things, sure = rows.a.length(), rows.a_known
    features = rows.select(
        "domain",
        a_addresses=counted(sure, things),
        a_slash24s=counted(sure, rows.slash24s),
        a_slash16s=counted(sure, rows.slash16s),
        a_ases=told(sure, things, rows.ases),
        a_countries=told(sure, things, rows.countries),
        a_min_ttl=of_some(things, rows.a_ttl),
    )
    return features, Space(found.nodes, starts, starts + 1)


def of_aaaa(own: ir.Table, known: ir.Table, count: int) -> ir.Table:
    """Domain and the features of AAAA."""
    found = Addresses.of(own.select("node", addresses="aaaa"), known, count)
    counts = {"slash48s": found.known(_slash48s(found.texts)), "ases": found.known(found.asns)}
    rows = _beside(own, counts)
    things, sure = rows.aaaa.length(), rows.aaaa_known
    return rows.select(
        "domain",
        aaaa_addresses=counted(sure, things),
        aaaa_slash48s=counted(sure, rows.slash48s),
        aaaa_ases=told(sure, things, rows.ases),
    )


def _slash48s(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    packed = b"".join(inet_pton(AF_INET6, text) for text in texts.to_pylist())
    groups = np.frombuffer(packed, ">u2").reshape(-1, _GROUPS).astype(np.int64)
    return pa.chunked_array([groups[:, 0] << 32 | groups[:, 1] << 16 | groups[:, 2]])


def _beside(own: ir.Table, counts: Mapping[str, Ints]) -> ir.Table:
    nodes = np.arange(len(next(iter(counts.values()))))
    return own.join(ibis.memtable(pa.table({"node": nodes, **counts})), "node")
