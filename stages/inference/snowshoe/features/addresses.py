"""Features of A and AAAA: a seed's own addresses, their networks, ASes and countries."""

from collections.abc import Sequence
from socket import AF_INET6, inet_pton
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.inference.snowshoe.features.answer import answered, counted, of_some, told
from stages.inference.snowshoe.features.numbered import codes, integers
from stages.inference.snowshoe.features.space import numbers
from stages.inference.trust.sets import Bools, Ints, Sets
from stages.inference.trust.space import Space

_GROUPS = 8
"""Of 16 bits, in an IPv6 address."""


class Addresses(NamedTuple):
    """Addresses of one family with whose they are, a row an owner and address."""

    owners: Ints
    texts: pa.Array
    asns: Ints
    """As numbers below 2**31, each its own; negative where none is known."""
    countries: Ints
    owned: int
    """Owners in all; they are numbered from 0."""

    @classmethod
    def families(
        cls, lists: Sequence[ir.Table], addresses: ir.Table, count: int
    ) -> "tuple[Addresses, Addresses]":
        """IPv4 and IPv6: from ``owner`` and ``addresses``, of so many owners.

        ``addresses`` is the run's table, which is read once for all of them.
        """
        each = ibis.union(
            *(part.select("owner", address=part.addresses.unnest()) for part in lists)
        )
        known = addresses.select("address", "asn", "country")
        found = each.left_join(known, "address").select("owner", "address", "asn", "country")
        rows = found.to_pyarrow().combine_chunks()
        owners, texts = integers(rows["owner"]), rows["address"].combine_chunks()
        asns, countries = codes(rows["asn"]), codes(rows["country"])
        wide = pc.match_substring(texts, ":").to_numpy(zero_copy_only=False)
        all_ = cls(owners, texts, asns, countries, count)
        return all_.kept(~wide), all_.kept(wide)

    def kept(self, mask: Bools) -> "Addresses":
        """Some of the rows."""
        return self._replace(
            owners=self.owners[mask],
            texts=self.texts.filter(pa.array(mask)),
            asns=self.asns[mask],
            countries=self.countries[mask],
        )

    def taken(self, first: int, count: int) -> "Addresses":
        """Of owners from one number on; they are numbered anew from 0."""
        part = self.kept((self.owners >= first) & (self.owners < first + count))
        return part._replace(owners=part.owners - first, owned=count)

    def space(self) -> Space:
        """IPv4 addresses as intervals, unmerged."""
        starts = numbers(self.texts)
        return Space(self.owners, starts, starts + 1)

    def different(self, values: Ints) -> Ints:
        """How many different values each owner has; below 2**31, negative ones do not count."""
        kept = values >= 0
        return Sets.of(self.owners[kept], values[kept], self.owned).sizes


def own_hosts(seeds: ir.Table, hosts: ir.Table) -> ir.Table:
    """The seeds' rows of hosts: host_node, addresses, and how their questions ended."""
    rows = hosts.select(
        "a",
        "aaaa",
        domain="host",
        a_known=answered(hosts.a_query),
        a_ttl=hosts.a_query["ttl"],
        a_things=hosts.a.length(),
        aaaa_known=answered(hosts.aaaa_query),
        aaaa_things=hosts.aaaa.length(),
    )
    return rows.join(seeds.select("domain", host_node="node"), "domain").drop("domain")


def of_addresses(four: Addresses, six: Addresses, space: Space) -> dict[str, Ints]:
    """What features of A and AAAA rest on, by node, beside the rows of ``own_hosts``.

    ``space`` is that of the IPv4 addresses.
    """
    starts = space.starts
    return {
        "a_slash24s": four.different(starts >> 8),
        "a_slash16s": four.different(starts >> 16),
        "a_ases": four.different(four.asns),
        "a_countries": four.different(four.countries),
        "aaaa_slash48s": six.different(codes(_slash48s(six.texts))),
        "aaaa_ases": six.different(six.asns),
    }


def features(rows: ir.Table) -> dict[str, ir.Value]:
    """Of A and AAAA."""
    a, aaaa = rows.a_things, rows.aaaa_things
    return {
        "a_addresses": counted(rows.a_known, a),
        "a_slash24s": counted(rows.a_known, rows.a_slash24s),
        "a_slash16s": counted(rows.a_known, rows.a_slash16s),
        "a_ases": told(rows.a_known, a, rows.a_ases),
        "a_countries": told(rows.a_known, a, rows.a_countries),
        "a_min_ttl": of_some(a, rows.a_ttl),
        "aaaa_addresses": counted(rows.aaaa_known, aaaa),
        "aaaa_slash48s": counted(rows.aaaa_known, rows.aaaa_slash48s),
        "aaaa_ases": told(rows.aaaa_known, aaaa, rows.aaaa_ases),
    }


def _slash48s(texts: pa.Array) -> pa.Array:
    packed = b"".join(inet_pton(AF_INET6, text) for text in texts.to_pylist())
    groups = np.frombuffer(packed, ">u2").reshape(-1, _GROUPS).astype(np.int64)
    return pa.array(groups[:, 0] << 32 | groups[:, 1] << 16 | groups[:, 2])
