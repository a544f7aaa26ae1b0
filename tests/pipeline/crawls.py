"""A crawl of a few lines: its settings and seeds written, its command, its rows read back."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

RUN = "night"


class Crawl(NamedTuple):
    """A folder with all that a crawl needs; the warehouse may lie elsewhere."""

    folder: Path
    warehouse: Path

    @property
    def words(self) -> tuple[object, ...]:
        """The command's words."""
        return (
            "crawl", self.folder / "seeds.txt", "--exact", "--warehouse", self.warehouse,
            "--run", RUN, "--config", self.folder / "mailcensus.toml",
        )  # fmt: skip

    @property
    def bookkeeping(self) -> Path:
        """Where the run's journal and status lie."""
        return self.warehouse / "_runs" / RUN

    def select(self, columns: str, table: str) -> list[tuple[Any, ...]]:
        """Some columns of all rows of a table, sorted."""
        parts = self.warehouse / table / f"run={RUN}" / "*.parquet"
        if not list(parts.parent.glob("*.parquet")):
            return []
        return duckdb.sql(f"SELECT {columns} FROM '{parts}' ORDER BY ALL").fetchall()


def crawl_in(folder: Path, seeds: list[str], **settings: object) -> Crawl:
    """A crawl of these seeds on loopback, without SMTP and PTR unless the settings say so."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seeds.txt").write_text("".join(f"{seed}\n" for seed in seeds))
    clouds = folder / "clouds.csv"  # a small one: reading the real one takes two seconds
    clouds.write_text("prefix,provider,region,service\n192.0.2.0/24,aws,,\n")
    values = {
        "scope": "loopback", "smtp": False, "ptr": False, "commit_seconds": 0.5,
        "cloud_table": str(clouds), **settings,
    }  # fmt: skip
    # JSON's strings, numbers and lists are TOML's too.
    lines = (f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    (folder / "mailcensus.toml").write_text("".join(lines))
    return Crawl(folder, folder / "warehouse")
