"""Look-up tables: missing, unusable, old."""

import datetime as dt
from pathlib import Path

import pytest

from pipeline.doctor.check import State
from pipeline.doctor.tables import aged, tables
from pipeline.settings import Settings
from schemas.provenance import Provenance

TODAY = dt.date(2026, 11, 21)


def states(**given: object) -> dict[str, State]:
    """How each table comes out."""
    checks = tables(Settings.model_validate(given), TODAY)
    return {check.name: check.state for check in checks}


def test_tables_that_are_not_set_are_missed_those_that_come_along_are_not() -> None:
    found = states()
    assert found["table asn"] is found["table owner"] is State.WARN
    assert "table cloud" in found
    assert "table roots" in found
    assert found["companies"] is State.OK


def test_a_table_that_opens(tmp_path: Path) -> None:
    path = tmp_path / "asn.dat"
    path.write_text("; Converted on: Sat Nov 14 10:00:00 2026\n192.0.2.0/24\t64500\n")
    assert states(asn_table=path)["table asn"] is State.OK


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("asn_table", "table asn"),
        ("owner_table", "table owner"),
        ("cloud_table", "table cloud"),
        ("roots", "table trust"),
        ("companies", "companies"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, setting: str, name: str) -> None:
    for path in (tmp_path / "missing", tmp_path / "garbage"):
        (tmp_path / "garbage").write_bytes(b"\x00garbage\xff" * 40)
        checks = tables(Settings.model_validate({setting: str(path)}), TODAY)
        check = next(check for check in checks if check.name == name)
        assert check.state is State.FAIL
        assert path.name in check.found
        assert "\n" not in check.found


@pytest.mark.parametrize(
    ("name", "date", "state"),
    [
        ("asn", "2026-11-21", State.OK),
        ("asn", "2026-10-07", State.OK),
        ("asn", "2026-10-06", State.WARN),
        ("roots", "2026-10-06", State.OK),
        ("roots", "2025-10-06", State.WARN),
        ("owner", "2026-11-22", State.WARN),
    ],
)
def test_age(name: str, date: str, state: State) -> None:
    check = aged(Provenance(name, "/a/file", date, "header", "0" * 64), TODAY)
    assert check.state is state
    assert f"/a/file, of {date} (by header)" in check.found
    assert bool(check.advice) is (state is not State.OK)
