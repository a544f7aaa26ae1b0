"""The row that stands for a failure of our own."""

import io
import time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas import CRAWLED, HOSTS, SMTP, SPF
from schemas.bug import bug_row
from schemas.outcomes import HostStatus, Outcome, ProbeOutcome, ProbeStep, StartTls
from schemas.table import Table


def _key(table: Table) -> dict[str, object]:
    return {column: 25 if column == "port" else "the key" for column in table.key}


@pytest.mark.parametrize("table", CRAWLED, ids=lambda table: table.name)
def test_every_table_has_a_blank_row_that_can_be_stored(table: Table) -> None:
    row = bug_row(table, _key(table))
    file = io.BytesIO()
    pq.write_table(pa.Table.from_batches([table.batch([row])]), file)
    (read,) = pq.read_table(file).to_pylist()
    assert {column: read[column] for column in table.key} == _key(table)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (bug_row(HOSTS, {"host": "h"}), {"status": HostStatus.BUG, "a": (), "cname_chain": ()}),
        (bug_row(SPF, {"name": "n"}), {"record": None, "terms": (), "includes": ()}),
        (
            bug_row(SMTP, {"address": "192.0.2.1", "port": 25}),
            {
                "outcome": ProbeOutcome.BUG,
                "step": ProbeStep.NONE,
                "starttls": StartTls.NOT_TRIED,
                "chain": (),
                "banner_raw": None,
            },
        ),
    ],
)
def test_it_claims_nothing_but_the_bug(row: tuple[Any, ...], expected: dict[str, object]) -> None:
    assert {name: getattr(row, name) for name in expected} == expected


def test_its_questions_ended_in_a_bug_too_and_now() -> None:
    before = time.time_ns() // 1000
    row: Any = bug_row(HOSTS, {"host": "h"})
    assert row.a_query.outcome is Outcome.BUG
    assert row.a_query.attempts == 0
    assert before <= row.asked <= time.time_ns() // 1000
