"""Features of NS and SOA, and seeds with the same name servers."""

import ibis
import ibis.expr.types as ir

from stages.inference.snowshoe.features.answer import (
    answered,
    counted,
    grouped,
    inside,
    of_some,
    told,
)


def of_zone(apex: ir.Table, hosts: ir.Table) -> ir.Table:
    """domain, the features of NS and SOA, and the context of the name servers.

    Servers stand in apex sorted, each once; their registered domains are found once a set.
    """
    text = apex.ns.join(" ")
    rows = apex.select(
        "domain",
        "ns",
        "soa",
        group=(apex.ns.length() > 0).ifelse(text.hexdigest("md5"), ibis.null(str)),
        sure=answered(apex.ns_query),
        ttl=apex.ns_query["ttl"],
    ).cache()
    rows = grouped(rows).left_join(_domains(rows, hosts), "group").drop("group_right")
    things, mname = rows.ns.length(), rows.soa["mname"]
    own = (mname == rows.domain) | mname.endswith("." + rows.domain)
    return rows.select(
        "domain",
        ns_hosts=counted(rows.sure, things),
        ns_registered_domains=told(rows.sure, things, rows.domains),
        ns_in_domain_share=inside(rows.ns, things, rows.domain),
        ns_min_ttl=of_some(things, rows.ttl),
        soa_refresh=rows.soa["refresh"],
        soa_minimum=rows.soa["minimum"],
        soa_mname_in_domain=own.cast("int64"),
        ns_group=rows.group,
        ns_neighbours=counted(rows.sure, rows.members - 1),
    )


def _domains(rows: ir.Table, hosts: ir.Table) -> ir.Table:
    """group, domains: registered domains of each set of servers."""
    sets = rows.filter(rows.group.notnull()).group_by("group").agg(ns=rows.ns.arbitrary())
    each = sets.select("group", host=sets.ns.unnest())
    each = each.join(hosts.select("host", "registered_domain"), "host")
    return each.group_by("group").agg(domains=each.registered_domain.nunique())
