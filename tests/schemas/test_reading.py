"""Rows come back as the records they were."""

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import DOMAINS, TABLES
from schemas.bug import bug_row
from schemas.domains import Domain
from schemas.outcomes import Mail
from schemas.reading import records
from schemas.table import Table
from tests.schemas.rows import full_rows, rows


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@given(data=st.data())
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
def test_reading_undoes_writing(table: Table, data: st.DataObject) -> None:
    written = [data.draw(rows(table)), data.draw(full_rows(table))]
    columns = pa.Table.from_batches([table.batch(written)])
    assert records(table.record, columns) == written


def test_words_are_members_again() -> None:
    columns = pa.Table.from_batches([DOMAINS.batch([bug_row(DOMAINS, {"domain": "d"})])])
    (row,) = records(Domain, columns)
    assert row.mail is Mail.BUG
