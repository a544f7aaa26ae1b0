"""spf_includes and spf_networks: what how many domains trust, by cut."""

import socket

import numpy as np
import pyarrow as pa

from schemas.spf_includes import SPF_INCLUDES
from schemas.spf_networks import SPF_NETWORKS
from stages.ascending import among, distinct
from stages.inference.trust.networks import Networks
from stages.inference.trust.population import Population, Tally, tally
from stages.inference.trust.reckoning import Reckoning
from stages.inference.trust.sets import Ints, Sets
from stages.inference.trust.space import decimals
from stages.inference.trust.targets import Targets
from stages.inference.trust.walk import Walk

ENOUGH = 2
"""Domains of a cut that a network must have to be listed: most networks are one domain's own."""


def spf_includes(
    walk: Walk, people: Population, targets: Targets, ipv4: Reckoning, ipv6: Reckoning
) -> pa.Table:
    """The table, the most trusted of each cut first."""
    closure = walk.trusted
    nodes = closure.graph.nodes
    edges = walk.links.edges.kept(walk.links.passing)
    # A name has the targets that it names; what these name in turn it trusts through them.
    own = Sets.of(edges.sources, np.searchsorted(nodes, edges.targets), walk.size)
    counts = tally(people, closure, own, len(nodes))
    columns = {
        "target": targets.names,
        "registered_domain": targets.domains,
        "company": targets.company,
        "ipv4": pa.array(ipv4.targets[0]),
        "ipv6": decimals(ipv6.targets),
    }
    table = by_cut(counts, people, columns, ranked(counts))
    return table.select(SPF_INCLUDES.schema.names).cast(SPF_INCLUDES.schema)


def spf_networks(walk: Walk, people: Population) -> pa.Table:
    """The table, the most trusted of each cut first; IPv4 before IPv6."""
    both = [_networks(walk, people, networks) for networks in (walk.ipv4, walk.ipv6)]
    return pa.concat_tables(both).cast(SPF_NETWORKS.schema)


def _networks(walk: Walk, people: Population, networks: Networks) -> pa.Table:
    passing = _shared(networks.passing(), walk)
    keys, number = np.unique(passing.starts << 8 | passing.prefixes, return_inverse=True)
    own = Sets.of(passing.nodes, number, walk.size)
    counts = tally(people, walk.trusted, own, len(keys))
    shared = counts.domains >= ENOUGH
    counts = Tally(*(column[shared] for column in counts))
    used, items = np.unique(counts.items, return_inverse=True)
    prefixes = keys[used] & 0xFF
    columns = {
        "network": pa.array(_texts(passing, keys[used] >> 8, prefixes), pa.string()),
        "version": pa.array(np.full(len(used), passing.version)),
        "prefix": pa.array(prefixes),
    }
    counts = counts._replace(items=items)
    table = by_cut(counts, people, columns, ranked(counts))
    return table.select(SPF_NETWORKS.schema.names).cast(SPF_NETWORKS.schema)


def _shared(passing: Networks, walk: Walk) -> Networks:
    """Without those, most of all, that one name alone has which nobody leads to."""
    keys = passing.starts << 8 | passing.prefixes
    order = np.argsort(keys, kind="stable")
    ordered, nodes = keys[order], passing.nodes[order]
    same = (ordered[1:] == ordered[:-1]) & (nodes[1:] != nodes[:-1])
    several = distinct(ordered[1:][same], spent=True)
    kept = among(keys, several) | among(passing.nodes, walk.trusted.graph.nodes)
    return passing.taken(kept)


def _texts(networks: Networks, starts: Ints, prefixes: Ints) -> list[str]:
    width, family = {4: (4, socket.AF_INET), 6: (16, socket.AF_INET6)}[networks.version]
    firsts = (networks.first(start).to_bytes(width, "big") for start in starts.tolist())
    pairs = zip(firsts, prefixes.tolist(), strict=True)
    return [f"{socket.inet_ntop(family, first)}/{prefix}" for first, prefix in pairs]


def ranked(counts: Tally, kinds: Ints | None = None) -> Ints:
    """The order of a table: by cut and kind of item, the most trusted first."""
    kind = np.zeros(len(counts.items), np.int64) if kinds is None else kinds[counts.items]
    return np.asarray(np.lexsort((counts.items, -counts.domains, kind, counts.cuts)))


def by_cut(
    counts: Tally, people: Population, columns: dict[str, pa.Array], order: Ints
) -> pa.Table:
    """Rows of the counts in that order, with columns of their items."""
    items, cuts, domains, direct = (column[order] for column in counts)
    lists = pa.array([name for name, _ in people.cuts], pa.string())
    ranks = pa.array([cut for _, cut in people.cuts], pa.int64())
    of_item = {name: column.take(pa.array(items)) for name, column in columns.items()}
    return pa.table(
        {
            "seed_list": lists.take(pa.array(cuts)),
            "rank_cut": ranks.take(pa.array(cuts)),
            "domains": domains,
            "direct": direct,
            "through": domains - direct,
            **of_item,
        }
    )
