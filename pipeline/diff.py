"""`diff`: what differs between two inferred runs, as tables of the later one."""

from collections.abc import Iterator

import ibis
import pyarrow as pa
from rich.console import Console
from rich.table import Table as Grid

from pipeline.errors import ConfigError, DamagedError
from pipeline.explain.wording import faint
from pipeline.forecast import Times
from pipeline.infer import backend
from pipeline.journal import Journal
from pipeline.record import Record
from pipeline.steps import Steps
from pipeline.terminal import clean
from pipeline.warehouse import Run
from schemas import CHANGES, CRAWLED, MOVEMENTS, MX_PROVIDERS, PROVIDERS, TABLES
from schemas.changes import Change, Kind
from stages.inference.changes.changes import NEEDED, changes, left_out, movements
from stages.inference.changes.sides import Census, Runs

_TOP = 15
_BATCH = 100_000


def diff_runs(old: Run, new: Run, console: Console, progress: Console) -> None:
    """Write ``changes`` and ``movements`` of the new run and show the most frequent ones.

    Each pair of runs has a part of its own. ConfigError if a run has not been inferred, or if both
    are the same.
    """
    with backend() as connection:
        census = [_census(connection, run, console) for run in (old, new)]
        if old.id == new.id:
            raise ConfigError(
                f"{old.id!r} is compared with itself: name an earlier run and a later"
            )
        if _later(old, new):
            console.print(f"{old.id} is later than {new.id}: OLD comes first", style="yellow")
        runs = Runs(old.id, *census)
        path = f"{new.table(CHANGES)}/part-{old.id}.parquet"
        size = runs.now[PROVIDERS.name].count().to_pyarrow().as_py()
        with Steps(progress, Times.load(new.warehouse, "diff", size)) as steps:
            new.warehouse.write_batches(path, CHANGES.schema, _batches(runs, steps))
            steps.begin("movements")
            found = connection.read_parquet(path)
            went = movements(found).to_pyarrow().cast(MOVEMENTS.schema)
            new.warehouse.write_parquet(f"{new.table(MOVEMENTS)}/part-{old.id}.parquet", went)
        _show(_counts(found), went.to_pylist(), console)
    for line in left_out(runs):
        console.print(faint(line), soft_wrap=True)
    console.print(faint(f"domain by domain in {path}"), soft_wrap=True)


def _later(old: Run, new: Run) -> bool:
    """Whether the runs seem to be the wrong way round; who imports old files may mean it."""
    then, now = Record.load(old), Record.load(new)
    return then is not None and now is not None and then.day > now.day


def _counts(found: ibis.Table) -> list[dict[str, object]]:
    """Domains and doubtful ones by kind and change."""
    counts = found.group_by("kind", "change").agg(
        domains=found.domain.nunique(), doubtful=found.domain.nunique(where=found.doubt.notnull())
    )
    rows: list[dict[str, object]] = counts.to_pyarrow().to_pylist()
    return rows


def _census(connection: ibis.BaseBackend, run: Run, console: Console) -> Census:
    """The tables of a run that are of use here, as far as it has them."""
    inferred = {name: run.inferred(TABLES[name]) for name in NEEDED}
    parts = {name: [path] for name, path in inferred.items() if run.warehouse.exists(path)}
    if not {PROVIDERS.name, MX_PROVIDERS.name} <= parts.keys():
        raise ConfigError(f"run {run.id!r} has not been inferred: mailcensus infer first")
    try:
        journal = Journal.load(run)
        crawled = [table for table in CRAWLED if table.name in NEEDED]
        parts |= {table.name: list(journal.parts(table)) for table in crawled}
    except DamagedError as error:  # crawled tables of old runs may have been cleared away
        console.print(faint(str(error)), soft_wrap=True)
    return {name: connection.read_parquet(paths) for name, paths in parts.items() if paths}


def _batches(runs: Runs, steps: Steps) -> Iterator[pa.RecordBatch]:
    for title, rows in changes(runs):
        steps.begin(title)
        for batch in rows.to_pyarrow_batches(chunk_size=_BATCH):
            yield from pa.Table.from_batches([batch]).cast(CHANGES.schema).to_batches()


def _show(counts: list[dict[str, object]], went: list[dict[str, object]], console: Console) -> None:
    places = {str(word): place for place, word in enumerate([*Kind, *Change])}
    counts.sort(key=lambda row: (places[str(row["kind"])], places[str(row["change"])]))
    grid = _grid("kind", "change", "domains", "doubtful")
    for row in counts:
        grid.add_row(str(row["kind"]), str(row["change"]), *_numbers(row))
    console.print(grid if counts else "nothing differs")
    went.sort(key=lambda row: (-int(str(row["domains"])), str(row["provider_then"])))
    grid = _grid("from", "to", "domains", "doubtful")
    for row in went[:_TOP]:
        sides = (clean(str(row[f"provider_{side}"])) for side in ("then", "now"))
        grid.add_row(*sides, *_numbers(row))
    console.print(grid)


def _grid(*columns: str) -> Grid:
    grid = Grid(box=None, header_style="dim")
    for column in columns:
        grid.add_column(column, justify="right" if column in ("domains", "doubtful") else "left")
    return grid


def _numbers(row: dict[str, object]) -> tuple[str, str]:
    return f"{row['domains']:,}", f"{row['doubtful']:,}"
