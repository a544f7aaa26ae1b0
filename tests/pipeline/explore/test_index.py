"""Rows by their place are the rows that a look through the whole table finds."""

import pytest

from pipeline.explore.catalogue import Catalogue
from pipeline.rows import Rows
from schemas import DOMAINS, HOSTS, MX_PROVIDERS, SPF
from schemas.domains import Domain
from schemas.hosts import Host
from schemas.mx_providers import MxProvider
from schemas.spf import Spf
from schemas.table import Table


@pytest.mark.parametrize(
    ("table", "record"),
    [(DOMAINS, Domain), (HOSTS, Host), (SPF, Spf), (MX_PROVIDERS, MxProvider)],
)
def test_the_same_rows(opened: Catalogue, table: Table, record: type[tuple[object, ...]]) -> None:
    key = table.key[0]
    query = f"SELECT DISTINCT {key} FROM {table.name} ORDER BY 1 LIMIT 40"
    keys = [*(name for (name,) in opened.ask(query, [])), "absent.example", "'"]
    whole = Rows(opened.run)
    with opened.rows() as rows:
        found = rows.rows(table, record, key, keys)
    assert len(found) >= 40
    assert sorted(map(repr, found)) == sorted(map(repr, whole.rows(table, record, key, keys)))
    whole.close()
