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


def of_txt(domains: ir.Table) -> dict[str, ir.Value]:
    """What features of TXT need of a seed's own row."""
    found = sizes(domains.txt)
    return {
        "txt_known": answered(domains.txt_query),
        "txt_things": domains.txt.length(),
        "txt_size": found.sums(),
        "txt_most": found.maxs(),
    }


def features(rows: ir.Table) -> dict[str, ir.Value]:
    """Of TXT; ``spf_number`` of its records are SPF."""
    sure, things = rows.txt_known, rows.txt_things
    return {
        "txt_records": counted(sure, things),
        "txt_bytes": counted(sure, rows.txt_size),
        "txt_longest": counted(sure, rows.txt_most),
        "txt_other": counted(sure, things - rows.spf_number.fill_null(0)),
    }
