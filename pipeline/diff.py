"""`diff`: what differs between two inferred runs, as tables of the later one."""

import ibis
from rich.console import Console
from rich.table import Table as Grid

from pipeline.errors import ConfigError
from pipeline.explain.wording import faint
from pipeline.infer import backend
from pipeline.terminal import clean
from pipeline.warehouse import Run
from schemas import CHANGES, MOVEMENTS, MX_PROVIDERS, PROVIDERS
from schemas.changes import Change
from schemas.table import Table
from stages.inference.changes.changes import changes, movements, side

_TOP = 15


def diff_runs(old: Run, new: Run, console: Console) -> None:
    """Write ``changes`` and ``movements`` of the new run and show the most frequent ones.

    Each pair of runs has a part of its own. ConfigError if a run has not been inferred.
    """
    with backend() as connection:
        found = changes(_side(connection, old), _side(connection, new), old.id).cache()
        went = movements(found).cache()
        for table, rows in ((CHANGES, found), (MOVEMENTS, went)):
            path = f"{new.table(table)}/part-{old.id}.parquet"
            new.warehouse.write_parquet(path, rows.to_pyarrow().cast(table.schema))
        counts = found.group_by("change").agg(domains=found.count(), doubtful=found.doubt.count())
        _show(counts.to_pyarrow().to_pylist(), went.to_pyarrow().to_pylist(), console)
    where = f"{new.warehouse.root}/changes/run={new.id}/part-{old.id}.parquet"
    console.print(faint(f"domain by domain in {where}"), soft_wrap=True)


def _side(connection: ibis.BaseBackend, run: Run) -> ibis.Table:
    return side(*(_read(connection, run, table) for table in (PROVIDERS, MX_PROVIDERS)))


def _read(connection: ibis.BaseBackend, run: Run, table: Table) -> ibis.Table:
    path = run.inferred(table)
    if not run.warehouse.exists(path):
        raise ConfigError(f"run {run.id!r} has not been inferred: mailcensus infer first")
    return connection.read_parquet(path)


def _show(counts: list[dict[str, object]], went: list[dict[str, object]], console: Console) -> None:
    by_change = {str(row["change"]): row for row in counts}
    grid = Grid(box=None, header_style="dim")
    for column in ("change", "domains", "doubtful", "meaning"):
        grid.add_column(column, justify="right" if column in ("domains", "doubtful") else "left")
    for change in Change:
        row = by_change.get(change, {"domains": 0, "doubtful": 0})
        grid.add_row(change, f"{row['domains']:,}", f"{row['doubtful']:,}", change.meaning)
    console.print(grid)
    went.sort(key=lambda row: (-int(str(row["domains"])), str(row["provider_then"])))
    grid = Grid(box=None, header_style="dim")
    for column in ("from", "to", "domains", "doubtful"):
        grid.add_column(column, justify="right" if column in ("domains", "doubtful") else "left")
    for row in went[:_TOP]:
        grid.add_row(
            clean(str(row["provider_then"])),
            clean(str(row["provider_now"])),
            f"{row['domains']:,}",
            f"{row['doubtful']:,}",
        )
    console.print(grid)
