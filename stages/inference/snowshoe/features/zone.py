"""Features of NS and SOA, and seeds with the same name servers."""

import ibis
import ibis.expr.types as ir

from stages.inference.snowshoe.features.answer import answered, counted, of_some, told, within


def of_zone(apex: ir.Table, hosts: ir.Table) -> ir.Table:
    """What features of NS and SOA rest on, by apex_domain.

    Servers stand in apex sorted, each once; their registered domains are found once a set.
    """
    rows = apex.select(
        "ns",
        apex_domain="domain",
        ns_group=(apex.ns.length() > 0).ifelse(apex.ns.join(" ").hexdigest("md5"), ibis.null(str)),
        ns_known=answered(apex.ns_query),
        ns_things=apex.ns.length(),
        ns_inside=apex.ns.filter(lambda name: within(name, apex.domain)).length(),
        ns_ttl=apex.ns_query["ttl"],
        soa_refresh=apex.soa["refresh"].cast("int64"),
        soa_minimum=apex.soa["minimum"].cast("int64"),
        soa_own=within(apex.soa["mname"], apex.domain),
    ).cache()
    sets = _sets(rows, hosts).cache()
    return rows.drop("ns").left_join(sets, rows.ns_group == sets.group).drop("group")


def features(rows: ir.Table) -> dict[str, ir.Value]:
    """Of NS and SOA, and the context of the name servers."""
    sure, things = rows.ns_known, rows.ns_things
    return {
        "ns_hosts": counted(sure, things),
        "ns_registered_domains": told(sure, things, rows.ns_domains),
        "ns_in_domain_share": of_some(things, rows.ns_inside.cast("float64") / things),
        "ns_min_ttl": of_some(things, rows.ns_ttl),
        "soa_refresh": rows.soa_refresh,
        "soa_minimum": rows.soa_minimum,
        "soa_mname_in_domain": rows.soa_own.cast("int64"),
        "ns_group": rows.ns_group,
        "ns_neighbours": counted(sure, rows.ns_members - 1),
    }


def _sets(rows: ir.Table, hosts: ir.Table) -> ir.Table:
    """group, ns_members (how many have it), ns_domains (registered domains of its servers)."""
    some = rows.filter(rows.ns_group.notnull())
    sets = some.group_by(group="ns_group").agg(ns=some.ns.arbitrary(), ns_members=some.count())
    sets = sets.cache()
    each = sets.select("group", host=sets.ns.unnest())
    each = each.join(hosts.select("host", "registered_domain"), "host")
    domains = each.group_by("group").agg(ns_domains=each.registered_domain.nunique())
    return sets.drop("ns").left_join(domains, "group").drop("group_right")
