"""Features of MX: a seed's exchanges, and where they lead.

Most domains share one of few answers, *mail sets*, so all but the share inside the domain is worked
out once for each distinct answer. The exchange `.` says that there is none (RFC 7505).
"""

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow.compute as pc

from schemas.outcomes import ExchangeKind
from stages.inference.snowshoe.features.addresses import Addresses
from stages.inference.snowshoe.features.answer import (
    answered,
    counted,
    distinct,
    of_some,
    told,
    within,
)
from stages.inference.snowshoe.features.numbered import beside, codes, integers
from stages.inference.snowshoe.features.space import numbers
from stages.inference.trust.sets import Bools, Ints, Sets


def mail_sets(domains: ir.Table) -> ir.Table:
    """mail_set (a number from 0), mx, and what is to be counted of it alone."""
    known = domains.filter(answered(domains.mx_query)).select("mx")
    sets = known.group_by("mx").agg(mx_members=known.count())
    sets = sets.mutate(mail_set=ibis.row_number(), names=_names(sets.mx))
    values = sets.mx.filter(_is_exchange).map(lambda each: each["preference"])
    return sets.select(
        "mx",
        "mail_set",
        "mx_members",
        mx_things=distinct(sets.names),
        mx_preferences=distinct(values.map(lambda each: each.cast("string"))),
        mx_range=values.maxs() - values.mins(),
    )


def of_answer(domains: ir.Table) -> dict[str, ir.Value]:
    """What features of MX need of a seed's own row."""
    return {
        "mx_known": answered(domains.mx_query),
        "mx_inside": distinct(
            domains.mx.filter(lambda each: within(each["exchange"], domains.domain)).map(
                lambda each: each["exchange"]
            )
        ),
    }


def led(sets: ir.Table, hosts: ir.Table) -> ir.Table:
    """mail_set and what hosts says of each exchange that is a host name."""
    names = sets.mx.filter(lambda each: each["kind"] == str(ExchangeKind.HOST))
    each = sets.select("mail_set", host=names.map(lambda each: each["exchange"]).unnest())
    found = hosts.select("host", "registered_domain", "a", sure=answered(hosts.a_query))
    return each.left_join(found, "host").drop("host", "host_right")


def of_mx(sets: ir.Table, leads: ir.Table, found: Addresses) -> ir.Table:
    """What features of MX rest on, by mx_set; ``found`` are addresses of the sets."""
    each = leads.select("mail_set", "registered_domain", "sure").to_pyarrow()
    owners, domains = integers(each["mail_set"]), codes(each["registered_domain"])
    some = domains >= 0
    lost = ~pc.fill_null(each["sure"], False).to_numpy()  # noqa: FBT003
    starts = numbers(found.texts)
    counts: dict[str, Ints | Bools] = {
        "mx_registered_domains": Sets.of(owners[some], domains[some], found.owned).sizes,
        "mx_unsure": np.bincount(owners[lost], minlength=found.owned) > 0,
        "mx_addresses": found.different(starts),
        "mx_slash24s": found.different(starts >> 8),
        "mx_ases": found.different(found.asns),
    }
    rows = sets.drop("mx").rename(mx_set="mail_set").to_pyarrow()
    return beside(rows, "mx_set", counts)


def features(rows: ir.Table) -> dict[str, ir.Value]:
    """Of MX, and seeds with the same records."""
    sure, things = rows.mx_known, rows.mx_things
    certain = sure & ~rows.mx_unsure.fill_null(False)  # noqa: FBT003
    return {
        "mx_addresses": counted(sure, things),
        "mx_preferences": counted(sure, rows.mx_preferences),
        "mx_preference_range": counted(sure, rows.mx_range),
        "mx_in_domain_share": of_some(things, rows.mx_inside.cast("float64") / things),
        "mx_registered_domains": told(sure, things, rows.mx_registered_domains),
        "mx_v4_addresses": counted(certain, rows.mx_addresses),
        "mx_slash24s": counted(certain, rows.mx_slash24s),
        "mx_ases": told(certain, rows.mx_addresses, rows.mx_ases),
        "mx_neighbours": counted(sure, (things > 0).ifelse(rows.mx_members - 1, 0)),
    }


def _names(records: ir.ArrayValue) -> ir.ArrayValue:
    return records.filter(_is_exchange).map(lambda each: each["exchange"])


def _is_exchange(record: ir.StructValue) -> ir.BooleanValue:
    return record["kind"] != str(ExchangeKind.NULL)
