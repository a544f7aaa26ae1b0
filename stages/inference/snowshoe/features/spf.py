"""Features of SPF: the seed's own record, nothing followed; and seeds with the same record.

Of several records none is in force (RFC 7208 section 4.5), so only their number and bytes count.
Terms count as they are written, each once, wherever they stand; so do networks of ip4 terms
whatever their qualifier.
"""

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schemas.spf import TermKind
from stages.inference.snowshoe.features.answer import answered, counted, distinct, grouped
from stages.inference.snowshoe.features.space import blocks, spaces
from stages.inference.snowshoe.features.txt import sizes
from stages.inference.trust.space import IPV4, Space

_ALL = {"-": 1, "~": 2, "?": 3, "+": 4}
_MECHANISM, _MODIFIER = str(TermKind.MECHANISM), str(TermKind.MODIFIER)
_OWN_NAME = "@"


def own_records(seeds: ir.Table, spf: ir.Table) -> ir.Table:
    """What can be counted of each seed's row of spf by itself; node and domain are the seed's."""
    rows = spf.rename(domain="name").join(seeds, "domain")
    ends = _terms(rows.terms, all=_MECHANISM)
    text = rows.record.lower().replace(rows.domain, _OWN_NAME)
    return rows.select(
        "node",
        "domain",
        sure=answered(rows.query),
        number=rows.records.length(),
        size=sizes(rows.records).sums(),
        terms=_written(rows.terms),
        ip4_terms=_written(_terms(rows.terms, ip4=_MECHANISM)),
        ip6_terms=_written(_terms(rows.terms, ip6=_MECHANISM)),
        includes=_written(_terms(rows.terms, include=_MECHANISM, redirect=_MODIFIER)),
        all=_code(ends[0]["qualifier"]),
        networks=_terms(rows.terms, ip4=_MECHANISM).map(lambda term: term["network"]),
        group=text.hexdigest("md5"),
    )


def networks(own: ir.Table) -> Space:
    """What their ip4 terms name, by node; unmerged."""
    each = own.select("node", network=own.networks.unnest())
    return spaces(each.filter(each.network.notnull()).to_pyarrow())


def of_spf(own: ir.Table, named: Space, count: int) -> ir.Table:
    """domain, the features of SPF, and the context of the record.

    ``named`` is what ``networks`` gave, of so many seeds.
    """
    rows = grouped(own).left_join(_extents(named, count), "node").drop("node_right")
    return rows.select(
        "domain",
        spf_records=counted(rows.sure, rows.number),
        spf_length=counted(rows.sure, rows["size"]),
        spf_terms=counted(rows.sure, rows.terms),
        spf_ip4_terms=counted(rows.sure, rows.ip4_terms),
        spf_v4_addresses=counted(rows.sure, rows.addresses),
        spf_ip6_terms=counted(rows.sure, rows.ip6_terms),
        spf_includes=counted(rows.sure, rows.includes),
        spf_slash24s=counted(rows.sure, rows.slash24s),
        spf_all=counted(rows.sure, rows["all"]),
        spf_group=rows.group,
        spf_neighbours=counted(rows.sure, rows.members - 1),
    )


def _terms(terms: ir.ArrayValue, **kinds: str) -> ir.ArrayValue:
    """The terms of some names, each of its kind."""
    return terms.filter(
        lambda term: ibis.or_(
            *((term["name"] == name) & (term["kind"] == kind) for name, kind in kinds.items())
        )
    )


def _written(terms: ir.ArrayValue) -> ir.Value:
    """How many differ as they are written."""
    return distinct(terms.map(lambda term: term["text"]))


def _code(qualifier: ir.StringValue) -> ir.Value:
    return ibis.cases(*((qualifier == sign, code) for sign, code in _ALL.items()), else_=0)


def _extents(named: Space, count: int) -> ir.Table:
    """node, addresses, slash24s: of those that name any."""
    nodes = np.unique(named.owners)
    return ibis.memtable(
        pa.table({
            "node": nodes,
            "addresses": named.merged().sizes(IPV4, count)[0][nodes],
            "slash24s": blocks(named).sizes(IPV4, count)[0][nodes],
        })
    )  # fmt: skip
