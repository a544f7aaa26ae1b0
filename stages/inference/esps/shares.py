"""esp_shares: domains by their security providers, and by what tells of these."""

from functools import reduce

import ibis
import ibis.expr.types as ir

from schemas.esps import EspDimension
from stages.inference.aggregates.cuts import counted, populations


def esp_shares(esps: ir.Table, domains: ir.Table) -> ir.Table:
    """The columns of the table; ``esps`` has those of esps, ``domains`` is the crawl's table."""
    members = populations(domains).cache()
    by_exchange = esps.by_mx | esps.by_asn | esps.by_ptr
    parts = [
        _of(esps, EspDimension.ANY, ibis.literal(True)),  # noqa: FBT003 - a column
        _of(esps, EspDimension.MX, esps.by_mx),
        _of(esps, EspDimension.ASN, esps.by_asn),
        _of(esps, EspDimension.PTR, esps.by_ptr),
        _of(esps, EspDimension.SPF, esps.by_spf),
        _of(esps, EspDimension.SPF_ONLY, esps.by_spf & ~by_exchange),
        _of(esps, EspDimension.MX_ONLY, by_exchange & ~esps.by_spf),
        _number(esps, domains, EspDimension.NUMBER, ibis.literal(True)),  # noqa: FBT003 - a column
        _number(esps, domains, EspDimension.NUMBER_SPF, esps.by_spf),
    ]
    rows = counted(reduce(ir.Table.union, parts), members, ["dimension", "value"])
    weight = ibis.literal(1, "int64")
    every = counted(domains.select("domain", weight=weight), members, [])
    every = every.rename(every="domains")
    cut = ["seed_list", "rank_cut", "tld"]
    rows = rows.join(every, cut)
    return rows.select(*cut, "dimension", "value", "domains", share=rows.domains / rows.every)


def _of(esps: ir.Table, dimension: EspDimension, mask: ir.BooleanValue) -> ir.Table:
    return _rows(esps.filter(mask), dimension, "company")


def _number(
    esps: ir.Table, domains: ir.Table, dimension: EspDimension, mask: ir.BooleanValue
) -> ir.Table:
    some = esps.filter(mask)
    counts = some.group_by("domain").agg(number=some.count())
    rows = domains.select("domain").left_join(counts, "domain")
    rows = rows.select("domain", number=rows.number.fill_null(0).cast("string"))
    return _rows(rows, dimension, "number")


def _rows(rows: ir.Table, dimension: EspDimension, value: str) -> ir.Table:
    """domain, weight, dimension, value."""
    return rows.select(
        domain=rows.domain.cast("string"),
        weight=ibis.literal(1, "int64"),
        dimension=ibis.literal(str(dimension)).cast("string"),
        value=rows[value].cast("string"),
    )
