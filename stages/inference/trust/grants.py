"""spf_links, spf_reach and spf_grants: the graph of trust as tables, so that it can be asked."""

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.spf_graph import SPF_GRANTS, SPF_LINKS, SPF_REACH
from stages.inference.trust.networks import Networks
from stages.inference.trust.sets import Bools, Ints
from stages.inference.trust.trust import best_rank
from stages.inference.trust.walk import Walk

_MAPPED = 0xFFFF << 32


def spf_links(walk: Walk, domains: ir.Table) -> pa.Table:
    """The table: the distinct links, by name."""
    links = walk.links
    columns = (links.qualifiers, links.edges.targets, links.edges.sources)
    order = np.lexsort(columns)
    qualifiers, targets, sources = (column[order] for column in columns)
    once = _changes(sources, targets, qualifiers)
    sources, targets, qualifiers = sources[once], targets[once], qualifiers[once]
    ranks = domains.select("domain", rank=best_rank(domains)).to_pyarrow()
    place = pc.index_in(walk.own.names, ranks["domain"].combine_chunks()).take(pa.array(sources))
    signs = ["=", *map(chr, range(1, 128))]
    table = pa.table(
        {
            "name": _names(walk, sources),
            "target": _names(walk, targets),
            "qualifier": pa.array(signs, pa.string()).take(pa.array(qualifiers)),
            "trusted": (qualifiers == 0) | (qualifiers == ord("+")),
            "seed": place.is_valid(),
            "rank": ranks["rank"].combine_chunks().take(place),
        }
    )
    return table.cast(SPF_LINKS.schema)


def spf_reach(walk: Walk) -> pa.Table:
    """The table, by target."""
    nodes, reach = walk.trusted.graph.nodes, walk.trusted.reach
    table = pa.table(
        {
            "target": _names(walk, nodes[reach.owners]),
            "reached": _names(walk, nodes[reach.members]),
        }
    )
    return table.cast(SPF_REACH.schema)


def spf_grants(walk: Walk) -> pa.Table:
    """The table: IPv4 before IPv6, by first address."""
    both = [_grants(walk, networks.passing()) for networks in (walk.ipv4, walk.ipv6)]
    return pa.concat_tables(both).select(SPF_GRANTS.schema.names).cast(SPF_GRANTS.schema)


def _grants(walk: Walk, passing: Networks) -> pa.Table:
    order = np.lexsort((passing.nodes, passing.prefixes, passing.starts))
    columns = (passing.nodes, passing.prefixes, passing.starts, passing.ends)
    nodes, prefixes, starts, ends = (column[order] for column in columns)
    once = _changes(nodes, prefixes, starts)
    return pa.table(
        {
            "name": _names(walk, nodes[once]),
            "version": np.full(int(once.sum()), passing.version, np.int16),
            "prefix": prefixes[once].astype(np.int16),
            "first": octets(passing, starts[once], 0),
            "last": octets(passing, ends[once], 1),
        }
    )


def _changes(*columns: Ints) -> Bools:
    """Which rows are another than the one before."""
    first = np.ones(len(columns[0]), bool)
    first[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return first


def octets(networks: Networks, positions: Ints, back: int) -> pa.Array:
    """The addresses at positions, or ``back`` (0 or 1) before them, as 16 bytes; IPv4 is mapped."""
    line = networks.before if back else networks.line
    if line is not None:
        packed = line[positions]
    else:
        packed = np.zeros((len(positions), 2), ">u8")
        packed[:, 1] = positions - back + _MAPPED
    buffers = [None, pa.py_buffer(packed.tobytes())]
    return pa.Array.from_buffers(pa.binary(16), len(positions), buffers)


def _names(walk: Walk, nodes: Ints) -> pa.Array:
    return walk.own.names.take(pa.array(nodes))
