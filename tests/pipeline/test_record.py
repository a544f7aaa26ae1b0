"""run.json."""

import dataclasses
import datetime as dt

from pipeline.record import Record
from pipeline.warehouse import Warehouse
from tests.pipeline.conftest import Census


def test_the_day_of_a_run_is_its_id_or_when_it_began(census: Census) -> None:
    record = Record.load(Warehouse.at(str(census.warehouse)).existing(census.run))
    assert record is not None
    began = dt.datetime(2026, 3, 4, 23, 59, tzinfo=dt.UTC).timestamp()
    days = {
        name: dataclasses.replace(record, run=name, began=began).day
        for name in ("2026-02-28", "2026-02-30", "night-1")
    }
    assert days == {
        "2026-02-28": dt.date(2026, 2, 28),
        "2026-02-30": dt.date(2026, 3, 4),
        "night-1": dt.date(2026, 3, 4),
    }
