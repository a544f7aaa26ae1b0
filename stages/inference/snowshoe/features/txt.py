"""Features of TXT: records at the seed itself, SPF among them."""

import ibis
import ibis.expr.types as ir

from stages.inference.snowshoe.features.answer import answered, counted


def _text_bytes(text: str) -> int:
    """Bytes of a text in UTF-8, counted by the backend."""
    raise NotImplementedError


def _raw_bytes(raw: bytes) -> int:
    """Bytes of a binary value, counted by the backend."""
    raise NotImplementedError


_text_size = ibis.udf.scalar.builtin(_text_bytes, name="strlen")
_raw_size = ibis.udf.scalar.builtin(_raw_bytes, name="octet_length")


def sizes(records: ir.ArrayValue) -> ir.ArrayValue:
    """Bytes of each record, of those that are no UTF-8 too."""
    return records.map(
        lambda record: ibis.coalesce(_raw_size(record["raw"]), _text_size(record["text"]))
    )


def of_txt(domains: ir.Table, records: ir.Table) -> ir.Table:
    """Domain and the features of TXT; ``records`` has the number of SPF records among them."""
    rows = domains.select(
        "domain",
        count=domains.txt.length(),
        sure=answered(domains.txt_query),
        bytes=sizes(domains.txt),
    )
    rows = rows.left_join(records.select("domain", spf="number"), "domain").drop("domain_right")
    return rows.select(
        "domain",
        txt_records=counted(rows.sure, rows["count"]),
        txt_bytes=counted(rows.sure, rows.bytes.sums()),
        txt_longest=counted(rows.sure, rows.bytes.maxs()),
        txt_other=counted(rows.sure, rows["count"] - rows.spf.fill_null(0)),
    )
