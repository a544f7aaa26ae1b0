"""spf_dependence: what would break if one name vanished."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.spf_dependence import SPF_DEPENDENCE
from schemas.spf_trust import SpfVerdict
from stages.inference.trust.aggregates import by_cut, ranked
from stages.inference.trust.graph import Graph
from stages.inference.trust.population import Population, Tally, tally
from stages.inference.trust.sets import Bools, Ints, Sets
from stages.inference.trust.targets import Targets
from stages.inference.trust.walk import Walk


def spf_dependence(walk: Walk, people: Population, targets: Targets, broken: Bools) -> pa.Table:
    """The table, the gravest of each cut first; ``broken`` are nodes that are wrong already."""
    closure, edges = walk.everything, walk.links.edges
    nodes = closure.graph.nodes
    named = Sets.of(edges.sources, np.searchsorted(nodes, edges.targets), walk.size)
    every = tally(people, closure, named, len(nodes))
    safe = tally(people.kept(~broken), closure, named, len(nodes))
    breaking = _matched(every, safe, len(people.cuts))
    counts = Tally(every.items, every.cuts, breaking.domains, breaking.direct)
    loops = _loops(closure.graph)
    columns = {
        "target": targets.names,
        "records": pa.array(np.bincount(named.members, minlength=len(nodes))),
        "loop": pa.array(loops, mask=loops == 0),
        "registered_domain": targets.domains,
        "company": targets.company,
    }
    order = ranked(counts)
    table = by_cut(counts, people, columns, order).rename_columns({"domains": "would_break"})
    table = table.append_column("domains", pa.array(every.domains[order]))
    return table.select(SPF_DEPENDENCE.schema.names).cast(SPF_DEPENDENCE.schema)


def broken(walk: Walk, trust: pa.Table) -> Bools:
    """Nodes that are domains whose verdict is permerror already."""
    found = trust.filter(pc.equal(trust["verdict"], str(SpfVerdict.PERMERROR)))
    place = pc.index_in(walk.own.names, found["domain"].combine_chunks())
    return np.asarray(place.is_valid().to_numpy(zero_copy_only=False))


def _matched(every: Tally, some: Tally, cuts: int) -> Tally:
    """The counts of ``some`` for all items and cuts of ``every``, which has them all."""
    keys = every.items * cuts + every.cuts
    order = np.argsort(keys)
    place = order[np.searchsorted(keys[order], some.items * cuts + some.cuts)]
    domains, direct = np.zeros((2, len(keys)), np.int64)
    domains[place], direct[place] = some.domains, some.direct
    return every._replace(domains=domains, direct=direct)


def _loops(graph: Graph) -> Ints:
    """Of each target the names of its component, 0 if it does not lead back to itself."""
    sizes = np.bincount(graph.components)[graph.components] if len(graph.nodes) else graph.nodes
    inside = np.zeros(len(graph.nodes), bool)
    inside[graph.edges.sources[graph.looped]] = True
    return np.asarray(np.where(inside, sizes, 0))
