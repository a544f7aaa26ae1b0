"""Which command fills a table."""

from schemas import CHANGES, CRAWLED, MOVEMENTS
from schemas.table import Table


def command(table: Table) -> str:
    """Its words, without the program's name."""
    if table in CRAWLED:
        return "crawl"
    if table in (CHANGES, MOVEMENTS):
        return "diff"
    return "infer" if table.made_by == "inference" else table.made_by
