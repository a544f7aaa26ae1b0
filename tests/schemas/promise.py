"""What a later list of columns takes away from those who rely on an earlier one."""

import csv
from collections.abc import Iterable, Iterator

Row = dict[str, str]
Columns = dict[tuple[str, str], Row]


def read(lines: Iterable[str]) -> Columns:
    """A list of columns as `mailcensus schema --columns` prints it, by table and column."""
    return {(row["table"], row["column"]): row for row in csv.DictReader(lines)}


def version(columns: Columns) -> int:
    """The schema version that the list was made at."""
    (found,) = {row["schema_version"] for row in columns.values()}
    return int(found)


def broken(then: Columns, now: Columns) -> Iterator[str]:
    """A line for each promise that does not hold any more."""
    for (table, column), row in then.items():
        name = f"{table}.{column}"
        if (table, column) not in now:
            yield f"{name} is gone (removed or renamed)"
            continue
        later = now[table, column]
        for what in ("type", "key", "null"):
            if row[what] != later[what]:
                yield f"{name}: {what} was {row[what] or 'none'}, is {later[what] or 'none'}"
        if row["words"]:
            lost = set(row["words"].split()) - set(later["words"].split())
            yield from (f"{name}: never says {word!r} any more" for word in sorted(lost))
