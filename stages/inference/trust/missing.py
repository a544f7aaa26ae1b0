"""Names that terms lead to and that do not exist: what spf_takeover is made from."""

import numpy as np
import pyarrow as pa

from schemas.spf_takeover import Reliance
from stages.inference.trust.columns import NOWHERE
from stages.inference.trust.lookups import GONE, Lookups
from stages.inference.trust.records import Records
from stages.inference.trust.sets import Bools, Ints
from stages.inference.trust.terms import Kind


def missing(records: Records, lookups: Lookups, targets: Ints) -> pa.Table:
    """node, reliance, name, each once: of terms that do not fail.

    ``targets`` are the nodes of the terms of include and redirect, `NOWHERE` where there is none.
    """
    naming, hosts = records.naming, lookups.hosts
    leading = naming.of(Kind.INCLUDE, Kind.REDIRECT)
    outcomes = np.append(records.own.outcomes, NOWHERE)[targets]
    redirects = naming.kinds[leading] == Kind.REDIRECT
    nowhere = lookups.answers(4) == GONE
    by_mx = naming.kinds[lookups.terms] == Kind.MX
    chosen = {
        Reliance.INCLUDE: leading[(outcomes == GONE) & ~redirects],
        Reliance.REDIRECT: leading[(outcomes == GONE) & redirects],
        Reliance.A: lookups.terms[nowhere & ~by_mx],
        Reliance.MX: lookups.mx[lookups.outcomes == GONE],
        Reliance.EXISTS: lookups.exists[lookups.called == GONE],
    }
    parts = [
        _part(records, reliance, terms, naming.targets.take(pa.array(terms)))
        for reliance, terms in chosen.items()
    ]
    hidden = nowhere & by_mx
    names = hosts.names.take(pa.array(lookups.reached[hidden]))
    parts.append(_part(records, Reliance.MX_HOST, lookups.terms[hidden], names))
    found = pa.concat_tables(parts)
    return found.group_by(found.column_names).aggregate([])


def _part(records: Records, reliance: Reliance, terms: Ints, names: pa.Array) -> pa.Table:
    qualifiers = records.naming.qualifiers[terms]
    kept: Bools = (qualifiers == ord("+")) | (qualifiers == 0)
    nodes = records.naming.nodes[terms[kept]]
    words = pa.array([str(reliance)] * len(nodes), pa.string())
    columns = {"node": nodes, "reliance": words, "name": names.filter(pa.array(kept))}
    return pa.table(columns)
