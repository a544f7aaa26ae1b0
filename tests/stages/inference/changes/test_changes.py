"""What counts as a change, what casts doubt on it, and where domains went."""

from typing import Any

import ibis
import pyarrow as pa
import pytest

from schemas.changes import CHANGES, MOVEMENTS
from stages.inference.changes.changes import changes, movements

GOOGLE: dict[str, Any] = {
    "category": "by_tls", "operator_id": "google.com", "operator_company": "Google",
    "source": "tls", "mailbox_company": "Google", "exchanges": ["mx.google.com"],
    "mailbox": "operator",
}  # fmt: skip
OTHER = GOOGLE | {
    "operator_id": "other.net", "operator_company": None, "mailbox_company": None,
    "exchanges": ["mx.other.net"],
}  # fmt: skip
GATE = GOOGLE | {
    "operator_id": "gate.com", "operator_company": "Gate", "mailbox_company": "Google",
    "exchanges": ["in.gate.com"], "mailbox": "behind",
}  # fmt: skip
NONE: dict[str, Any] = {
    "category": "no_mx", "operator_id": None, "operator_company": None, "source": None,
    "mailbox_company": None, "exchanges": [], "mailbox": None,
}  # fmt: skip
SILENT = NONE | {"category": "no_smtp"}

_TYPES = pa.schema(
    [("domain", pa.string())]
    + [(name, pa.string()) for name in GOOGLE if name != "exchanges"]
    + [("exchanges", pa.list_(pa.string()))]
)


def _rows(*sides: tuple[str, dict[str, Any] | None]) -> ibis.Table:
    rows = [{"domain": name, **side} for name, side in sides if side is not None]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=_TYPES))


CASES = [
    ("same.com", GOOGLE, GOOGLE, None, None),
    ("new.com", None, GOOGLE, "new", None),
    ("gone.com", SILENT, None, "gone", None),
    ("moved.com", GOOGLE, OTHER, "moved", None),
    ("sister.com", GOOGLE, GOOGLE | {"operator_id": "googlemail.com"}, None, None),
    ("noise.com", GOOGLE, OTHER | {"exchanges": ["mx.google.com"]}, "moved", "same_exchanges"),
    ("lost.com", GOOGLE, NONE, "lost", None),
    ("silent.com", GOOGLE, SILENT, "lost", "unmeasured"),
    ("gained.com", NONE, OTHER, "gained", None),
    ("filter.com", GOOGLE, GATE, "moved", None),
    ("behind.com", GATE, GATE | {"mailbox_company": "Zoho"}, "mailbox", None),
    ("unknown.com", GATE, GATE | {"mailbox_company": None, "mailbox": "unknown"}, "mailbox", None),
]


@pytest.fixture(scope="module")
def changed() -> list[dict[str, Any]]:
    then = _rows(*((name, then) for name, then, *_ in CASES))
    now = _rows(*((name, now) for name, _, now, *_ in CASES))
    found = changes(then, now, "before").cache()
    rows: list[dict[str, Any]] = found.to_pyarrow().cast(CHANGES.schema).to_pylist()
    went = movements(found).to_pyarrow().cast(MOVEMENTS.schema).to_pylist()
    rows.append({"domain": "movements", "went": went})
    return rows


@pytest.mark.parametrize(("domain", "then", "now", "change", "doubt"), CASES)
def test_changes(  # noqa: PLR0913, PLR0917
    changed: list[dict[str, Any]], domain: str, then: Any, now: Any, change: Any, doubt: Any
) -> None:
    rows = [row for row in changed if row["domain"] == domain]
    if change is None:
        assert rows == []
        return
    (row,) = rows
    assert (row["change"], row["doubt"], row["earlier"]) == (change, doubt, "before")
    for side, values in ((row["then"], then), (row["now"], now)):
        expected = values or dict.fromkeys(GOOGLE) | {"exchanges": []}
        assert side == {name: expected[name] for name in expected if name != "mailbox"}


def test_movements(changed: list[dict[str, Any]]) -> None:
    found = {
        (row["provider_then"], row["provider_now"]): (row["domains"], row["doubtful"])
        for row in changed[-1]["went"]
    }
    assert found == {
        ("Google", "other.net"): (2, 1),
        ("Google", "Gate"): (1, 0),
        ("Google", "(none)"): (2, 1),
        ("(none)", "other.net"): (1, 0),
    }
