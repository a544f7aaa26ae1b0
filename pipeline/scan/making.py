"""A run that is made of files of others, whole or not at all.

The run exists from the moment run.json does, which is written last; what a broken import has left
is removed by the next one, and by this one where it fails.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pyarrow import fs

from pipeline.errors import ConfigError
from pipeline.journal import Commit, Journal, Part
from pipeline.record import SCAN, Source, new_record
from pipeline.settings import Settings
from pipeline.warehouse import Run
from schemas import CRAWLED, DOMAINS, TABLES
from schemas.provenance import Provenance, file_date, file_sha256
from stages.seeds.collect import SCHEMA as SEEDS
from stages.seeds.collect import Tally
from stages.seeds.source import list_name


@contextmanager
def making(run: Run) -> Iterator[None]:
    """The run's place, for as long as the block lasts; ConfigError if something is there."""
    if not isinstance(run.warehouse.filesystem, fs.LocalFileSystem):
        raise ConfigError("a scan is imported into a warehouse on a local disk")
    if not _is_free(run):
        raise ConfigError(f"run {run.id!r} is there already: import the scan as another")
    _remove(run)
    _marker(run).touch()
    try:
        yield
    except BaseException:
        _remove(run)
        raise
    _marker(run).unlink()


def spill(run: Run) -> str:
    """A folder for what is too large for memory meanwhile."""
    return f"{run.folder}/spill"


def lines_file(run: Run) -> str:
    """A file for what is read meanwhile."""
    return f"{run.folder}/lines.parquet"


def complete(
    run: Run, settings: Settings, files: Sequence[Path], parts: Sequence[Part], lines: int
) -> Journal:
    """Commit the parts and write run.json: the run is there."""
    digest = _write_seeds(run, parts)
    Path(lines_file(run)).unlink(missing_ok=True)
    shutil.rmtree(spill(run), ignore_errors=True)
    journal = Journal(run, ())
    journal.write(Commit(0, 1, tuple(parts), {}))
    provenance = [
        Provenance(SCAN, str(path), file_date(path), "file system", file_sha256(path))
        for path in files
    ]
    sources = [
        Source(list_name(str(path)), each.sha256)
        for path, each in zip(files, provenance, strict=True)
    ]
    tally = Tally(lines, lines, journal.rows(DOMAINS), {})
    new_record(run, settings, sources, tally, digest, provenance).save(run)
    return journal


def _write_seeds(run: Run, parts: Iterable[Part]) -> str:
    """The seeds put in place; the digest of their file."""
    files = (f"{run.table(DOMAINS)}/{part.file}" for part in parts if part.table == DOMAINS.name)
    batches = (batch for file in files for batch in run.read(file, SEEDS.names))
    seeds = (batch.cast(SEEDS) for batch in batches)
    return run.warehouse.write_batches(run.seeds, SEEDS, seeds).digest


def _marker(run: Run) -> Path:
    """What says that an import has begun and not ended."""
    return Path(run.folder) / "importing"


def _is_free(run: Run) -> bool:
    """Whether nothing lies under that run but what a broken import has left."""
    if run.warehouse.exists(run.record):
        return False
    folders = (*(run.table(table) for table in TABLES.values()), run.journal)
    return _marker(run).exists() or not any(run.warehouse.files(folder) for folder in folders)


def _remove(run: Run) -> None:
    """Take away what an import has written; the marker last."""
    for folder in (*(run.table(table) for table in CRAWLED), run.journal, spill(run)):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (run.record, run.seeds, lines_file(run), str(_marker(run))):
        Path(path).unlink(missing_ok=True)
