"""What surrounds a seed's features: other seeds of the run, and what its SPF leads to."""

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schemas.spf_trust import SpfVerdict
from stages.inference.snowshoe.features.answer import answered, counted
from stages.inference.snowshoe.features.space import blocks, homes, neighbours, spaces
from stages.inference.trust.space import Space, united

_REACHED = [str(each) for each in (SpfVerdict.NONE, SpfVerdict.VALID, SpfVerdict.PERMERROR)]
"""Verdicts that leave nothing unasked."""
_OWN_NAME = "@"


def of_space(own: ir.Table, records: ir.Table, named: Space, count: int) -> ir.Table:
    """Domain and the context of its /24s, from its A addresses and ip4 terms.

    ``own`` has the seeds' rows of hosts, ``records`` those of spf, with their node; ``named`` are
    the ip4 terms.
    """
    addresses = own.join(records.select("domain", "node", "query"), "domain")
    each = addresses.select("node", network=addresses.a.unnest())
    space = united([spaces(each), named]).merged()
    columns = {
        "node": np.arange(count),
        "others": neighbours(blocks(space), count),
        "block": homes(space, count),
    }
    rows = addresses.join(ibis.memtable(pa.table(columns)), "node")
    sure = answered(rows.a_query) & answered(rows.query)
    octets = [(rows.block // 256**place % 256).cast("string") for place in (2, 1, 0)]
    text = octets[0] + "." + octets[1] + "." + octets[2] + ".0/24"
    return rows.select(
        "domain",
        slash24_neighbours=counted(sure, rows.others),
        slash24_group=(sure & (rows.block >= 0)).ifelse(text, ibis.null(str)),
    )


def of_servers(apex: ir.Table) -> ir.Table:
    """Domain and the context of its name servers."""
    names = apex.ns.unique().sort().join(" ")
    group = (apex.ns.length() > 0).ifelse(names.hexdigest("md5"), ibis.null(str))
    return _grouped(
        apex.select("domain", group=group, sure=answered(apex.ns_query)),
        "ns_group",
        "ns_neighbours",
    )


def of_record(records: ir.Table) -> ir.Table:
    """Domain and the context of its SPF record."""
    text = records.record.lower().replace(records.domain, _OWN_NAME)
    rows = records.select("domain", group=text.hexdigest("md5"), sure=answered(records.query))
    return _grouped(rows, "spf_group", "spf_neighbours")


def _grouped(rows: ir.Table, group: str, others: str) -> ir.Table:
    """domain, the group and how many other rows are in it; from domain, group and sure."""
    some = rows.filter(rows.group.notnull())
    sizes = some.group_by("group").agg(members=some.count())
    rows = rows.left_join(sizes, "group").drop("group_right")
    named = {group: rows.group, others: counted(rows.sure, rows.members - 1)}
    return rows.select("domain", **named)


def of_reach(trust: ir.Table) -> ir.Table:
    """Domain and how many addresses its SPF lets pass with all that it leads to."""
    reached = trust.verdict.isin(_REACHED)
    return trust.select("domain", spf_reach=reached.ifelse(trust.ipv4, ibis.null("int64")))
