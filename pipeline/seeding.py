"""The seeds of a run: folded once and kept with the run, so that a resume needs no list."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from pipeline.errors import ConfigError, DamagedError
from pipeline.footprint import relieve
from pipeline.instruments import Tables
from pipeline.keys import key_hash
from pipeline.record import Record, Source, check_resumable, new_record
from pipeline.settings import Settings
from pipeline.warehouse import Run
from stages.seeds.collect import Tally, collect
from stages.seeds.entry import SeedError
from stages.seeds.read import read
from stages.seeds.source import STDIN, list_name


def begin(
    run: Run, sources: Sequence[str], settings: Settings, tables: Tables, console: Console
) -> None:
    """Begin a run, or see that the one begun is the same; ConfigError if it cannot be."""
    record = Record.load(run)
    described = [_describe(source) for source in sources]
    if record is not None and record.imported:
        raise ConfigError(f"run {run.id!r} is the scan {record.imported}: crawl another run")
    if record is not None:
        check_resumable(record, settings, described, tables.provenance)
        _check_seeds(run, record, sources, settings, console)
        return
    if not sources:
        raise ConfigError(f"run {run.id!r} has not begun: name its seed lists")
    tally, digest = _fold(run, sources, exact=settings.exact)
    new_record(run, settings, described, tally, digest, tables.provenance).save(run)
    rejected = sum(tally.rejected.values())
    text = f"{tally.distinct:,} seeds from {tally.lines:,} lines"
    if rejected:
        text += f"; {rejected:,} lines are no domains, see {run.rejects}"
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _check_seeds(
    run: Run, record: Record, sources: Sequence[str], settings: Settings, console: Console
) -> None:
    """Fold the seeds again if their file is not as it was written; DamagedError if one cannot."""
    there = run.warehouse.exists(run.seeds)
    if there and run.warehouse.digest(run.seeds) == record.seeds_digest:
        return
    if not sources or STDIN in sources:
        raise DamagedError(f"{run.seeds} is damaged: name the files of its seed lists again")
    _, digest = _fold(run, sources, exact=settings.exact)
    replace(record, seeds_digest=digest).save(run)
    text = f"{run.seeds} was damaged: folded again from the same lists"
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _describe(source: str) -> Source:
    if source == STDIN:
        return Source(list_name(source), None)
    try:
        with Path(source).open("rb") as file:
            return Source(list_name(source), hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise ConfigError(f"cannot read seed list {source}: {error.strerror}") from error


def _fold(run: Run, sources: Sequence[str], *, exact: bool) -> tuple[Tally, str]:
    """The seeds put in place: how many there were of what, and the digest of their file."""
    filesystem = run.warehouse.filesystem
    rejects = run.warehouse.temporary(run.rejects)
    with (
        filesystem.open_output_stream(rejects) as stream,
        io.TextIOWrapper(stream, encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text)
        writer.writerow(("list", "line", "reason", "text"))
        try:
            entries = read(sources, exact=exact)
            seeds = collect(entries, key_hash=key_hash, reject=writer.writerow)
        except SeedError as error:
            raise ConfigError(str(error)) from error
    run.warehouse.put(rejects, run.rejects)
    tally, digest = seeds.tally, run.warehouse.write_parquet(run.seeds, seeds.table).digest
    del seeds
    relieve()  # sorting takes more than anything else of a crawl
    return tally, digest
