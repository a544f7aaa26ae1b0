"""spf_trust: whom each seed trusts, from the walk over a run's SPF."""

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.spf_trust import SPF_TRUST, SpfClass, SpfVerdict
from stages.inference.trust.closure import Closure
from stages.inference.trust.findings import listed
from stages.inference.trust.lookups import DEFINITE
from stages.inference.trust.reckoning import NO_NETWORK, Reckoning
from stages.inference.trust.sets import Bools, Ints
from stages.inference.trust.space import decimals
from stages.inference.trust.walk import Walk
from stages.spf.evaluation.inquiry import MAX_LOOKUPS, MAX_VOIDS

MANY = 100_000
"""IPv4 addresses above which a record is permissive, as in "Lazy Gatekeepers" (IMC'23)."""
LARGE = 8
"""Prefix length of a large block."""
_HOPS = 16  # of pointer doubling: 2**16 redirects in a row
_NULLABLE = ("name", "published", "all", "largest_ipv4", "largest_ipv6")
_VERDICTS = (SpfVerdict.PERMERROR, SpfVerdict.TEMPERROR, SpfVerdict.NOT_ASKED)
"""By the worst finding."""


def spf_trust(
    walk: Walk, domains: ir.Table, ipv4: Reckoning, ipv6: Reckoning, clouds: pa.Array
) -> pa.Table:
    """The table; a row a domain that the run has, in the order of their names."""
    own, links = walk.own, walk.links
    paths = {
        name: walk.everything.along_paths(values, links.edges)
        for name, values in (("l", own.lookups), ("v4", walk.voids[4]), ("v6", walk.voids[6]))
    }
    findings = listed(walk, _of_walk(paths, ipv4))
    columns = {
        "verdict": _verdicts(own.records, findings.worst),
        "published": pa.array(own.records > 0, mask=~DEFINITE[own.outcomes]),
        "lookups": paths["l"],
        "voids_ipv4": paths["v4"],
        "voids_ipv6": paths["v6"],
        "depth": walk.everything.depths(links.edges),
        "names": walk.everything.names(),
        "findings": findings.lists,
        "all": _all(walk),
        "ipv4": ipv4.total[0],
        "ipv4_literal": ipv4.literal[0],
        "ipv4_inherited": ipv4.inherited[0],
        "ipv4_soft": ipv4.soft[0],
        "ipv6": decimals(ipv6.total),
        "ipv6_literal": decimals(ipv6.literal),
        "ipv6_inherited": decimals(ipv6.inherited),
        "ipv6_soft": decimals(ipv6.soft),
        "largest_ipv4": pa.array(ipv4.largest, mask=ipv4.largest == NO_NETWORK),
        "largest_ipv6": pa.array(ipv6.largest, mask=ipv6.largest == NO_NETWORK),
        "clouds": clouds,
        "needs_context": _anywhere(walk.everything, own.context),
        "has_exceptions": _anywhere(walk.trusted, own.exceptions),
    }
    table = pa.table({"name": own.names, **columns})
    return _of_domains(table, domains)


def _of_walk(paths: dict[str, Ints], ipv4: Reckoning) -> dict[SpfClass, Bools]:
    many = paths["v4"] > MAX_VOIDS
    return {
        SpfClass.TOO_MANY_LOOKUPS: paths["l"] > MAX_LOOKUPS,
        SpfClass.TOO_MANY_VOIDS: many,
        SpfClass.TOO_MANY_VOIDS_IPV6: (paths["v6"] > MAX_VOIDS) & ~many,
        SpfClass.PERMISSIVE: ipv4.total[0] > MANY,
        SpfClass.LARGE_BLOCK: ipv4.largest <= LARGE,
    }


def _verdicts(records: Ints, worst: Ints) -> pa.Array:
    words = [*_VERDICTS, *([SpfVerdict.VALID] * 3), SpfVerdict.NONE]
    codes = np.where((worst >= len(_VERDICTS)) & (records == 0), len(words) - 1, worst)
    return pa.array([str(word) for word in words]).take(pa.array(codes))


def _all(walk: Walk) -> pa.Array:
    """The qualifier of the last all that redirects lead to."""
    links = walk.links
    last = np.arange(walk.size)
    redirects = links.edges.kept(links.redirects)
    last[redirects.sources] = redirects.targets
    for _ in range(_HOPS):
        last = last[last]
    found = walk.own.all[last]
    signs = sorted({0, *map(ord, "+-?~")})
    words = pa.array([chr(sign) if sign else None for sign in signs], pa.string())
    return words.take(pa.array(np.searchsorted(signs, found)))


def _anywhere(closure: Closure, own: Bools) -> Bools:
    """Whether a node or any name that it leads to has it."""
    return np.asarray(closure.least(-own.astype(np.int64), 0) < 0)


def best_rank(domains: ir.Table) -> ir.IntegerValue:
    """The best rank of a domain in any seed list, null without ranks."""
    return domains.seeds.map(lambda seed: seed["rank"]).mins()


def _of_domains(table: pa.Table, domains: ir.Table) -> pa.Table:
    """Rows by domain; one that was never asked for SPF has a row that says so."""
    seeds = domains.select("domain", rank=best_rank(domains)).order_by("domain").to_pyarrow()
    place = pc.index_in(seeds["domain"].combine_chunks(), table["name"].combine_chunks())
    blank = pa.table({name: _unasked(name, table) for name in table.column_names})
    place = pc.fill_null(place, len(table))
    rows = pa.concat_tables([table, blank]).take(place)
    rows = rows.append_column("domain", seeds["domain"]).append_column("rank", seeds["rank"])
    return rows.select(SPF_TRUST.schema.names).cast(SPF_TRUST.schema)


def _unasked(name: str, table: pa.Table) -> pa.Array:
    """One value that says nothing: the row of a domain that was not asked."""
    kind = table.schema.field(name).type
    if name == "verdict":
        return pa.array([str(SpfVerdict.NOT_ASKED)])
    if name in _NULLABLE:
        return pa.nulls(1, kind)
    return pa.array([[]], kind) if pa.types.is_list(kind) else pa.array([0]).cast(kind)
