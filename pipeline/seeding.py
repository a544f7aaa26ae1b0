"""The seeds of a run: folded once and kept with the run, so that a resume needs no list."""

import csv
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console

from pipeline.errors import ConfigError
from pipeline.instruments import Tables
from pipeline.keys import key_hash
from pipeline.record import Record, Source, check_resumable, new_record
from pipeline.settings import Settings
from pipeline.warehouse import Run
from stages.seeds.collect import Seeds, collect
from stages.seeds.entry import SeedError
from stages.seeds.read import read
from stages.seeds.source import STDIN, list_name


def begin(
    run: Run, sources: Sequence[str], settings: Settings, tables: Tables, console: Console
) -> None:
    """Begin a run, or see that the one begun is the same; ConfigError if it cannot be."""
    record = Record.load(run)
    described = [_describe(source) for source in sources]
    if record is not None:
        check_resumable(record, settings, described, tables.provenance)
        return
    if not sources:
        raise ConfigError(f"run {run.id!r} has not begun: name its seed lists")
    seeds = _fold(run, sources, exact=settings.exact)
    new_record(run, settings, described, seeds.tally, tables.provenance).save(run)
    rejected = sum(seeds.tally.rejected.values())
    text = f"{seeds.tally.distinct:,} seeds from {seeds.tally.lines:,} lines"
    if rejected:
        text += f"; {rejected:,} lines are no domains, see {run.rejects}"
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _describe(source: str) -> Source:
    if source == STDIN:
        return Source(list_name(source), None)
    try:
        with Path(source).open("rb") as file:
            return Source(list_name(source), hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise ConfigError(f"cannot read seed list {source}: {error.strerror}") from error


def _fold(run: Run, sources: Sequence[str], *, exact: bool) -> Seeds:
    filesystem = run.warehouse.filesystem
    rejects, table = run.warehouse.temporary(run.rejects), run.warehouse.temporary(run.seeds)
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
    pq.write_table(seeds.table, table, filesystem=filesystem, compression="zstd")
    run.warehouse.put(rejects, run.rejects)
    run.warehouse.put(table, run.seeds)
    return seeds
