"""SPF that trusts more or fewer, that broke, and includes that came and went."""

from typing import Any

import pytest

from tests.stages.inference.changes.runs import found

BROKEN = {"finding": "too_many_lookups", "name": "s.com", "term": "include:x.net"}
UNWISE = {"finding": "no_all", "name": "s.com", "term": ""}


def _trust(verdict: str, ipv4: int, ipv6: int = 0, *findings: dict[str, str]) -> dict[str, Any]:
    return {"verdict": verdict, "ipv4": ipv4, "ipv6": ipv6, "findings": list(findings)}


CASES: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[Any, ...]]]] = [
    ("same.com", _trust("valid", 4), _trust("valid", 4, 0, UNWISE), []),
    ("wider.com", _trust("valid", 4), _trust("valid", 260), [("spf_ipv4", "wider", 256, None)]),
    ("less.com", _trust("valid", 9), _trust("valid", 4), [("spf_ipv4", "narrower", -5, None)]),
    ("six.com", _trust("valid", 4), _trust("valid", 4, 10**37),
     [("spf_ipv6", "wider", 10**37, None)]),
    ("broke.com", _trust("valid", 4), _trust("permerror", 4, 0, UNWISE, BROKEN),
     [("spf_verdict", "worse", None, None)]),
    ("mended.com", _trust("permerror", 4, 0, BROKEN), _trust("valid", 4),
     [("spf_verdict", "better", None, None)]),
    ("first.com", _trust("none", 0), _trust("valid", 0), [("spf_verdict", "gained", None, None)]),
    ("last.com", _trust("valid", 0), _trust("none", 0), [("spf_verdict", "lost", None, None)]),
    ("servfail.com", _trust("valid", 4), _trust("temperror", 0),
     [("spf_ipv4", "narrower", -4, "unmeasured"), ("spf_verdict", "worse", None, "unmeasured")]),
]  # fmt: skip


@pytest.fixture(scope="module")
def changed() -> list[dict[str, Any]]:
    then, now = (
        {
            "spf_trust": [
                {"domain": domain, **(now if side == 2 else then)} for domain, then, now, _ in CASES
            ],
            "spf": [{"name": domain, "record": f"v=spf1 {side}"} for domain, *_ in CASES],
            "spf_links": [
                _link("wider.com", "old.net" if side == 1 else "new.net"),
                _link("wider.com", "stays.net"),
                _link("servfail.com", "old.net") if side == 1 else _link("none.net", "deeper.net"),
            ],
            "spf_includes": [_include("*", 0, 1000 * side), _include("*", 100, 7)],
        }
        for side in (1, 2)
    )
    return found(then, now)


def _link(name: str, target: str) -> dict[str, Any]:
    return {
        "name": name, "target": target, "qualifier": "+", "trusted": True,
        "seed": name != "none.net",
    }  # fmt: skip


def _include(seed_list: str, cut: int, ipv4: int) -> dict[str, Any]:
    target = "new.net" if ipv4 == 2000 else "old.net"
    return {"seed_list": seed_list, "rank_cut": cut, "target": target, "ipv4": ipv4}


@pytest.mark.parametrize(("domain", "then", "now", "expected"), CASES)
def test_what_it_comes_to(
    changed: list[dict[str, Any]], domain: str, then: Any, now: Any, expected: list[Any]
) -> None:
    rows = [row for row in changed if row["domain"] == domain and row["kind"] != "spf_include"]
    assert sorted(
        (row["kind"], row["change"], row["more"] if row["more"] is None else int(row["more"]),
         row["doubt"]) for row in rows
    ) == expected  # fmt: skip
    for row in rows:
        column = row["kind"].removeprefix("spf_")
        assert (row["then"]["value"], row["now"]["value"]) == (str(then[column]), str(now[column]))


def test_evidence(changed: list[dict[str, Any]]) -> None:
    by_key = {(row["domain"], row["kind"]): row for row in changed}
    wider = by_key["wider.com", "spf_ipv4"]
    assert [wider[side]["evidence"] for side in ("then", "now")] == [["v=spf1 1"], ["v=spf1 2"]]
    broke = by_key["broke.com", "spf_verdict"]
    assert broke["now"]["evidence"] == ["too_many_lookups at s.com include:x.net"]


def test_includes(changed: list[dict[str, Any]]) -> None:
    rows = [row for row in changed if row["kind"] == "spf_include"]
    assert sorted(
        (row["domain"], row["about"], row["change"], int(row["more"]), row["doubt"]) for row in rows
    ) == [
        ("servfail.com", "old.net", "lost", 1000, "unmeasured"),
        ("wider.com", "new.net", "gained", 2000, None),
        ("wider.com", "old.net", "lost", 1000, None),
    ]
    (gained,) = (row for row in rows if row["change"] == "gained")
    assert gained["now"]["evidence"] == ["include:new.net"]
    assert gained["then"] == {
        "value": None, "category": None, "source": None, "probability": None, "evidence": [],
    }  # fmt: skip
