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
from stages.inference.trust.columns import NOWHERE, places
from stages.inference.trust.faults import faults
from stages.inference.trust.graph import Edges
from stages.inference.trust.lookups import VOID, Lookups, look_up
from stages.inference.trust.missing import missing
from stages.inference.trust.networks import Networks
from stages.inference.trust.records import Naming, Own, read
from stages.inference.trust.remarks import Findings
from stages.inference.trust.sets import Bools, Ints
from stages.inference.trust.terms import Kind


class Links(NamedTuple):
    """Include and redirect terms that lead to a name of the run, a row a term."""

    edges: Edges
    qualifiers: Ints
    """Code point; 0 for a redirect."""
    texts: pa.Array

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

    own: Own
    voids: Mapping[int, Ints]
    """Look-ups in vain of each node's own terms, by version of the client's address."""
    links: Links
    faults: Findings
    """What records and their answers show by themselves."""
    missing: pa.Table
    """node, reliance, name: what terms that do not fail lead to and that does not exist."""
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
    records = read(census["spf"])
    own, size = records.own, len(records.own.names)
    lookups = look_up(records.naming, census)
    leading = records.naming.of(Kind.INCLUDE, Kind.REDIRECT)
    led_to = places(records.naming.targets.take(pa.array(leading)), own.names)
    found = faults(records, lookups, led_to, census["domains"])
    gone = missing(records, lookups, led_to)
    links = _links(records.naming, leading[led_to != NOWHERE], led_to[led_to != NOWHERE])
    ipv4, ipv6 = networks.ipv4(records, lookups), networks.ipv6(records, lookups)
    voids = {version: _voids(records.naming, lookups, version, size) for version in (4, 6)}
    del records, lookups  # the rest needs memory, too
    targets = np.unique(links.edges.targets)
    everything = Closure.of(targets, links.edges, size)
    trusted = Closure.of(targets, links.edges.kept(links.passing), size)
    return Walk(own, voids, links, found, gone, everything, trusted, ipv4, ipv6)


def _voids(naming: Naming, lookups: Lookups, version: int, size: int) -> Ints:
    hosts = lookups.terms[VOID[lookups.answers(version)]]
    mx = lookups.mx[VOID[lookups.outcomes]]
    exists = lookups.exists[VOID[lookups.called]]
    return np.bincount(naming.nodes[np.concatenate([hosts, mx, exists])], minlength=size)


def _links(naming: Naming, terms: Ints, targets: Ints) -> Links:
    edges = Edges(naming.nodes[terms], targets)
    return Links(edges, naming.qualifiers[terms], naming.texts.take(pa.array(terms)))
