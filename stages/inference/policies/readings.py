"""TXT record sets read by a parser: Python sees each distinct set once.

    read(rows, parse, schema) -> rows with the columns of what the parser makes of `texts`

A set is a list of ``schemas.query.Text``. Sets that are empty are never read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa

from schemas.outcomes import Outcome
from stages.policy.fault import Fault

Row = Mapping[str, object]
FAULTS = pa.list_(pa.struct([("finding", pa.string()), ("term", pa.string())]))
"""Faults of a parser, as a column."""
ANSWERED = [str(outcome) for outcome in Outcome if outcome.answered]
UNASKED = [str(Outcome.NOT_ASKED), str(Outcome.BUG)]
_BATCH = 50_000


def read(
    rows: ir.Table, parse: Callable[[Sequence[bytes]], Row], columns: Mapping[str, pa.DataType]
) -> ir.Table:
    """``rows`` that have ``texts``, with columns of what they say; the others fall out."""
    some = rows.filter(rows.texts.length() > 0)
    distinct = some.select("texts").distinct()
    schema = pa.schema(columns)
    sets, parsed = [], []
    for batch in distinct.to_pyarrow().to_batches(max_chunksize=_BATCH):
        made = [parse(list(raw_of(texts))) for texts in batch["texts"].to_pylist()]
        sets.append(batch["texts"])
        parsed.append(pa.Table.from_pylist(made, schema=schema))
    if not sets:
        empty = pa.table({name: pa.array([], kind) for name, kind in columns.items()})
        none = pa.array([], pa.list_(pa.struct([("text", pa.string()), ("raw", pa.binary())])))
        return some.join(ibis.memtable(empty.append_column("texts", none)), "texts")
    table = pa.concat_tables(parsed).append_column("texts", pa.chunked_array(sets))
    return some.join(ibis.memtable(table), "texts")


def union(*tables: ir.Table, distinct: bool = False) -> ir.Table:
    """The rows of tables of equal columns, whether or not these may be null."""
    columns = tables[0].columns
    loose = [table.select(*columns).cast(_nullable(table)) for table in tables]
    return ibis.union(*loose, distinct=distinct)


def _nullable(table: ir.Table) -> dict[str, dt.DataType]:
    return {name: kind.copy(nullable=True) for name, kind in table.schema().items()}


def raw_of(texts: Iterable[Mapping[str, str | bytes | None]]) -> Iterable[bytes]:
    """The bytes of TXT records as tables have them."""
    for each in texts:
        raw, text = each["raw"], each["text"]
        yield raw if isinstance(raw, bytes) else str(text).encode(errors="replace")


def fault_rows(faults: Iterable[Fault]) -> list[Row]:
    """Faults as values of ``FAULTS``."""
    return [{"finding": str(each.finding), "term": each.term} for each in faults]
