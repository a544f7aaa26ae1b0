"""Features of SPF: the seed's own record, nothing followed.

Of several records none is in force (RFC 7208 section 4.5), so only their number and bytes count.
Terms count as they are written, each once, wherever they stand; so do networks of ip4 terms
whatever their qualifier.
"""

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schemas.spf import TermKind
from stages.inference.snowshoe.features.answer import answered, counted
from stages.inference.snowshoe.features.space import blocks, spaces
from stages.inference.snowshoe.features.txt import sizes
from stages.inference.trust.space import IPV4, Space

_ALL = {"-": 1, "~": 2, "?": 3, "+": 4}
_MECHANISM, _MODIFIER = str(TermKind.MECHANISM), str(TermKind.MODIFIER)


def own_records(seeds: ir.Table, spf: ir.Table) -> ir.Table:
    """The rows of spf of seeds, which are called ``domain`` and have a number, ``node``."""
    rows = spf.select("record", "records", "terms", "query", domain="name")
    return rows.join(seeds, "domain")


def networks(own: ir.Table) -> Space:
    """What their ip4 terms name, by node; unmerged."""
    found = _terms(own.terms, ip4=_MECHANISM).map(lambda term: term["network"])
    each = own.select("node", network=found.unnest())
    return spaces(each.filter(each.network.notnull()))


def of_spf(own: ir.Table, named: Space, count: int) -> ir.Table:
    """Domain and the features of SPF; ``named`` is what ``networks`` gave, of so many seeds."""
    rows = own.left_join(_extents(named, count), "node").drop("node_right")
    sure = answered(rows.query)
    ends = _terms(rows.terms, all=_MECHANISM)
    return rows.select(
        "domain",
        spf_records=counted(sure, rows.records.length()),
        spf_length=counted(sure, sizes(rows.records).sums()),
        spf_terms=counted(sure, _distinct(rows.terms)),
        spf_ip4_terms=counted(sure, _distinct(_terms(rows.terms, ip4=_MECHANISM))),
        spf_v4_addresses=counted(sure, rows.addresses),
        spf_ip6_terms=counted(sure, _distinct(_terms(rows.terms, ip6=_MECHANISM))),
        spf_includes=counted(
            sure, _distinct(_terms(rows.terms, include=_MECHANISM, redirect=_MODIFIER))
        ),
        spf_slash24s=counted(sure, rows.slash24s),
        spf_all=counted(sure, _code(ends[0]["qualifier"])),
    )


def _terms(terms: ir.ArrayValue, **kinds: str) -> ir.ArrayValue:
    """The terms of some names, each of its kind."""
    words = [f"{kind} {name}" for name, kind in kinds.items()]
    return terms.filter(lambda term: (term["kind"] + " " + term["name"]).isin(words))


def _distinct(terms: ir.ArrayValue) -> ir.Value:
    return terms.map(lambda term: term["text"]).unique().length()


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
