"""What surrounds a seed's features: who shares its /24s, and what its SPF leads to."""

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schemas.spf_trust import SpfVerdict
from stages.inference.snowshoe.features.answer import counted
from stages.inference.snowshoe.features.space import blocks, homes, neighbours
from stages.inference.trust.space import Space, united

_REACHED = [str(each) for each in (SpfVerdict.NONE, SpfVerdict.VALID, SpfVerdict.PERMERROR)]
"""Verdicts that leave nothing unasked."""


def of_space(own: ir.Table, records: ir.Table, spaces: tuple[Space, Space], count: int) -> ir.Table:
    """Domain and the context of its /24s.

    ``own`` has the seeds' rows of hosts, ``records`` what is known of their SPF; ``spaces`` are, by
    node, their A addresses and what their ip4 terms name.
    """
    space = united(spaces).merged()
    columns = {
        "node": np.arange(count),
        "others": neighbours(blocks(space), count),
        "block": homes(space, count),
    }
    rows = own.select("domain", "node", "a_known").join(records.select("node", "sure"), "node")
    rows = rows.join(ibis.memtable(pa.table(columns)), "node")
    sure = rows.a_known & rows.sure
    octets = [(rows.block // 256**place % 256).cast("string") for place in (2, 1, 0)]
    text = octets[0] + "." + octets[1] + "." + octets[2] + ".0/24"
    return rows.select(
        "domain",
        slash24_neighbours=counted(sure, rows.others),
        slash24_group=(sure & (rows.block >= 0)).ifelse(text, ibis.null(str)),
    )


def of_reach(trust: ir.Table) -> ir.Table:
    """Domain and how many addresses its SPF lets pass with all that it leads to."""
    reached = trust.verdict.isin(_REACHED)
    return trust.select("domain", spf_reach=reached.ifelse(trust.ipv4, ibis.null("int64")))
