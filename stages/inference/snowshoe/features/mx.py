"""Features of MX: a seed's exchanges, and where they lead.

Most domains share one of few answers, so all but the share inside the domain is worked out once
for each distinct answer. The exchange `.` says that there is none (RFC 7505).
"""

import ibis
import ibis.expr.types as ir

from schemas.outcomes import ExchangeKind
from stages.inference.snowshoe.features.answer import answered, counted, inside, slash24, told


def of_mx(domains: ir.Table, hosts: ir.Table, known: ir.Table) -> ir.Table:
    """Domain and the features of MX."""
    sets = domains.filter(answered(domains.mx_query)).select("mx").distinct()
    sets = sets.mutate(mail_set=ibis.row_number()).cache()
    counts = _counts(sets, hosts, known).cache()
    rows = domains.select("domain", "mx", sure=answered(domains.mx_query))
    rows = rows.left_join(sets, "mx").drop("mx_right").left_join(counts, "mail_set")
    exchanges = _exchanges(rows.mx).map(lambda each: each["exchange"]).unique()
    led = rows.sure & ~rows.unsure.fill_null(False)  # noqa: FBT003
    return rows.select(
        "domain",
        mx_addresses=counted(rows.sure, rows.exchanges),
        mx_preferences=counted(rows.sure, rows.preferences),
        mx_preference_range=counted(rows.sure, rows.highest - rows.lowest),
        mx_in_domain_share=inside(exchanges, rows.domain),
        mx_registered_domains=told(rows.sure, rows.exchanges, rows.registered_domains),
        mx_v4_addresses=counted(led, rows.addresses),
        mx_slash24s=counted(led, rows.slash24s),
        mx_ases=told(led, rows.addresses, rows.ases),
    )


def _exchanges(mx: ir.ArrayValue) -> ir.ArrayValue:
    return mx.filter(lambda each: each["kind"] != str(ExchangeKind.NULL))


def _counts(sets: ir.Table, hosts: ir.Table, known: ir.Table) -> ir.Table:
    """mail_set and numbers; ``unsure``: an exchange's A question failed or was not put."""
    each = sets.select("mail_set", record=_exchanges(sets.mx).unnest())
    each = each.select(
        "mail_set",
        host=each.record["exchange"],
        preference=each.record["preference"],
        is_host=each.record["kind"] == str(ExchangeKind.HOST),
    )
    led = hosts.select("host", "registered_domain", "a", sure=answered(hosts.a_query))
    each = each.left_join(led, "host").drop("host_right").cache()
    records = each.group_by("mail_set").agg(
        exchanges=each.host.nunique(),
        preferences=each.preference.nunique(),
        highest=each.preference.max(),
        lowest=each.preference.min(),
        registered_domains=each.registered_domain.nunique(),
        unsure=(each.is_host & ~each.sure.fill_null(False)).any(),  # noqa: FBT003
    )
    places = each.select("mail_set", address=each.a.unnest()).left_join(known, "address")
    places = places.group_by("mail_set").agg(
        addresses=places.address.nunique(),
        slash24s=slash24(places.address).nunique(),
        ases=places.asn.nunique(),
    )
    return records.left_join(places, "mail_set").drop("mail_set_right")
