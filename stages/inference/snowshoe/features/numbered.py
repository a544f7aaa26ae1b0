"""Between tables whose rows are numbered and arrays whose place is that number."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.inference.trust.sets import Bools, Ints


def integers(column: pa.ChunkedArray | pa.Array) -> Ints:
    """A column without nulls."""
    return np.asarray(column.to_numpy(), np.int64)


def codes(column: pa.ChunkedArray | pa.Array) -> Ints:
    """A number below 2**31 for each different value of a column; -1 for null."""
    one = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return integers(pc.fill_null(one.dictionary_encode().indices, -1))


def beside(rows: pa.Table, number: str, arrays: Mapping[str, Ints | Bools]) -> ir.Table:
    """The rows, each with the values that stand at its number."""
    places = integers(rows[number])
    for name, values in arrays.items():
        rows = rows.append_column(name, pa.array(values[places]))
    return ibis.memtable(rows)
