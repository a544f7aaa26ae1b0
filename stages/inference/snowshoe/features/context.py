"""What surrounds a seed's features: who shares its /24s, and what its SPF leads to."""

import ibis
import ibis.expr.types as ir

from schemas.spf_trust import SpfVerdict
from stages.inference.snowshoe.features.answer import counted
from stages.inference.snowshoe.features.space import blocks, homes, neighbours
from stages.inference.trust.sets import Ints
from stages.inference.trust.space import Space, united

_REACHED = [str(each) for each in (SpfVerdict.NONE, SpfVerdict.VALID, SpfVerdict.PERMERROR)]
"""Verdicts that leave nothing unasked."""


def of_space(spaces: tuple[Space, Space], count: int) -> dict[str, Ints]:
    """What the context of /24s rests on, by node.

    ``spaces`` are, by node, the seeds' A addresses and what their ip4 terms name.
    """
    space = united(spaces).merged()
    return {"others": neighbours(blocks(space), count), "block": homes(space, count)}


def of_reach(trust: ir.Table) -> ir.Table:
    """trust_domain and how many addresses its SPF lets pass with all that it leads to."""
    reached = trust.verdict.isin(_REACHED)
    return trust.select(
        trust_domain="domain", spf_reach=reached.ifelse(trust.ipv4, ibis.null("int64"))
    )


def features(rows: ir.Table) -> dict[str, ir.Value]:
    """The context of /24s; known where the addresses and the SPF record both are."""
    sure, block = rows.a_known & rows.spf_known, rows.block
    octets = [(block // 256**place % 256).cast("string") for place in (2, 1, 0)]
    text = octets[0] + "." + octets[1] + "." + octets[2] + ".0/24"
    return {
        "slash24_neighbours": counted(sure, rows.others),
        "slash24_group": (sure & (block >= 0)).ifelse(text, ibis.null(str)),
    }
