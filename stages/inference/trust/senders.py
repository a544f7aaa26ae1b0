"""Which security providers the SPF of each name trusts: what the table esps asks SPF for."""

import numpy as np
import pyarrow as pa

from stages.enrich.layer import NONE
from stages.inference.esps.esps import gateway
from stages.inference.trust.sets import Sets
from stages.inference.trust.targets import Targets
from stages.inference.trust.walk import Walk


def senders(walk: Walk, targets: Targets) -> pa.Table:
    """name, company: the gateways among the names that a name trusts, directly or not."""
    closure = walk.trusted
    names = [gateway(company) for company in targets.companies]
    distinct = sorted({name for name in names if name})
    codes = np.array([distinct.index(name) if name else NONE for name in names], np.int64)
    having = np.flatnonzero(codes != NONE)
    by_target = Sets.of(having, codes[having], len(codes))
    by_group = closure.whole.through(by_target)
    nodes, places = by_group.places(closure.groups)
    found = pa.array(by_group.members[places])
    return pa.table(
        {
            "name": walk.own.names.take(pa.array(nodes)),
            "company": pa.array(distinct, pa.string()).take(found),
        }
    )
