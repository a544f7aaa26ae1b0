"""What `explain` says of policies and of what SPF comes to: a table of cases."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from rich.tree import Tree

from pipeline.explain.evidence import Evidence
from pipeline.explain.policies import add_policies
from pipeline.explain.policy import add_spf
from schemas import MAIL_POLICIES, SPF_TRUST
from schemas.mail_policies import (
    Consent,
    Dane,
    Disposition,
    DmarcPlace,
    HostDane,
    KeyState,
    PolicyFinding,
    PolicyState,
    ReportTarget,
    SelectorKey,
)
from schemas.policy_class import PolicyClass, PolicyKind
from schemas.spf_trust import CloudSpace, Finding, SpfClass, SpfVerdict
from tests.pipeline.explain.rows import domain, row, spf

MATCHED = "3 of 3 certificates match, 1 usable records"
ABSENT = {
    "dmarc": PolicyState.ABSENT,
    "dmarc_by_walk": PolicyState.ABSENT,
}
REJECT = {
    "dmarc": PolicyState.VALID,
    "dmarc_place": DmarcPlace.OWN,
    "dmarc_domain": "d.example",
    "policy": Disposition.REJECT,
    "dmarc_by_walk": PolicyState.VALID,
    "dmarc_domain_by_walk": "d.example",
    "policy_by_walk": Disposition.REJECT,
}


def lines(add: Callable[[Tree], None]) -> list[str]:
    """The lines of a branch, without what draws them."""
    tree, out = Tree("d.example"), StringIO()
    add(tree)
    Console(file=out, width=400, no_color=True).print(tree)
    return [line.lstrip("│├└─ ").rstrip() for line in out.getvalue().splitlines()][1:]


def finding(kind: PolicyKind, found: PolicyClass, name: str, term: str = "") -> PolicyFinding:
    return PolicyFinding(kind, found, name, term)


def key(state: KeyState, *, company: str | None = None, operator: str | None = None) -> SelectorKey:
    bits = 2048 if state is KeyState.USABLE else None
    return SelectorKey("google", state, "rsa", bits, operator, company)


POLICIES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no DMARC": (ABSENT, ["DMARC: absent: there is none"]),
    "DMARC of its own": (REJECT, ["DMARC: reject by the record of d.example"]),
    "another policy for subdomains": (
        {**REJECT, "subdomain_policy": Disposition.NONE},
        ["DMARC: reject, subdomains none by the record of d.example"],
    ),
    "the organisation's record": (
        {**REJECT, "dmarc_domain": "example", "dmarc_domain_by_walk": "example"},
        ["DMARC: reject by the record of example"],
    ),
    "the tree walk finds another": (
        {**REJECT, "dmarc_domain_by_walk": "example", "policy_by_walk": Disposition.NONE},
        [
            "DMARC: reject by the record of d.example",
            "by the tree walk: none by the record of example",
        ],
    ),
    "the tree walk finds none": (
        {
            **REJECT,
            "dmarc_by_walk": PolicyState.ABSENT,
            "dmarc_domain_by_walk": None,
            "policy_by_walk": None,
        },
        ["DMARC: reject by the record of d.example", "by the tree walk: absent"],
    ),
    "a DNS that does not answer": (
        {"dmarc": PolicyState.UNKNOWN, "dmarc_by_walk": PolicyState.UNKNOWN},
        ["DMARC: unknown: the DNS gave no definite answer"],
    ),
    "a record that is void, and why": (
        {
            **ABSENT,
            "dmarc": PolicyState.VOID,
            "findings": (
                finding(
                    PolicyKind.DMARC, PolicyClass.BAD_POLICY, "_dmarc.d.example", "p=[red]rejct"
                ),
            ),
        },
        [
            "DMARC: void: there is a record, or several, and an error makes it count for nothing",
            f"bad_policy: {PolicyClass.BAD_POLICY.meaning}: p=[red]rejct",
        ],
    ),
    "reports": (
        {
            **REJECT,
            "reports": (
                ReportTarget(
                    "mailto:a@d.example", "d.example", failures=False, consent=Consent.SAME
                ),
                ReportTarget(
                    "mailto:f@r.example", "r.example", failures=True, consent=Consent.MISSING
                ),
            ),
        },
        [
            "DMARC: reject by the record of d.example",
            "reports to mailto:a@d.example (consent: same)",
            "failure reports to mailto:f@r.example (consent: missing)",
        ],
    ),
    "a DKIM key and its keeper": (
        {**ABSENT, "dkim": (key(KeyState.USABLE, company="Host", operator="host.example"),)},
        ["DMARC: absent: there is none", "DKIM google: usable rsa 2048 held by Host"],
    ),
    "a keeper without a company": (
        {**ABSENT, "dkim": (key(KeyState.USABLE, operator="host.example"),)},
        ["DMARC: absent: there is none", "DKIM google: usable rsa 2048 held by host.example"],
    ),
    "a finding stands with its own selector": (
        {
            **ABSENT,
            "dkim": (
                key(KeyState.REVOKED),
                key(KeyState.USABLE)._replace(selector="s1"),
            ),
            "findings": (
                finding(
                    PolicyKind.DKIM, PolicyClass.REVOKED_KEY, "google._domainkey.d.example", "p="
                ),
            ),
        },
        [
            "DMARC: absent: there is none",
            "DKIM google: revoked rsa",
            "revoked_key: warning: an empty key: revoked: p=",
            "DKIM s1: usable rsa 2048",
        ],
    ),
    "plain services": (
        {
            **ABSENT,
            "mta_sts": PolicyState.VALID,
            "mta_sts_id": "20261122",
            "tls_rpt": PolicyState.VALID,
            "tls_rpt_uris": ("mailto:t@d.example", "https://r.example/t"),
            "bimi": PolicyState.VALID,
            "bimi_logo": "https://d.example/l.svg",
        },
        [
            "DMARC: absent: there is none",
            "MTA-STS: valid id 20261122",
            "TLSRPT: valid mailto:t@d.example, https://r.example/t",
            "BIMI: valid https://d.example/l.svg",
        ],
    ),
    "services that are absent are not mentioned": (
        dict(
            ABSENT, mta_sts=PolicyState.ABSENT, tls_rpt=PolicyState.ABSENT, bimi=PolicyState.ABSENT
        ),
        ["DMARC: absent: there is none"],
    ),
    "unless something is wrong there": (
        {
            **ABSENT,
            "mta_sts": PolicyState.ABSENT,
            "findings": (
                finding(
                    PolicyKind.MTA_STS, PolicyClass.FOREIGN_TEXT, "_mta-sts.d.example", "hello"
                ),
            ),
        },
        [
            "DMARC: absent: there is none",
            "MTA-STS: absent",
            "foreign_text: warning: another TXT at the name: misplaced, or a wildcard's: hello",
        ],
    ),
    "BIMI without an enforced DMARC": (
        {
            **ABSENT,
            "bimi": PolicyState.VALID,
            "findings": (
                finding(PolicyKind.BIMI, PolicyClass.UNENFORCED, "default._bimi.d.example"),
            ),
        },
        [
            "DMARC: absent: there is none",
            "BIMI: valid",
            "unenforced: warning: BIMI needs a DMARC policy that is enforced",
        ],
    ),
    "no DANE": ({**ABSENT, "dane": Dane.ABSENT}, ["DMARC: absent: there is none"]),
    "DANE that holds": (
        {
            **ABSENT,
            "dane": Dane.MATCHED,
            "dane_secure": True,
            "dane_hosts": (HostDane("mx.d.example", Dane.MATCHED, 2, 1, 3, 3, secure=True),),
        },
        [
            "DMARC: absent: there is none",
            "DANE: matched: every certificate seen matches validated by DNSSEC",
            "mx.d.example: matched 3 of 3 certificates match, 1 usable records validated by DNSSEC",
        ],
    ),
    "DANE that nobody validates": (
        {
            **ABSENT,
            "dane": Dane.MISMATCHED,
            "dane_secure": False,
            "dane_hosts": (HostDane("mx.d.example", Dane.MISMATCHED, 1, 1, 1, 0, secure=None),),
            "findings": (finding(PolicyKind.DANE, PolicyClass.NO_MATCH, "_25._tcp.mx.d.example"),),
        },
        [
            "DMARC: absent: there is none",
            "DANE: mismatched: none that was seen matches not validated by DNSSEC",
            "mx.d.example: mismatched 0 of 1 certificates match, 1 usable records",
            "no_match: error: a certificate shown that no TLSA record matches",
        ],
    ),
}


@pytest.mark.parametrize("case", POLICIES)
def test_policies(case: str) -> None:
    values, expected = POLICIES[case]
    policies = row(MAIL_POLICIES, "d.example", **values)
    assert lines(lambda tree: add_policies(tree, policies, None)) == ["policies:", *expected]


def test_nothing_is_said_of_policies_before_inference() -> None:
    assert lines(lambda tree: add_policies(tree, None, None)) == []


TRUSTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing passes": (
        {"verdict": SpfVerdict.VALID, "lookups": 0},
        ["comes to: " + f"valid: {SpfVerdict.VALID.meaning}; 0 look-ups"],
    ),
    "addresses": (
        {
            "verdict": SpfVerdict.VALID,
            "lookups": 3,
            "ipv4": 1_048_832,
            "ipv4_literal": 256,
            "largest_ipv4": 12,
        },
        [
            f"comes to: valid: {SpfVerdict.VALID.meaning}; 3 look-ups",
            "passes: 1,048,832 IPv4 addresses, 256 by its own terms, largest /12",
        ],
    ),
    "IPv6 alone": (
        {"verdict": SpfVerdict.VALID, "ipv6": 2**96},
        [
            f"comes to: valid: {SpfVerdict.VALID.meaning}; 0 look-ups",
            "passes: 0 IPv4 addresses, 0 by its own terms, 7.9e+28 IPv6 addresses",
        ],
    ),
    "everything": (
        {"verdict": SpfVerdict.VALID, "ipv4": 2**32, "ipv4_literal": 2**32, "largest_ipv4": 0},
        [
            f"comes to: valid: {SpfVerdict.VALID.meaning}; 0 look-ups",
            "passes: 4,294,967,296 IPv4 addresses, 4,294,967,296 by its own terms, largest /0",
        ],
    ),
    "findings, errors first as they come": (
        {
            "verdict": SpfVerdict.PERMERROR,
            "lookups": 11,
            "findings": (
                Finding(SpfClass.TOO_MANY_LOOKUPS, "d.example", ""),
                Finding(SpfClass.BAD_IP4, "e.example", "ip4:[red]300.0.0.1"),
            ),
        },
        [
            f"comes to: permerror: {SpfVerdict.PERMERROR.meaning}; 11 look-ups",
            f"too_many_lookups: {SpfClass.TOO_MANY_LOOKUPS.meaning} at d.example",
            f"bad_ip4: {SpfClass.BAD_IP4.meaning} ip4:[red]300.0.0.1 at e.example",
        ],
    ),
    "clouds": (
        {
            "verdict": SpfVerdict.VALID,
            "ipv4": 512,
            "clouds": (CloudSpace("aws", 512, 0), CloudSpace("gcp", 0, 2**64)),
        },
        [
            f"comes to: valid: {SpfVerdict.VALID.meaning}; 0 look-ups",
            "passes: 512 IPv4 addresses, 0 by its own terms",
            "rented out by aws: 512 IPv4 addresses",
            "rented out by gcp: 0 IPv4 addresses, 1.8e+19 IPv6 addresses",
        ],
    ),
    "not asked: nothing is said of it": ({"verdict": SpfVerdict.NOT_ASKED}, []),
}


@pytest.mark.parametrize("case", TRUSTS)
def test_spf_comes_to(case: str) -> None:
    values, expected = TRUSTS[case]
    trust = row(SPF_TRUST, "d.example", **values)
    evidence = Evidence(
        domain=domain("d.example"),
        hosts={},
        addresses={},
        smtp={},
        certificates={},
        spf={"d.example": spf("d.example", "v=spf1 -all")},
        mail_hosts={},
        policies=None,
        policy=None,
        policy_file=None,
        mx_providers={},
        mailbox=[],
        spf_trust=trust,
        esps=[],
        provider=None,
    )
    first, *found, record = lines(lambda tree: add_spf(tree, evidence))
    assert first.startswith("SPF: [ok")
    assert found == expected
    assert record == "-all"
