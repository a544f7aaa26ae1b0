"""A run's SPF walked: every name with what it has by itself and what it leads to, as arrays.

``Walk`` is what all tables of this folder are made from.
"""

from collections.abc import Mapping
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from stages.inference.trust import networks
from stages.inference.trust.closure import Closure
from stages.inference.trust.faults import counts, leading
from stages.inference.trust.graph import Edges
from stages.inference.trust.networks import Networks
from stages.inference.trust.sets import Bools, Ints
from stages.inference.trust.terms import Terms, read


class Own(NamedTuple):
    """What each node has by itself."""

    names: pa.Array
    records: Ints
    """SPF records found there."""
    lookups: Ints
    voids4: Ints
    voids6: Ints
    context: Bools
    exceptions: Bools
    all: Ints
    """Code point of the qualifier of its all; 0 without."""


class Links(NamedTuple):
    """Include and redirect terms that lead to a name of the run, a row a term."""

    edges: Edges
    qualifiers: Ints
    """Code point; 0 for a redirect."""
    texts: pa.ChunkedArray

    @property
    def redirects(self) -> Bools:
        """Whether a term is a redirect."""
        return np.asarray(self.qualifiers == 0)

    @property
    def passing(self) -> Bools:
        """Whether what the target passes passes here: by redirect or an include of +."""
        return np.asarray(self.redirects | (self.qualifiers == ord("+")))


class Walk(NamedTuple):
    """A run's SPF."""

    terms: Terms
    own: Own
    links: Links
    everything: Closure
    """By all links."""
    trusted: Closure
    """By those alone by which addresses pass. Targets are numbered as in ``everything``."""
    ipv4: Networks
    ipv6: Networks

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return len(self.own.names)


def walk(census: Mapping[str, ir.Table]) -> Walk:
    """The walk over the tables spf, hosts, mx and domains of a crawl."""
    terms = read(census)
    own = _own(terms)
    links = _links(terms)
    targets, size = np.unique(links.edges.targets), len(own.names)
    everything = Closure.of(targets, links.edges, size)
    trusted = Closure.of(targets, links.edges.kept(links.passing), size)
    return Walk(terms, own, links, everything, trusted, networks.ipv4(terms), networks.ipv6(terms))


def _own(terms: Terms) -> Own:
    names = terms.names.order_by("node").select("name", "records").to_pyarrow()
    table = counts(terms).to_pyarrow()
    nodes = integers(table["node"])

    def column(name: str) -> Ints:
        values = np.zeros(len(names), np.int64)
        values[nodes] = integers(table[name])
        return values

    return Own(
        names["name"].combine_chunks(),
        integers(names["records"]),
        column("lookups"),
        column("voids4"),
        column("voids6"),
        column("context").astype(bool),
        column("exceptions").astype(bool),
        column("all"),
    )


def _links(terms: Terms) -> Links:
    rows = leading(terms)
    named = terms.names.select(key="name", number="node")
    rows = rows.join(named, rows.target == named.key)
    table = rows.select("node", "number", "text", qualifier=rows.qualifier.ascii_str()).to_pyarrow()
    edges = Edges(integers(table["node"]), integers(table["number"]))
    return Links(edges, integers(table["qualifier"]), table["text"])


def integers(column: pa.ChunkedArray) -> Ints:
    """Integers or truths as 64-bit integers, null as 0."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int64())
    return np.asarray(column.fill_null(0).to_numpy(), np.int64)
