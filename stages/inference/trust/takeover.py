"""spf_takeover: names that records rely on and that do not exist, as far as the run asked."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from certs.registered import is_handed_out, registered_domain
from schemas.aggregates import ALL_RANKS, ANY
from schemas.outcomes import Outcome
from schemas.spf_takeover import SPF_TAKEOVER, Holder
from stages.inference.trust.columns import integers
from stages.inference.trust.population import Population, tally
from stages.inference.trust.sets import Sets
from stages.inference.trust.walk import Walk

_GONE = str(Outcome.NXDOMAIN)


def spf_takeover(walk: Walk, people: Population, census: Mapping[str, ir.Table]) -> pa.Table:
    """The table, by name."""
    rows = walk.missing
    keys = pa.table({"name": rows["name"], "reliance": rows["reliance"]})
    items = keys.group_by(["name", "reliance"]).aggregate([]).sort_by("name")
    place = {(row["name"], row["reliance"]): number for number, row in enumerate(items.to_pylist())}
    number = np.array([place[tuple(row.values())] for row in keys.to_pylist()], np.int64)
    nodes = integers(rows["node"])
    registered = _registered(census, items["name"].to_pylist())
    records = walk.own.names.take(pa.array(nodes)).to_pylist()
    others = np.array(
        [
            registered[item] not in (None, registered_domain(record))
            for record, item in zip(records, number.tolist(), strict=True)
        ],
        bool,
    )
    own = Sets.of(nodes[others], number[others], walk.size)
    counts = tally(people, walk.trusted, own, len(items))
    all_of_them = counts.cuts == people.cuts.index((ANY, ALL_RANKS))
    domains, direct = np.zeros((2, len(items)), np.int64)
    domains[counts.items[all_of_them]] = counts.domains[all_of_them]
    direct[counts.items[all_of_them]] = counts.direct[all_of_them]
    known = _existing(census, sorted({name for name in registered if name}))
    exists = [known.get(name or "") for name in registered]
    holders = [str(_holder(name, there)) for name, there in zip(registered, exists, strict=True)]
    table = items.append_column("registered_domain", pa.array(registered, pa.string()))
    table = table.append_column("registered", pa.array(exists, pa.bool_()))
    relying = np.bincount(number, minlength=len(items))
    for name, column in (("records", relying), ("domains", domains), ("direct", direct)):
        table = table.append_column(name, pa.array(column))
    table = table.append_column("holder", pa.array(holders, pa.string()))
    return table.select(SPF_TAKEOVER.schema.names).cast(SPF_TAKEOVER.schema)


def _registered(census: Mapping[str, ir.Table], names: list[str]) -> list[str | None]:
    """The domain to be had for each name: where it is an alias, that of the last one."""
    wanted = ibis.memtable(
        pa.table({"name": pa.array(names, pa.string())}).group_by("name").aggregate([])
    )
    asked = {"spf": "name", "mx": "name", "hosts": "host"}
    above: dict[str, str] = {}
    for table, key in asked.items():
        rows = (
            census[table]
            .select(name=key, above="above")
            .filter(lambda each: each.above.length() > 0)
        )
        found = rows.semi_join(wanted, "name").to_pyarrow().to_pylist()
        above |= {row["name"]: row["above"][0] for row in found}
    return [above.get(name) or registered_domain(name) for name in names]


def _holder(domain: str | None, exists: bool | None) -> Holder:  # noqa: FBT001 - null is the third
    if domain is None:
        return Holder.NOBODY
    if exists is None:
        return Holder.UNKNOWN
    if exists:
        return Holder.OWNER
    return Holder.CUSTOMERS if is_handed_out(domain) else Holder.ANYBODY


def _existing(census: Mapping[str, ir.Table], names: list[str]) -> dict[str, bool]:
    """Whether names exist, of those that the run asked for."""
    spf, hosts = census["spf"], census["hosts"]
    wanted = ibis.memtable(pa.table({"key": pa.array(names, pa.string())}))
    asked = spf.select(key="name", outcome=spf.query["outcome"])
    status = hosts.select(key=hosts.host, outcome=hosts.a_query["outcome"])
    answers = asked.cast({"key": "string", "outcome": "string"}).union(
        status.cast({"key": "string", "outcome": "string"})
    )
    rows = answers.semi_join(wanted, "key").to_pyarrow().to_pylist()
    found = {row["key"]: False for row in rows if row["outcome"] == _GONE}
    there = (str(Outcome.OK), str(Outcome.NODATA))
    return found | {row["key"]: True for row in rows if row["outcome"] in there}
