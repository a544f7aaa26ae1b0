"""The features of a run: from its tables, its spf_trust, and what earlier runs knew.

Ibis expressions on whatever backend holds the tables, interval arithmetic on numpy arrays fed by
it. What many seeds share is worked out once for each distinct answer; nothing loops over seeds.
"""

import datetime as dt
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from schemas.snowshoe import FEATURES, SNOWSHOE
from stages.inference.snowshoe.features import addresses, context, mx, spf, txt, zone
from stages.inference.snowshoe.features.addresses import Addresses
from stages.inference.snowshoe.features.numbered import beside

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
    """Keys, features and context of this run alone.

    Seeds have numbers, so that what is known of them is joined by number, and once.
    """
    domains, hosts = census["domains"], census["hosts"]
    sets = mx.mail_sets(domains).cache()
    seeds = _seeds(domains, sets).cache()
    own = addresses.own_hosts(seeds, hosts).cache()
    leads = mx.led(sets, hosts).cache()
    count, answers = (int(table.count().to_pyarrow().as_py()) for table in (seeds, sets))
    lists = (
        own.select(owner="host_node", addresses="a"),
        own.select(owner="host_node", addresses="aaaa"),
        leads.select(owner=leads.mail_set + count, addresses="a"),
    )
    four, six = Addresses.families(lists, census["addresses"], count + answers)
    a, aaaa = four.taken(0, count), six.taken(0, count)
    records = spf.Records.of(seeds, census["spf"])
    space = a.space()
    counts = addresses.of_addresses(a, aaaa, space)
    counts |= context.of_space((space, records.named), count)
    parts = {
        "host_node": beside(own.drop("a", "aaaa").to_pyarrow(), "host_node", counts),
        "mx_set": mx.of_mx(sets, leads, four.taken(count, answers)),
        "spf_node": spf.of_spf(records, count),
        "apex_domain": zone.of_zone(census["apex"], hosts),
        "trust_domain": context.of_reach(trust),
    }
    rows = seeds
    for key, part in parts.items():
        own_key = "mail_set" if key == "mx_set" else key.rpartition("_")[2]
        rows = rows.left_join(part, [(own_key, key)])
    told = (addresses, mx, zone, txt, spf, context)
    columns = {name: value for module in told for name, value in module.features(rows).items()}
    return rows.select(*_KEYS, "spf_reach", **columns)


def _seeds(domains: ir.Table, sets: ir.Table) -> ir.Table:
    """Keys of the seeds, a number from 0, that of the mail set, and what their own row says."""
    rows = domains.select(
        "domain", "registered_domain", "mx", measured=domains.asked,
        **txt.of_txt(domains), **mx.of_answer(domains),
    )  # fmt: skip
    rows = rows.left_join(sets.select("mail_set", "mx"), "mx").drop("mx", "mx_right")
    return rows.mutate(node=ibis.row_number())


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
