"""What differs in the certificates at exchanges, and what casts doubt on it."""

from typing import Any

import pytest

from tests.stages.inference.changes.runs import Rows, found

ADDRESS = "192.0.2.1"
MAY = 1_780_000_000_000_000


def _leaf(
    issuer: str = "CN=R3,O=Let's Encrypt,C=US", names: str = "a.net", verdict: str = "trusted"
) -> dict[str, Any]:
    return {
        "issuer": issuer, "registered_domains": names.split(), "verdict": verdict,
        "not_after": MAY,
    }  # fmt: skip


def _run(mx: str, *leaves: dict[str, Any] | None, ehlo: str | None = "250 a") -> Rows:
    addresses = [f"192.0.2.{number}" for number in range(1, len(leaves) + 1)]
    shown = [(f"{number:064x}", leaf) for number, leaf in enumerate(leaves)]
    return {
        "mx_providers": [{"domain": name, "mx": mx} for name in ("a.com", "b.com")],
        "hosts": [{"host": mx, "a": addresses, "aaaa": []}],
        "smtp": [
            {"address": address, "ehlo": ehlo, "chain": [sha256] if leaf else []}
            for address, (sha256, leaf) in zip(addresses, shown, strict=True)
        ],
        "certificates": [{"sha256": sha256, **(leaf or _leaf())} for sha256, leaf in shown],
    }


PLAIN = _run("mx.a.net", _leaf())


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (PLAIN, []),
        (_run("mx.a.net", _leaf("CN=R11,O=Let's Encrypt,C=US")), []),  # renewed
        (_run("mx.other.net", _leaf("CN=Other")), []),  # the operator tells
        (_run("mx.a.net", _leaf("CN=Other CA")),
         [("certificate_issuer", "moved", "Let's Encrypt", "CN=Other CA", None)]),
        (_run("mx.a.net", _leaf(r"O=Sectigo\, Ltd")),
         [("certificate_issuer", "moved", "Let's Encrypt", r"Sectigo\, Ltd", None)]),
        (_run("mx.a.net", _leaf(names="a.net b.net")),
         [("certificate_names", "moved", "a.net", "a.net, b.net", None)]),
        (_run("mx.a.net", _leaf(verdict="expired")),
         [("certificate_verdict", "worse", "trusted", "expired", None)]),
        (_run("mx.a.net", _leaf(), _leaf(verdict="expired")),
         [("certificate_verdict", "worse", "trusted", "expired, trusted", "other_addresses")]),
        (_run("mx.a.net", None),
         [(f"certificate_{kind}", "lost", then, None, "other_addresses")
          for kind, then in (("issuer", "Let's Encrypt"), ("names", "a.net"),
                             ("verdict", "trusted"))]),
        (_run("mx.a.net", None, ehlo=None),
         [(f"certificate_{kind}", "lost", then, None, "unmeasured")
          for kind, then in (("issuer", "Let's Encrypt"), ("names", "a.net"),
                             ("verdict", "trusted"))]),
    ],
)  # fmt: skip
def test_certificates(now: Rows, expected: list[tuple[Any, ...]]) -> None:
    rows = found(PLAIN, now)
    for domain in ("a.com", "b.com"):
        assert sorted(
            (row["kind"], row["change"], row["then"]["value"], row["now"]["value"], row["doubt"])
            for row in rows if row["domain"] == domain
        ) == expected  # fmt: skip


def test_evidence_and_the_way_back() -> None:
    expired = _run("mx.a.net", _leaf(verdict="expired"))
    (row, _) = found(expired, PLAIN)
    assert row["change"] == "better"
    assert row["then"]["evidence"] == ["Let's Encrypt for a.net until 2026-05-28, expired"]
    rows = found(_run("mx.a.net", None), PLAIN)
    assert {row["change"] for row in rows} == {"gained"}
