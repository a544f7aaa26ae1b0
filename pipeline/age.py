"""Runs that an earlier version crawled: what they lack of the tables as they are now."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ConfigError
from pipeline.journal import Journal
from schemas import CRAWLED
from schemas.table import Table


def check_age(journal: Journal) -> None:
    """ConfigError if the crawled rows of a run lack columns: they came later than the run.

    One part of each table speaks for the others: what resumes a run has the same columns.
    """
    for table in CRAWLED:
        lacking = sorted(_lacking(journal, table))
        if lacking:
            others = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
            raise ConfigError(
                f"run {journal.run.id!r} was crawled by an earlier version: its table {table.name} "
                f"lacks {lacking[0]}{others}; crawl anew, or use the version that crawled it"
            )


def _lacking(journal: Journal, table: Table) -> Iterator[str]:
    for path in journal.parts(table)[:1]:
        filesystem = journal.run.warehouse.filesystem
        found = pq.read_schema(path, filesystem=filesystem)
        yield from missing(pa.struct(list(found)), pa.struct(list(table.schema)))


def missing(found: pa.DataType, wanted: pa.DataType, within: str = "") -> Iterator[str]:
    """Dotted names of the fields that one type has and the other, at the same place, lacks."""
    if pa.types.is_list(wanted):
        yield from missing(found.value_type, wanted.value_type, within)
    elif pa.types.is_struct(wanted):
        there = {field.name: field.type for field in found}
        for field in wanted:
            name = f"{within}.{field.name}" if within else field.name
            if field.name in there:
                yield from missing(there[field.name], field.type, name)
            else:
                yield name
