"""An import: files of a list as it was on a day become spells of listing in the warehouse."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import ConfigError
from pipeline.infer import backend
from pipeline.listings.store import Import, Shelf, folder
from pipeline.lock import held
from schemas.provenance import file_sha256
from stages.labels.entry import Entry, Form, Reject
from stages.labels.parse import SAMPLE, form_of, parse
from stages.labels.snapshot import Stand, snapshot
from stages.labels.spells import dated, updated
from stages.seeds.entry import SeedError
from stages.seeds.source import text_lines

_EXAMPLES = 5
_SPELLS = ("domain", "itself", "below", "first_import", "first_listed", "last_listed", "exact")


class Taken(NamedTuple):
    """What came of an import."""

    forms: dict[str, Form]
    """Of each file."""
    names: int
    listed: int
    """Domains listed after it, on the day of the last import."""
    spells: int
    """Rows in all."""
    rejected: dict[str, int]
    examples: dict[str, list[Reject]]
    """The first lines rejected for each reason."""


def import_lists(shelf: Shelf, files: Sequence[Path], day: dt.date, form: Form | None) -> Taken:
    """Import files that make up one list on one day; a second time replaces that day's import.

    ConfigError for a file that cannot be read or a list without a single name: an empty download
    is no mass delisting.
    """
    with held(shelf.warehouse, folder(shelf.warehouse), "another import"):
        forms: dict[str, Form] = {}
        rejects: Counter[str] = Counter()
        examples: dict[str, list[Reject]] = {}
        entries = chain.from_iterable(_entries(file, form, forms) for file in files)
        stands = snapshot(_accepted(entries, rejects, examples))
        if not any(stand.itself or stand.below for stand in stands):
            raise ConfigError(
                f"no domain in {', '.join(map(str, files))} "
                f"({_said(rejects) or 'nothing but comments'}): nothing was imported"
            )
        old, imports = shelf.load()
        digests = [[file.name, file_sha256(file)] for file in files]
        this = Import(day.isoformat(), digests, len(stands), dict(sorted(rejects.items())))
        imports = [each for each in imports if each.day != this.day] + [this]
        rows = _spells(old, stands, day, imports, shelf.source)
        shelf.save(rows, imports)
    standing = pc.is_null(rows["absent_after"])
    listed = pc.sum(pc.and_(standing, rows["itself"])).as_py() or 0
    return Taken(forms, len(stands), listed, rows.num_rows, dict(rejects), examples)


def _entries(file: Path, form: Form | None, forms: dict[str, Form]) -> Iterator[Entry | Reject]:
    try:
        lines = text_lines(file)
        first = list(islice(lines, SAMPLE))
        forms[str(file)] = form or form_of(first)
        yield from parse(chain(first, lines), forms[str(file)])
    except SeedError as error:
        raise ConfigError(str(error)) from error


def _accepted(
    entries: Iterable[Entry | Reject], rejects: Counter[str], examples: dict[str, list[Reject]]
) -> Iterator[Entry]:
    for entry in entries:
        if isinstance(entry, Entry):
            yield entry
            continue
        rejects[entry.reason] += 1
        shown = examples.setdefault(entry.reason, [])
        if len(shown) < _EXAMPLES:
            shown.append(entry)


def _spells(
    old: pa.Table, stands: list[Stand], day: dt.date, imports: list[Import], source: str
) -> pa.Table:
    names, itself, below, since = zip(*stands, strict=True)
    said = pa.table(
        {
            "domain": pa.array(names, pa.string()),
            "itself": pa.array(itself, pa.bool_()),
            "below": pa.array(below, pa.bool_()),
            "since": pa.array(since, pa.date32()),
        }
    )
    days = [dt.date.fromisoformat(each.day) for each in imports]
    with backend() as connection:
        nullable = pa.table({name: old[name] for name in _SPELLS})  # as Ibis has all it makes
        known = connection.create_table("known", nullable)
        rows = updated(known, connection.create_table("said", said), day, days)
        result = dated(rows.order_by("domain", "first_import").to_pyarrow(), days)
    return result.append_column("source", pa.array([source] * result.num_rows, pa.string()))


def _said(rejects: Counter[str]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(rejects.items()))
