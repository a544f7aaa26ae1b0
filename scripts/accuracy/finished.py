"""A finished run over a world whose truth is known, as tables of DuckDB."""

from pathlib import Path
from typing import NamedTuple


class Finished(NamedTuple):
    """Where a crawled and inferred world lies."""

    warehouse: Path
    run: str
    truth: Path
    """truth.parquet."""

    def table(self, name: str) -> str:
        """The pattern of the files of an inferred table."""
        return f"{self.warehouse}/{name}/run={self.run}/*.parquet"
