"""What a window of runs saw: each domain once, and every look that candidates had.

Runs are read one after the other and only what is needed later is kept, so a window may be long.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.snowshoe import FEATURES
from stages.inference.snowshoe.campaigns import links
from stages.inference.snowshoe.matrix import Bools, Floats, Ints, codes, column, matrix, positions
from stages.inference.snowshoe.tail import Tail, judge

SPF_COUNT = "spf_v4_addresses"
_DROPPED = [name for name in FEATURES if name != SPF_COUNT]


class Window(NamedTuple):
    """A window of runs."""

    domains: pa.Table
    """A row a domain, as the window first had it as a candidate, else as it first had it: the
    columns of `links`, day, beyond (counts beyond their cut-offs; 0 for no candidate), days_seen,
    SPF_COUNT, candidate."""
    sightings: pa.Table
    """A row whenever a candidate looks otherwise than the run before, by day and domain, whatever
    the order of a run's rows: the same columns but the last, and all FEATURES."""

    def first_sightings(self) -> Ints:
        """Rows of ``sightings``: the first of each domain."""
        _, rows = np.unique(codes(self.sightings["domain"]), return_index=True)
        return np.sort(rows).astype(np.int64)


def gather(runs: Iterable[tuple[int, pa.Table]], tail: Tail) -> Window:
    """The window of runs in order of time, each a day and its table of features; at least one."""
    first: list[pa.Table] = []
    sightings: list[pa.Table] = []
    before: pa.Table | None = None
    for day, rows in runs:
        verdict = judge(rows, tail)
        beyond = np.where(verdict.candidate, verdict.beyond.sum(axis=1), 0).astype(np.int64)
        look = _look(day, rows, beyond, ("days_seen", *FEATURES))
        now = look.filter(pa.array(verdict.candidate)).sort_by("domain")
        first.append(_unseen(look.drop_columns(_DROPPED), first))
        sightings.append(now if before is None else now.filter(pa.array(_changed(now, before))))
        before = now
    return _window(pa.concat_tables(first), pa.concat_tables(sightings))


def _look(day: int, rows: pa.Table, beyond: Ints, names: Iterable[str]) -> pa.Table:
    """Links, day, beyond and columns by name; ``rows`` are those of a whole run."""
    found = links(rows)
    found = found.append_column("day", pa.array(np.full(rows.num_rows, day, np.int64)))
    found = found.append_column("beyond", pa.array(beyond))
    for name in names:
        found = found.append_column(name, rows[name])
    return found


def _unseen(rows: pa.Table, earlier: list[pa.Table]) -> pa.Table:
    if not earlier:
        return rows
    seen = pa.chunked_array([chunk for part in earlier for chunk in part["domain"].chunks])
    return rows.filter(pc.invert(pc.is_in(rows["domain"], value_set=seen)))


def _changed(now: pa.Table, before: pa.Table) -> Bools:
    """Rows whose features are not those of the same domain in the run before."""
    at = positions(now["domain"], before["domain"])
    changed = at < 0
    kept = np.flatnonzero(~changed)
    new, old = matrix(now)[kept], matrix(before)[at[kept]]
    changed[kept] = ~((new == old) | (np.isnan(new) & np.isnan(old))).all(axis=1)
    return changed


def _window(domains: pa.Table, sightings: pa.Table) -> Window:
    window = Window(domains, sightings)
    first = sightings.take(pa.array(window.first_sightings())).select(domains.column_names)
    others = domains.filter(pa.array(positions(domains["domain"], first["domain"]) < 0))
    both = pa.concat_tables([first, others], promote_options="default").combine_chunks()
    candidate = np.arange(both.num_rows) < first.num_rows
    return Window(both.append_column("candidate", pa.array(candidate)), sightings)


def earliest(sightings: pa.Table, flagged: Bools, domains: pa.ChunkedArray) -> Floats:
    """The first day that each of ``domains`` has a flagged sighting; NaN if none is."""
    days = np.full(len(domains), np.inf)
    at = positions(sightings["domain"], domains)
    use = flagged & (at >= 0)
    np.minimum.at(days, at[use], column(sightings, "day")[use])
    days[np.isinf(days)] = np.nan
    return days
