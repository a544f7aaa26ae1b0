"""Policies that came, went, or got weaker or stronger."""

from typing import Any

import pytest

from stages.inference.changes.changes import left_out
from tests.stages.inference.changes.runs import found, runs


def mail_host(tls: str, seen: int, *reasons: str) -> dict[str, Any]:
    """A row of sts_mail_hosts."""
    accepted = seen if tls == "accepted" else 0
    return {"host": "mx.net", "tls": tls, "seen": seen, "accepted": accepted, "reasons": reasons}


PLAIN: dict[str, Any] = {
    "dmarc": "valid", "dmarc_domain": "example.com", "dmarc_record": "v=DMARC1; p=quarantine",
    "policy": "quarantine", "subdomain_policy": "none", "mta_sts": "valid", "mta_sts_id": "1",
    "tls_rpt": "absent", "bimi": None, "bimi_logo": None,
    "sts_policy": "valid", "sts_mode": "testing", "sts_mx": ["mx.net"], "sts_match": "matched",
    "sts_unlisted": [], "sts_tls": "accepted", "sts_mail_hosts": [mail_host("accepted", 2)],
    "findings": [], "dane": "matched",
    "dane_secure": True,
    "dane_hosts": [{"host": "mx.net", "dane": "matched", "records": 2, "usable": 2, "seen": 1,
                    "matched": 1, "secure": True}],
}  # fmt: skip
ENFORCE = {"sts_mode": "enforce"}
NO_FILE = dict.fromkeys(
    ("sts_mode", "sts_mx", "sts_match", "sts_unlisted", "sts_tls", "sts_mail_hosts")
)


def no_file(state: str, finding: str | None = None, term: str = "") -> dict[str, Any]:
    """No policy that stands, and what the findings say of it."""
    told = {"policy": "mta_sts", "finding": finding, "name": "mta-sts.net", "term": term}
    return {"sts_policy": state, **NO_FILE, "findings": [told] if finding else []}


NO_DMARC = {"policy": None, "subdomain_policy": None, "dmarc_record": None, "dmarc_domain": None}

CASES: list[tuple[dict[str, Any], list[tuple[Any, ...]]]] = [
    ({}, []),
    ({"mta_sts_id": "2"}, []),
    ({"policy": "reject"}, [("dmarc", "stronger", "quarantine", "reject", None)]),
    ({"policy": "none"}, [("dmarc", "weaker", "quarantine", "none", None)]),
    ({"subdomain_policy": "reject"}, [("dmarc_subdomains", "stronger", "none", "reject", None)]),
    ({"dmarc": "absent", **NO_DMARC},
     [("dmarc", "lost", "quarantine", "absent", None),
      ("dmarc_subdomains", "lost", "none", "absent", None)]),
    ({"dmarc": "unknown", **NO_DMARC},
     [("dmarc", "lost", "quarantine", "unknown", "unmeasured"),
      ("dmarc_subdomains", "lost", "none", "unknown", "unmeasured")]),
    ({"mta_sts": "void", "sts_policy": None, **NO_FILE},
     [("mta_sts", "lost", "valid", "void", None),
      ("sts_policy", "lost", "testing", "absent", None)]),
    ({"mta_sts": None}, []),
    ({"mta_sts": "absent", "sts_policy": None, **NO_FILE},
     [("mta_sts", "lost", "valid", "absent", None),
      ("sts_policy", "lost", "testing", "absent", None)]),
    ({"mta_sts": "unknown", "sts_policy": None, **NO_FILE},
     [("mta_sts", "lost", "valid", "unknown", "unmeasured")]),
    ({"sts_policy": None, **NO_FILE}, []),
    (ENFORCE, [("sts_policy", "stronger", "testing", "enforce", None)]),
    ({**NO_FILE, "sts_mode": "none"}, [("sts_policy", "lost", "testing", "none", None)]),
    (no_file("void", "bad_version"), [("sts_policy", "lost", "testing", "void", None)]),
    (no_file("unproven", "unproven_host"), [("sts_policy", "lost", "testing", "unproven", None)]),
    *((no_file("unavailable", "no_policy_file", term),
       [("sts_policy", "lost", "testing", "unavailable", None)])
      for term in ("client_error", "no_address", "redirect", "bad_type")),
    *((no_file("unavailable", "no_policy_file", term), [])
      for term in ("dns_failed", "connect_timeout", "refused", "server_error", "blocked",
                   "tls_failed", "closed")),
    (no_file("unavailable"), []),
    (no_file("not_fetched"), []),
    ({"sts_match": "partly", "sts_unlisted": ["my.net"]},
     [("sts_match", "worse", "matched", "partly", None)]),
    ({**ENFORCE, "sts_match": "mismatched", "sts_unlisted": ["my.net"]},
     [("sts_match", "worse", "matched", "mismatched", None),
      ("sts_policy", "stronger", "testing", "enforce", None)]),
    ({"sts_match": None, "sts_unlisted": None}, []),
    ({"sts_tls": "refused", "sts_mail_hosts": [mail_host("refused", 2, "expired", "no_tls")]},
     [("sts_tls", "worse", "accepted", "refused", None)]),
    ({"sts_tls": "refused", "sts_mail_hosts": [mail_host("refused", 1, "expired")]},
     [("sts_tls", "worse", "accepted", "refused", "other_addresses")]),
    ({"sts_tls": None, "sts_mail_hosts": None}, []),
    ({"tls_rpt": "valid"}, [("tls_rpt", "gained", "absent", "valid", None)]),
    ({"tls_rpt": "unknown"}, []),
    ({"bimi": "valid"}, []),
    ({"dane": "mismatched"}, [("dane", "worse", "matched", "mismatched", None)]),
    ({"dane": "unseen"}, [("dane", "worse", "matched", "unseen", "unmeasured")]),
    ({"dane": "absent", "dane_secure": None}, [("dane", "lost", "matched", "absent", None)]),
    ({"dane_secure": False}, [("dane_secure", "worse", "secure", "insecure", None)]),
    ({"dane_secure": None}, []),
]  # fmt: skip


@pytest.fixture(scope="module")
def changed() -> list[dict[str, Any]]:
    names = range(len(CASES))
    return found(
        {"mail_policies": [{"domain": f"{name}.com", **PLAIN} for name in names]},
        {"mail_policies": [{"domain": f"{name}.com", **PLAIN, **CASES[name][0]} for name in names]},
    )


@pytest.mark.parametrize("number", range(len(CASES)))
def test_policies(changed: list[dict[str, Any]], number: int) -> None:
    assert sorted(
        (row["kind"], row["change"], row["then"]["value"], row["now"]["value"], row["doubt"])
        for row in changed if row["domain"] == f"{number}.com"
    ) == CASES[number][1]  # fmt: skip


def test_what_came_back_is_told_the_other_way_round() -> None:
    gone = {"mta_sts": "absent", "sts_policy": None, **NO_FILE, "dane_secure": False}
    broken = {**no_file("unavailable", "no_policy_file", "client_error"), "dane_secure": True}
    worse = {
        "sts_match": "mismatched", "sts_unlisted": ["mx.net"],
        "sts_tls": "partly", "sts_mail_hosts": [mail_host("partly", 2, "expired")],
    }  # fmt: skip
    sides: list[list[dict[str, Any]]] = [
        [
            {"domain": f"{name}.com", **PLAIN, **(before or {})}
            for name, before in enumerate(befores)
        ]
        for befores in ((gone, broken, worse), (None, None, None))
    ]
    rows = found(*({"mail_policies": side} for side in sides))
    assert sorted((row["domain"], row["kind"], row["change"]) for row in rows) == [
        ("0.com", "dane_secure", "better"), ("0.com", "mta_sts", "gained"),
        ("0.com", "sts_policy", "gained"), ("1.com", "sts_policy", "gained"),
        ("2.com", "sts_match", "better"), ("2.com", "sts_tls", "better"),
    ]  # fmt: skip
    assert {row["doubt"] for row in rows} == {None}


def test_a_resolver_that_may_not_validate_makes_dnssec_doubtful() -> None:
    (row,) = found(
        {"mail_policies": [{"domain": "a.com", **PLAIN}]},
        {"mail_policies": [{"domain": "a.com", **PLAIN, "dane_secure": False}]},
    )
    assert (row["kind"], row["change"], row["doubt"]) == ("dane_secure", "worse", "unmeasured")


def test_evidence(changed: list[dict[str, Any]]) -> None:
    by_kind = {row["kind"]: row for row in changed}
    record = ["_dmarc.example.com: v=DMARC1; p=quarantine"]
    assert by_kind["dmarc"]["then"]["evidence"] == record
    assert by_kind["mta_sts"]["then"]["evidence"] == ["1"]
    assert by_kind["dane"]["then"]["evidence"] == ["mx.net: matched, 2 TLSA records"]
    assert {tuple(row["now"]["evidence"]) for row in changed if row["kind"] == "sts_policy"} > {
        ("id 1",), ("id 1", "bad_version at mta-sts.net"),
        ("id 1", "no_policy_file at mta-sts.net client_error"),
    }  # fmt: skip
    assert by_kind["sts_match"]["then"]["evidence"] == ["lists mx.net"]
    assert by_kind["sts_match"]["now"]["evidence"] == ["lists mx.net", "does not list my.net"]
    assert by_kind["sts_tls"]["then"]["evidence"] == ["mx.net: accepted"]
    assert by_kind["sts_tls"]["now"]["evidence"] in (
        ["mx.net: refused expired, no_tls"], ["mx.net: refused expired"],
    )  # fmt: skip


def test_a_run_inferred_before_lacks_certificates_of_listed_hosts() -> None:
    old = {"domain": "a.com", **{name: PLAIN[name] for name in PLAIN if name != "sts_tls"}}
    new = {"domain": "a.com", **PLAIN, **ENFORCE, "sts_tls": "refused"}
    both = runs({"mail_policies": [old]}, {"mail_policies": [new]})
    assert "MTA-STS certificates: left out, the earlier run lacks mail_policies.sts_tls" in [
        *left_out(both)
    ]
    rows = found({"mail_policies": [old]}, {"mail_policies": [new]})
    assert [row["kind"] for row in rows] == ["sts_policy"]
