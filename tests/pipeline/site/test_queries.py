"""Queries of all exhibits bind to the tables as they are, whether a run has rows or not."""

import pytest
import sqlglot

from pipeline.site.census import CHOSEN
from pipeline.site.census import census as opened
from pipeline.site.exhibit import Exhibit
from pipeline.site.sections import PAGES
from pipeline.warehouse import Warehouse
from tests.pipeline.conftest import Census

EXHIBITS = [part for page in PAGES for part in page.parts if isinstance(part, Exhibit)]


def test_every_query_binds(census: Census) -> None:
    with opened(Warehouse.at(str(census.warehouse)).existing(census.run)) as tables:
        for exhibit in EXHIBITS:
            tables.connection.execute(f"EXPLAIN {exhibit.query}")


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.id)
def test_a_query_needs_what_it_reads(exhibit: Exhibit) -> None:
    """No more and no less: a missing table would be found only by who lacks it."""
    tree = sqlglot.parse_one(exhibit.query, dialect="duckdb")
    named = {cte.alias for cte in tree.find_all(sqlglot.exp.CTE)}
    read = {table.name for table in tree.find_all(sqlglot.exp.Table)} - named - {""}
    if CHOSEN in read:
        read.add("spf_trust")  # which that view reads
    assert read == set(exhibit.needs)
