"""What a resume does about damage: whatever is not as it was written is asked again.

Every byte of every part is read once, at the beginning of a command, and compared by digest. An
entry that is amiss, or one of whose parts is, goes to `_runs/<run>/damaged/`: what it named does
not exist any more, and the frontier finds what is missing. So do entries with servers whose
certificates were lost with it, for only another visit brings those.
"""

import logging

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import DamagedError
from pipeline.journal import GONE, Commit, Journal
from pipeline.warehouse import Run
from schemas import CERTIFICATES, CRAWLED, SMTP
from schemas.table import Table

_LOG = logging.getLogger(__name__)


def mend(run: Run) -> tuple[Journal, list[str]]:
    """The journal without what is damaged, and a line for people on each thing that was.

    DamagedError if nothing at all is left: a disk that is not there must not begin a run anew.
    """
    journal, damages = Journal.inspect(run, deep=True)
    if not damages:
        return journal, []
    if all(damage.reason == GONE for damage in damages) and _nothing_left(journal):
        raise DamagedError(
            f"every part of run {run.id!r} is gone: is the disk there? "
            f"If they are gone for good, remove {run.journal}"
        )
    amiss = {damage.entry.rpartition("/")[2] for damage in damages}
    sound = [commit for commit in journal.commits if commit.file not in amiss]
    resting: list[Commit] = []
    while lost := _without_certificates(run, sound):
        resting += lost
        sound = [commit for commit in sound if commit not in lost]
    # What is damaged goes last: if we are killed before, it is found again.
    for name in [*(commit.file for commit in resting), *sorted(amiss)]:
        run.warehouse.move(f"{run.journal}/{name}", f"{run.folder}/damaged")
    lines = [
        f"{what} is damaged ({reason}): its rows are asked again" for _, what, reason in damages
    ]
    if resting:
        lines.append(
            f"{len(resting):,} more journal entries had servers whose certificates were lost"
        )
    for line in lines:
        _LOG.warning("%s", line)
    return Journal(run, sound), lines


def _nothing_left(journal: Journal) -> bool:
    parts = (path for table in CRAWLED for path in journal.parts(table))
    return not any(journal.run.warehouse.exists(path) for path in parts)


def _without_certificates(run: Run, commits: list[Commit]) -> list[Commit]:
    """Those with a server that showed a certificate of which there is no row."""
    known = pa.chunked_array(
        [*(_column(run, commits, CERTIFICATES, "sha256"))], type=pa.string()
    ).combine_chunks()
    return [
        commit
        for commit in commits
        if any(
            pc.any(pc.invert(pc.is_in(pc.list_flatten(chains), value_set=known))).as_py()
            for chains in _column(run, [commit], SMTP, "chain")
        )
    ]


def _column(run: Run, commits: list[Commit], table: Table, column: str) -> list[pa.Array]:
    parts = Journal(run, commits).parts(table)
    return [batch.column(0) for part in parts for batch in run.read(part, [column])]
