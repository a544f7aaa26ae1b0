"""The tables of addresses that a run looked things up in, opened again for inference.

Networks that SPF names are no addresses that the crawl met, so inference looks them up itself, in
the very files that the run used: their digests are in run.json.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from pipeline.record import Record
from pipeline.settings import Settings
from schemas.provenance import TableError
from stages.enrich.atlas import Atlas
from stages.enrich.cloud import CloudTable
from stages.enrich.tables import AsnTable, OwnerTable

T = TypeVar("T", AsnTable, OwnerTable, CloudTable)

_PACKAGE = "package"


def run_atlas(record: Record, elsewhere: Mapping[str, Path | None], console: Console) -> Atlas:
    """The atlas of a run; ``elsewhere`` says where a file is now, by name (asn, owner, cloud).

    A file that is gone, or is not the one the run used, is told of and left out.
    """
    tables = {str(table["name"]): table for table in record.tables}

    def opened(name: str, what: str, opener: Callable[[Path | None], T]) -> T | None:
        used = tables.get(name)
        if used is None:
            return None
        path = None if used["dated_by"] == _PACKAGE else Path(str(used["source"]))
        try:
            return _same(opener(elsewhere.get(name) or path), str(used["sha256"]))
        except TableError as error:
            console.print(f"SPF without {what}: {error}", highlight=False, markup=False)
            return None

    return Atlas.of(
        opened("asn", "AS numbers", lambda path: AsnTable.open(path or Path())),
        opened("owner", "AS names and countries", lambda path: OwnerTable.open(path or Path())),
        opened("cloud", "clouds", CloudTable.open),
    )


def _same(table: T, sha256: str) -> T:
    if table.provenance.sha256 != sha256:
        raise TableError(f"{table.provenance.source} is not the file that the run used")
    return table


def set_files(settings: Settings) -> dict[str, Path | None]:
    """Where settings say that the files are now."""
    return {
        "asn": settings.asn_table,
        "owner": settings.owner_table,
        "cloud": settings.cloud_table,
    }
