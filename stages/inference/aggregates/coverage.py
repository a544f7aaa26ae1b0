"""In which category how many domains are: what a census could see, and what not."""

import ibis
import ibis.expr.types as ir

from stages.inference.aggregates.cuts import counted, with_share


def coverage(providers: ir.Table, populations: ir.Table) -> ir.Table:
    """The columns of the table ``coverage``."""
    rows = providers.select("domain", "category", weight=ibis.literal(1, "int64"))
    return with_share(counted(rows, populations, ["category"]))
