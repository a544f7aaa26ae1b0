"""The tables keep what was promised of them (docs/compatibility.md)."""

import csv
from pathlib import Path

import pytest

from schemas.columns import COMMAND, columns_csv
from schemas.table import SCHEMA_VERSION
from tests.schemas.promise import Columns, broken, read, version

ROOT = Path(__file__).parents[2]
PROMISED = Path(__file__).with_name("columns.csv")
CHANGELOG = ROOT / "CHANGELOG.md"


def test_nothing_that_was_promised_changes_in_silence() -> None:
    then, now = _promised(), read(columns_csv().splitlines())
    lost = list(broken(then, now))
    assert not lost or version(then) < SCHEMA_VERSION, "\n  ".join(
        [
            "what readers of the tables rely on has changed:",
            *lost,
            "Add a column instead; or raise SCHEMA_VERSION in schemas/table.py by one, say under",
            '"schema version N" in CHANGELOG.md what readers are to do, and run:',
            COMMAND,
        ]
    )


def test_the_promised_list_is_current() -> None:
    assert PROMISED.read_text(encoding="utf-8") == columns_csv(), (
        f"tables have columns that {PROMISED.name} does not have yet; run: {COMMAND}"
    )


def test_each_version_of_the_schema_has_its_line_in_the_changelog() -> None:
    text = CHANGELOG.read_text(encoding="utf-8").lower()
    for number in range(1, SCHEMA_VERSION + 1):
        assert f"schema version {number}" in text, f"no word of schema version {number}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"column": "domain_name"}, "domains.domain is gone (removed or renamed)"),
        ({"table": "seeds"}, "domains.domain is gone (removed or renamed)"),
        ({"type": "binary"}, "domains.domain: type was string, is binary"),
        ({"null": "null"}, "domains.domain: null was none, is null"),
        ({"key": ""}, "domains.domain: key was 1, is none"),
    ],
)
def test_a_break_is_noticed(change: dict[str, str], said: str) -> None:
    then = _promised()
    assert list(broken(then, _changed(("domains", "domain"), change))) == [said]


def test_a_word_that_is_never_said_any_more_is_a_break_and_a_new_one_is_none() -> None:
    then, key = _promised(), ("domains", "mail")
    words = then[key]["words"].replace("nxdomain", "no_such_domain")
    assert list(broken(then, _changed(key, {"words": words}))) == [
        "domains.mail: never says 'nxdomain' any more"
    ]
    assert not list(broken(then, _changed(key, {"words": then[key]["words"] + " more"})))


def test_a_new_column_is_no_break() -> None:
    then, now = _promised(), _promised()
    now["domains", "more"] = {**now["domains", "domain"], "column": "more"}
    assert not list(broken(then, now))


def test_a_line_has_the_cells_of_the_head() -> None:
    assert len({len(row) for row in csv.reader(columns_csv().splitlines())}) == 1


def _promised() -> Columns:
    return read(PROMISED.read_text(encoding="utf-8").splitlines())


def _changed(key: tuple[str, str], change: dict[str, str]) -> Columns:
    """The promised columns, one of them otherwise."""
    columns = _promised()
    row = {**columns.pop(key), **change}
    columns[row["table"], row["column"]] = row
    return columns
