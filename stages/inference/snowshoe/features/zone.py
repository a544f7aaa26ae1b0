"""Features of NS and SOA: who serves a seed's zone, and what the zone says of itself."""

import ibis
import ibis.expr.types as ir

from stages.inference.snowshoe.features.answer import answered, counted, inside, of_some, told


def of_ns(apex: ir.Table, hosts: ir.Table) -> ir.Table:
    """Domain and the features of NS; registered domains once for each distinct set of servers."""
    sets = apex.select("ns").distinct().mutate(server_set=ibis.row_number()).cache()
    each = sets.select("server_set", host=sets.ns.unnest())
    each = each.left_join(hosts.select("host", "registered_domain"), "host")
    counts = each.group_by("server_set").agg(domains=each.registered_domain.nunique())
    rows = apex.select("domain", "ns", "ns_query", names=apex.ns.unique())
    rows = rows.left_join(sets, "ns").drop("ns_right")
    rows = rows.left_join(counts, "server_set").drop("server_set_right")
    count, sure = rows.names.length(), answered(rows.ns_query)
    return rows.select(
        "domain",
        ns_hosts=counted(sure, count),
        ns_registered_domains=told(sure, count, rows.domains),
        ns_in_domain_share=inside(rows.names, rows.domain),
        ns_min_ttl=of_some(count, rows.ns_query["ttl"]),
    )


def of_soa(apex: ir.Table) -> ir.Table:
    """Domain and the features of SOA, all null where the answer holds none."""
    mname = apex.soa["mname"]
    own = (mname == apex.domain) | mname.endswith("." + apex.domain)
    return apex.select(
        "domain",
        soa_refresh=apex.soa["refresh"],
        soa_minimum=apex.soa["minimum"],
        soa_mname_in_domain=own.cast("int64"),
    )
