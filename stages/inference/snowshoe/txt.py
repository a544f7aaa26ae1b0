"""Features of TXT: records at the seed itself, SPF among them."""

import ibis
import ibis.expr.types as ir

from stages.inference.snowshoe.answer import answered, counted


@ibis.udf.scalar.builtin(name="strlen")
def _text_bytes(text: str) -> int:  # type: ignore[empty-body]
    """Bytes of a text in UTF-8."""


@ibis.udf.scalar.builtin(name="octet_length")
def _raw_bytes(raw: bytes) -> int:  # type: ignore[empty-body]
    """Bytes of a binary value."""


def sizes(records: ir.ArrayValue) -> ir.ArrayValue:
    """Bytes of each record, of those that are no UTF-8 too."""
    return records.map(
        lambda record: ibis.coalesce(_raw_bytes(record["raw"]), _text_bytes(record["text"]))
    )


def of_txt(domains: ir.Table, spf: ir.Table) -> ir.Table:
    """domain and the features of TXT."""
    found = spf.select("name", spf=spf.records.length())
    rows = domains.select("domain", "txt", "txt_query", bytes=sizes(domains.txt))
    rows = rows.left_join(found, rows.domain == found.name)
    count, sure = rows.txt.length(), answered(rows.txt_query)
    return rows.select(
        "domain",
        txt_records=counted(sure, count),
        txt_bytes=counted(sure, rows.bytes.sums()),
        txt_longest=counted(sure, rows.bytes.maxs()),
        txt_other=counted(sure, count - rows.spf.fill_null(0)),
    )
