"""What counts as a change of seeds, operators and mailboxes, what casts doubt, where they went."""

from typing import Any

import pytest

from schemas.changes import MOVEMENTS
from stages.inference.changes.changes import COMPARISONS, changes, left_out, movements
from tests.stages.inference.changes.runs import Rows, found, runs

GOOGLE: dict[str, Any] = {
    "category": "by_tls", "operator_id": "google.com", "operator_company": "Google",
    "source": "tls", "probability": 0.99, "mailbox": "operator", "mailbox_company": "Google",
    "mailbox_id": None, "mailbox_probability": None, "rules_version": "1", "mx": "mx.google.com",
}  # fmt: skip
OTHER = GOOGLE | {
    "operator_id": "other.net", "operator_company": None, "mailbox_company": None,
    "mx": "mx.other.net",
}  # fmt: skip
GATE = GOOGLE | {
    "operator_id": "gate.com", "operator_company": "Gate", "mailbox_company": "Google",
    "mx": "in.gate.com", "mailbox": "behind", "mailbox_probability": 0.9,
}  # fmt: skip
ZOHO = GATE | {"mailbox_company": "Zoho"}
NONE: dict[str, Any] = dict.fromkeys(GOOGLE) | {"category": "no_mx", "rules_version": "1"}
SILENT = NONE | {"category": "no_smtp"}
THERE = {"mx": "mx.google.com"}

CASES: list[tuple[str, Any, Any, Any, Any, Any]] = [
    ("same.com", GOOGLE, GOOGLE, None, None, None),
    ("new.com", None, GOOGLE, "seed", "new", None),
    ("gone.com", SILENT, None, "seed", "gone", None),
    ("moved.com", GOOGLE, OTHER, "operator", "moved", None),
    ("sister.com", GOOGLE, GOOGLE | {"operator_id": "googlemail.com"}, None, None, None),
    ("noise.com", GOOGLE, OTHER | THERE, "operator", "moved", "same_exchanges"),
    ("banner.com", GOOGLE, OTHER | THERE | {"source": "banner"}, "operator", "moved",
     "other_source"),
    ("rules.com", GOOGLE, OTHER | THERE | {"rules_version": "2"}, "operator", "moved",
     "other_rules"),
    ("elsewhere.com", GOOGLE, OTHER | {"rules_version": "2"}, "operator", "moved", None),
    ("unsure.com", GOOGLE, OTHER | {"probability": 0.5}, "operator", "moved", "improbable"),
    ("again.com", GOOGLE, OTHER, "operator", "moved", "second_opinion"),
    ("lost.com", GOOGLE, NONE, "operator", "lost", None),
    ("silent.com", GOOGLE, SILENT, "operator", "lost", "unmeasured"),
    ("gained.com", NONE, OTHER, "operator", "gained", None),
    ("filter.com", GOOGLE, GATE, "operator", "moved", None),
    ("behind.com", GATE, ZOHO, "mailbox", "moved", None),
    ("perhaps.com", GATE, ZOHO | {"mailbox_probability": 0.4}, "mailbox", "moved", "improbable"),
    ("unknown.com", GATE, GATE | {"mailbox_company": None, "mailbox": "unknown"}, "mailbox", "lost",
     "unmeasured"),
]  # fmt: skip


def _census(side: int) -> Rows:
    labelled: dict[str, dict[str, Any]] = {}
    for domain, *sides, _, _, _ in CASES:
        if sides[side - 1] is not None:
            labelled[domain] = sides[side - 1]
    providers = [
        {"domain": domain} | {name: value for name, value in row.items() if name != "mx"}
        for domain, row in labelled.items()
    ]
    exchanges = [
        {
            "domain": domain, "mx": row["mx"], "provider_id": row["operator_id"],
            "source": row["source"], "operator_id": row["operator_id"], "hint_id": None,
            "evidence": [
                _evidence(row["source"], row["operator_id"], row["mx"]),
                _evidence("banner", "elsewhere.net", "not.what.won"),
            ],
        }
        for domain, row in labelled.items() if row["mx"]
    ]  # fmt: skip
    asked = [
        {
            "domain": domain,
            "mx_query": _query(secure=None if domain == "again.com" and side == 2 else False),
        }
        for domain in labelled
    ]
    told = [
        {"domain": domain, "keeper": row["mailbox_company"], "signal": "dkim", "value": "key.net",
         "weight": 2.0}
        for domain, row in labelled.items() if row["mailbox"] == "behind" and row["mailbox_company"]
    ]  # fmt: skip
    return {
        "providers": providers, "mx_providers": exchanges, "domains": asked,
        "mailbox_evidence": told,
    }  # fmt: skip


def _evidence(source: str, provider_id: str, name: str) -> dict[str, Any]:
    return {
        "source": source, "provider_id": provider_id, "name": name, "rented": None,
        "certificate": None, "addresses": 1,
    }  # fmt: skip


def _query(*, secure: bool | None) -> dict[str, Any]:
    return {
        "outcome": "ok", "rcode": 0, "ttl": 300, "rtt_ms": 1.0, "server": "127.0.0.1:53",
        "attempts": 1, "tcp": False, "secure": secure,
    }  # fmt: skip


@pytest.fixture(scope="module")
def changed() -> dict[str, dict[str, Any]]:
    rows = found(_census(1), _census(2))
    assert len({row["domain"] for row in rows}) == len(rows)
    return {row["domain"]: row for row in rows}


@pytest.mark.parametrize(("domain", "then", "now", "kind", "change", "doubt"), CASES)
def test_changes(  # noqa: PLR0913, PLR0917
    changed: dict[str, dict[str, Any]],
    domain: str, then: Any, now: Any, kind: Any, change: Any, doubt: Any,
) -> None:  # fmt: skip
    if change is None:
        assert domain not in changed
        return
    row = changed[domain]
    assert (row["kind"], row["change"], row["doubt"]) == (kind, change, doubt)
    assert (row["earlier"], row["about"], row["more"]) == ("before", domain, None)
    for side, values in (
        (row["then"], then or dict.fromkeys(GOOGLE)),
        (row["now"], now or dict.fromkeys(GOOGLE)),
    ):
        behind = kind == "mailbox"
        company = values["mailbox_company" if behind else "operator_company"]
        assert side["value"] == (company or (None if behind else values["operator_id"]))
        assert side["category"] == values["category"]
        assert side["source"] == values["source"]


def test_evidence_is_what_the_winner_rested_on(changed: dict[str, dict[str, Any]]) -> None:
    moved = changed["moved.com"]
    assert moved["then"]["evidence"] == ["mx.google.com: google.com by tls mx.google.com"]
    assert moved["now"]["evidence"] == ["mx.other.net: other.net by tls mx.other.net"]
    assert changed["lost.com"]["now"]["evidence"] == []
    behind = changed["behind.com"]
    assert behind["then"]["evidence"] == ["Google by dkim key.net"]
    assert behind["now"]["evidence"] == ["Zoho by dkim key.net"]


def test_movements() -> None:
    both = runs(_census(1), _census(2))
    (rows,) = (rows for title, rows in changes(both) if title == "operators")
    went = movements(rows).to_pyarrow().cast(MOVEMENTS.schema).to_pylist()
    assert {
        (row["provider_then"], row["provider_now"]): (row["domains"], row["doubtful"])
        for row in went
    } == {
        ("Google", "other.net"): (7, 5),
        ("Google", "Gate"): (1, 0),
        ("Google", "(none)"): (2, 1),
        ("(none)", "other.net"): (1, 0),
    }


def test_what_a_run_lacks_is_left_out_and_said() -> None:
    both = runs(_census(1), _census(2))
    titles = [title for title, _ in changes(both)]
    assert titles == ["operators"]
    lines = list(left_out(both))
    assert len(lines) == 2 * (len(COMPARISONS) - 1)
    assert "DMARC: left out, the earlier run lacks mail_policies" in lines
    assert "DMARC: left out, the later run lacks mail_policies" in lines
