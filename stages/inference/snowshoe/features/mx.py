"""Features of MX: a seed's exchanges, and where they lead.

Most domains share one of few answers, so all but the share inside the domain is worked out once
for each distinct answer. The exchange `.` says that there is none (RFC 7505).
"""

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schemas.outcomes import ExchangeKind
from stages.inference.snowshoe.features.addresses import Addresses
from stages.inference.snowshoe.features.answer import answered, counted, distinct, inside, told
from stages.inference.snowshoe.features.space import numbers


def of_mx(domains: ir.Table, hosts: ir.Table, known: ir.Table) -> ir.Table:
    """Domain and the features of MX."""
    sets = _sets(domains)
    rows = domains.select("domain", "mx", sure=answered(domains.mx_query))
    rows = rows.left_join(sets, "mx").drop("mx_right")
    led = _led(sets, hosts).cache()
    for part in (_names(led), _places(led, known, int(sets.count().to_pyarrow().as_py()))):
        rows = rows.left_join(part, "node").drop("node_right")
    certain = rows.sure & ~rows.unsure.fill_null(False)  # noqa: FBT003
    return rows.select(
        "domain",
        mx_addresses=counted(rows.sure, rows.exchanges),
        mx_preferences=counted(rows.sure, rows.preferences),
        mx_preference_range=counted(rows.sure, rows.range),
        mx_in_domain_share=inside(rows.names, rows.exchanges, rows.domain),
        mx_registered_domains=told(rows.sure, rows.exchanges, rows.registered_domains),
        mx_v4_addresses=counted(certain, rows.addresses),
        mx_slash24s=counted(certain, rows.slash24s),
        mx_ases=told(certain, rows.addresses, rows.ases),
    )


def _sets(domains: ir.Table) -> ir.Table:
    """Node (here the number of an answer), mx, and what is to be counted of it alone."""
    sets = domains.filter(answered(domains.mx_query)).select("mx").distinct()
    records = sets.mx.filter(lambda each: each["kind"] != str(ExchangeKind.NULL))
    sets = sets.mutate(
        node=ibis.row_number(),
        names=records.map(lambda each: each["exchange"]),
        hosts=records.filter(lambda each: each["kind"] == str(ExchangeKind.HOST)).map(
            lambda each: each["exchange"]
        ),
        values=records.map(lambda each: each["preference"]),
    )
    return sets.select(
        "mx",
        "node",
        "names",
        "hosts",
        exchanges=distinct(sets.names),
        preferences=distinct(sets["values"].map(lambda each: each.cast("string"))),
        range=sets["values"].maxs() - sets["values"].mins(),
    ).cache()


def _led(sets: ir.Table, hosts: ir.Table) -> ir.Table:
    """Node and what hosts says of each exchange that is a host name."""
    each = sets.select("node", host=sets.hosts.unnest())
    found = hosts.select("host", "registered_domain", "a", sure=answered(hosts.a_query))
    return each.left_join(found, "host").drop("host_right")


def _names(led: ir.Table) -> ir.Table:
    """node, registered_domains, ``unsure``: an exchange's A question failed or was not put."""
    return led.group_by("node").agg(
        registered_domains=led.registered_domain.nunique(),
        unsure=(~led.sure.fill_null(False)).any(),  # noqa: FBT003
    )


def _places(led: ir.Table, known: ir.Table, count: int) -> ir.Table:
    """Node and numbers of the addresses that the exchanges have together."""
    found = Addresses.of(led.select("node", addresses="a"), known, count)
    starts = numbers(found.texts)
    return ibis.memtable(
        pa.table({
            "node": np.arange(count),
            "addresses": found.known(found.texts),
            "slash24s": found.different(starts >> 8),
            "ases": found.known(found.asns),
        })
    )  # fmt: skip
