"""The features of a run: from its tables, its spf_trust, and what earlier runs knew.

Ibis expressions on whatever backend holds the tables, interval arithmetic on numpy arrays fed by
it. What many seeds share is worked out once for each distinct answer; nothing loops over seeds.
"""

import datetime as dt
from collections.abc import Mapping
from functools import reduce

import ibis
import ibis.expr.types as ir

from schemas.snowshoe import FEATURES, SNOWSHOE
from stages.inference.snowshoe.features.addresses import of_a, of_aaaa, own_hosts
from stages.inference.snowshoe.features.answer import known
from stages.inference.snowshoe.features.context import of_reach, of_space
from stages.inference.snowshoe.features.mx import of_mx
from stages.inference.snowshoe.features.spf import networks, of_spf, own_records
from stages.inference.snowshoe.features.txt import of_txt
from stages.inference.snowshoe.features.zone import of_zone

_KEYS = ("domain", "registered_domain", "measured")


def snowshoe(
    census: Mapping[str, ir.Table],
    trust: ir.Table,
    seen: ir.Table,
    earlier: ir.Table | None,
    day: dt.date,
) -> ir.Table:
    """The columns of ``snowshoe``, a row a seed.

    ``census`` has domains, apex, hosts, spf and addresses; ``trust`` is its spf_trust; ``seen`` has
    domain and first_seen, the day that this run or an earlier one first had it; ``earlier`` are
    the features of the run before, if there is one; ``day`` is that of this run.
    """
    rows = _features(census, trust).left_join(seen, "domain").drop("domain_right")
    rows = rows.mutate(
        first_seen=rows.first_seen.cast("date"),
        days_seen=ibis.literal(day).epoch_days() - rows.first_seen.epoch_days(),
        changed=ibis.null("int64"),
    )
    if earlier is not None:
        rows = _changed(rows, earlier)
    return rows.select(SNOWSHOE.schema.names)


def _features(census: Mapping[str, ir.Table], trust: ir.Table) -> ir.Table:
    """Keys, features and context of this run alone."""
    domains, hosts = census["domains"], census["hosts"]
    places = known(census["addresses"])
    seeds = domains.select("domain", node=ibis.row_number()).cache()
    count = int(seeds.count().to_pyarrow().as_py())
    own = own_hosts(seeds, hosts).cache()
    records = own_records(seeds, census["spf"]).cache()
    named = networks(records)
    of_addresses, space = of_a(own, places, count)
    parts = [
        of_addresses,
        of_aaaa(own, places, count),
        of_mx(domains, hosts, places),
        of_zone(census["apex"], hosts),
        of_txt(domains, records),
        of_spf(records, named, count),
        of_space(own, records, (space, named), count),
        of_reach(trust),
    ]
    keys = domains.select("domain", "registered_domain", measured=domains.asked)
    return reduce(_beside, parts, keys)


def _beside(rows: ir.Table, part: ir.Table) -> ir.Table:
    return rows.left_join(part, "domain").drop("domain_right")


def _changed(rows: ir.Table, earlier: ir.Table) -> ir.Table:
    """The rows, ``changed`` counting features known in both runs that differ."""
    before = earlier.select("domain", **{f"before_{name}": earlier[name] for name in FEATURES})
    both = rows.drop("changed").join(before, "domain", how="left")
    differing = sum(
        (both[name] != both[f"before_{name}"]).fill_null(False).cast("int64")  # noqa: FBT003
        for name in FEATURES
    )
    there = both.domain_right.notnull()
    return both.mutate(changed=there.ifelse(differing, ibis.null("int64")))
