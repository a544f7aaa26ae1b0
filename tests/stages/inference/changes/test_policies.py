"""Policies that came, went, or got weaker or stronger."""

from typing import Any

import pytest

from tests.stages.inference.changes.runs import found

PLAIN: dict[str, Any] = {
    "dmarc": "valid", "dmarc_domain": "example.com", "dmarc_record": "v=DMARC1; p=quarantine",
    "policy": "quarantine", "subdomain_policy": "none", "mta_sts": "valid", "mta_sts_id": "1",
    "tls_rpt": "absent", "bimi": None, "bimi_logo": None, "dane": "matched",
    "dane_hosts": [{"host": "mx.net", "dane": "matched", "records": 2, "usable": 2, "seen": 1,
                    "matched": 1, "secure": True}],
}  # fmt: skip
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
    ({"mta_sts": "void"}, [("mta_sts", "lost", "valid", "void", None)]),
    ({"mta_sts": None}, []),
    ({"tls_rpt": "valid"}, [("tls_rpt", "gained", "absent", "valid", None)]),
    ({"tls_rpt": "unknown"}, []),
    ({"bimi": "valid"}, []),
    ({"dane": "mismatched"}, [("dane", "worse", "matched", "mismatched", None)]),
    ({"dane": "unseen"}, [("dane", "worse", "matched", "unseen", "unmeasured")]),
    ({"dane": "absent"}, [("dane", "lost", "matched", "absent", None)]),
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


def test_evidence(changed: list[dict[str, Any]]) -> None:
    by_kind = {row["kind"]: row for row in changed}
    record = ["_dmarc.example.com: v=DMARC1; p=quarantine"]
    assert by_kind["dmarc"]["then"]["evidence"] == record
    assert by_kind["mta_sts"]["then"]["evidence"] == ["1"]
    assert by_kind["dane"]["then"]["evidence"] == ["mx.net: matched, 2 TLSA records"]
