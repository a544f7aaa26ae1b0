"""Features of A and AAAA: a seed's own addresses, their networks, ASes and countries."""

from functools import reduce

import ibis.expr.types as ir

from stages.inference.snowshoe.features.answer import answered, counted, of_some, slash24, told


def own_hosts(domains: ir.Table, hosts: ir.Table) -> ir.Table:
    """domain, a, aaaa, a_query, aaaa_query: the seeds that have a row in hosts."""
    rows = hosts.select("a", "aaaa", "a_query", "aaaa_query", domain="host")
    return rows.semi_join(domains, "domain")


def of_a(own: ir.Table, known: ir.Table) -> ir.Table:
    """Domain and the features of A."""
    each = own.select("domain", address=own.a.unnest()).left_join(known, "address")
    each = each.mutate(slash24=slash24(each.address), slash16=each.address.re_extract(_SLASH16, 0))
    sums = each.group_by("domain").agg(
        slash24s=each.slash24.nunique(),
        slash16s=each.slash16.nunique(),
        ases=each.asn.nunique(),
        countries=each.country.nunique(),
    )
    rows = own.left_join(sums, "domain").drop("domain_right")
    count, sure = rows.a.unique().length(), answered(rows.a_query)
    return rows.select(
        "domain",
        a_addresses=counted(sure, count),
        a_slash24s=counted(sure, rows.slash24s),
        a_slash16s=counted(sure, rows.slash16s),
        a_ases=told(sure, count, rows.ases),
        a_countries=told(sure, count, rows.countries),
        a_min_ttl=of_some(count, rows.a_query["ttl"]),
    )


_SLASH16 = r"^\d+\.\d+"


def of_aaaa(own: ir.Table, known: ir.Table) -> ir.Table:
    """Domain and the features of AAAA."""
    each = own.select("domain", address=own.aaaa.unnest()).left_join(known, "address")
    each = each.mutate(slash48=_slash48(each.address))
    sums = each.group_by("domain").agg(slash48s=each.slash48.nunique(), ases=each.asn.nunique())
    rows = own.left_join(sums, "domain").drop("domain_right")
    count, sure = rows.aaaa.unique().length(), answered(rows.aaaa_query)
    return rows.select(
        "domain",
        aaaa_addresses=counted(sure, count),
        aaaa_slash48s=counted(sure, rows.slash48s),
        aaaa_ases=told(sure, count, rows.ases),
    )


def _slash48(address: ir.StringValue) -> ir.StringValue:
    """The first three groups of an IPv6 address in its canonical text (RFC 5952).

    Where fewer stand before `::`, zeros follow: it stands for two groups at least. That it may be
    two and at the very start matters to no address in use.
    """
    head = reduce(lambda text, _: text + ":0", range(2), address.split("::")[0])
    return head.re_extract(r"^[^:]*:[^:]*:[^:]*", 0)
