"""Features of SPF: the seed's own record, nothing followed; and seeds with the same record.

Of several records none is in force (RFC 7208 section 4.5), so only their number and bytes count.
Terms count as they are written, each once, wherever they stand; so do networks of ip4 terms
whatever their qualifier.
"""

from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.spf import TermKind
from stages.ascending import distinct
from stages.inference.snowshoe.features.answer import answered, counted
from stages.inference.snowshoe.features.numbered import beside, codes, integers
from stages.inference.snowshoe.features.space import blocks, spaces
from stages.inference.snowshoe.features.txt import sizes
from stages.inference.trust.sets import Ints
from stages.inference.trust.space import IPV4, Space, united

_ALL = {"-": 1, "~": 2, "?": 3, "+": 4}
_KINDS = {
    "ip4": TermKind.MECHANISM,
    "ip6": TermKind.MECHANISM,
    "include": TermKind.MECHANISM,
    "redirect": TermKind.MODIFIER,
    "all": TermKind.MECHANISM,
}
"""Terms that are told apart, by name; all others are one."""
_IP4, _IP6, _INCLUDE, _REDIRECT, _END, _OTHER = range(len(_KINDS) + 1)
_BITS = 3
"""Of such a number."""
_OWN_NAME = "@"
_BATCH = 50_000
"""Records whose terms are in memory at a time."""


class Records(NamedTuple):
    """The seeds' records, a row a seed that has a row of spf."""

    table: pa.Table
    """spf_node, spf_known, spf_number, spf_size, spf_group, and what is counted of the terms."""
    named: Space
    """What their ip4 terms name, by node; unmerged."""

    @classmethod
    def of(cls, seeds: ir.Table, spf: ir.Table) -> "Records":
        """From seeds, whose domain and node are needed, and the run's table spf."""
        rows = spf.rename(domain="name").join(seeds.select("domain", "node"), "domain")
        text = rows.record.lower().replace(rows.domain, _OWN_NAME)
        rows = rows.select(
            "terms",
            spf_node=rows.node,
            spf_known=answered(rows["query"]),
            spf_number=rows.records.length(),
            spf_size=sizes(rows.records).sums(),
            spf_group=text.hexdigest("md5"),
        )
        batches = [_batch(each) for each in rows.to_pyarrow_batches(chunk_size=_BATCH)]
        tables, spaces_ = zip(*batches, strict=True)
        return cls(pa.concat_tables(tables), united(spaces_))


def of_spf(records: Records, count: int) -> ir.Table:
    """What features of SPF rest on, by spf_node; of so many seeds."""
    extents = {
        "spf_addresses": records.named.merged().sizes(IPV4, count)[0],
        "spf_slash24s": blocks(records.named).sizes(IPV4, count)[0],
    }
    group = codes(records.table["spf_group"])
    members = np.bincount(group + 1)[group + 1]
    table = records.table.append_column("spf_members", pa.array(members))
    return beside(table, "spf_node", extents)


def features(rows: ir.Table) -> dict[str, ir.Value]:
    """Of SPF, and the context of the record."""
    sure, grouped = rows.spf_known, rows.spf_group.notnull()
    return {
        "spf_records": counted(sure, rows.spf_number),
        "spf_length": counted(sure, rows.spf_size),
        "spf_terms": counted(sure, rows.spf_terms),
        "spf_ip4_terms": counted(sure, rows.spf_ip4_terms),
        "spf_v4_addresses": counted(sure, rows.spf_addresses),
        "spf_ip6_terms": counted(sure, rows.spf_ip6_terms),
        "spf_includes": counted(sure, rows.spf_includes),
        "spf_slash24s": counted(sure, rows.spf_slash24s),
        "spf_all": counted(sure, rows.spf_all),
        "spf_group": rows.spf_group,
        "spf_neighbours": counted(sure, grouped.ifelse(rows.spf_members - 1, 0)),
    }


def _batch(batch: pa.RecordBatch) -> tuple[pa.Table, Space]:
    """Some records, their terms replaced by what is counted of them; the networks they name."""
    table = pa.Table.from_batches([batch])
    lists = batch.column("terms")
    terms, places = lists.flatten(), np.asarray(pc.list_parent_indices(lists), np.int64)
    sorts = _sorts(terms)
    # Row, text and sort in one number: the text, as it is written, is the sort's as well.
    written = places << 32 | codes(terms.field("text")) << _BITS | sorts
    each = distinct(written)
    key = each >> 32 << _BITS | each & (1 << _BITS) - 1
    counts = np.bincount(key, minlength=len(batch) << _BITS).reshape(len(batch), 1 << _BITS)
    columns = {
        "spf_terms": counts.sum(axis=1),
        "spf_ip4_terms": counts[:, _IP4],
        "spf_ip6_terms": counts[:, _IP6],
        "spf_includes": counts[:, _INCLUDE] + counts[:, _REDIRECT],
        "spf_all": _ends(terms, places, sorts, len(batch)),
    }
    table = table.drop(["terms"])
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values))
    return table, _named(terms, integers(table["spf_node"])[places], sorts)


def _sorts(terms: pa.StructArray) -> Ints:
    """Of each term its place in ``_KINDS``, or that of all others."""
    names = terms.field("name").dictionary_encode()
    order = list(_KINDS)
    known = [
        order.index(name) if name in order else _OTHER for name in names.dictionary.to_pylist()
    ]
    sorts = np.array([*known, _OTHER])[np.asarray(names.indices, np.int64)]
    wanted = np.array([kind is TermKind.MECHANISM for kind in (*_KINDS.values(), None)])
    mechanism = pc.equal(terms.field("kind"), str(TermKind.MECHANISM))
    return np.where(mechanism.to_numpy(zero_copy_only=False) == wanted[sorts], sorts, _OTHER)


def _ends(terms: pa.StructArray, places: Ints, sorts: Ints, count: int) -> Ints:
    """The code of the qualifier of each record's first all, 0 without one."""
    ends = np.flatnonzero(sorts == _END)[::-1]  # the first is written last
    signs = terms.field("qualifier").take(pa.array(ends)).to_pylist()
    found = np.zeros(count, np.int64)
    found[places[ends]] = [_ALL[sign] for sign in signs]
    return found


def _named(terms: pa.StructArray, nodes: Ints, sorts: Ints) -> Space:
    """Networks of ip4 terms."""
    of = pa.array(sorts == _IP4)
    rows = pa.table({"node": pa.array(nodes), "network": terms.field("network")}).filter(of)
    return spaces(rows.filter(pc.is_valid(rows["network"])))
