"""The snowshoe features of a run: its own tables, first-seen days, and the run before it."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from pipeline.record import Record
from pipeline.seen import first_seen, note
from pipeline.warehouse import Run
from schemas import DOMAINS, SNOWSHOE, SPF_TRUST
from stages.inference.snowshoe.features.features import snowshoe


def features(
    run: Run, record: Record, connection: ibis.BaseBackend, census: Mapping[str, ir.Table]
) -> ir.Table:
    """The table ``snowshoe``; notes the run's domains as seen. Its spf_trust is in place."""
    warehouse = run.warehouse
    note(warehouse, connection, census[DOMAINS.name], record.day)
    before = run_before(run, record)
    return snowshoe(
        census,
        connection.read_parquet(run.inferred(SPF_TRUST)),
        first_seen(warehouse, connection),
        connection.read_parquet(before.inferred(SNOWSHOE)) if before else None,
        record.day,
    )


def run_before(run: Run, record: Record) -> Run | None:
    """The latest run with features that is earlier: by its day, then by when it began."""
    known = [
        (found.day, found.began, each.id, each)
        for each in run.warehouse.runs()
        if each.id != run.id
        and run.warehouse.exists(each.inferred(SNOWSHOE))
        and (found := Record.load(each)) is not None
    ]
    earlier = [found for found in known if found[:3] < (record.day, record.began, run.id)]
    return max(earlier)[3] if earlier else None
