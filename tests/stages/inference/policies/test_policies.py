"""DKIM, services, DANE and adoption, from a made-up DNS."""

from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from schemas import MAIL_POLICIES, POLICY_ADOPTION
from schemas.outcomes import Outcome
from schemas.table import Table
from stages.dns.answer import MxData, RRType, TlsaData
from stages.inference.aggregates.cuts import populations
from stages.inference.policies.adoption import policy_adoption
from tests.stages.inference.policies.zone import Dns, inferred, no_spf

ED = "v=DKIM1; k=ed25519; p=" + "A" * 43 + "="


def with_mail(*domains: str) -> Dns:
    """A DNS in which each domain has a mail host of its own."""
    dns = Dns()
    for domain in domains:
        dns.records[domain, RRType.MX] = [MxData(10, f"mx.{domain}")]
        dns.records[f"mx.{domain}", RRType.A] = ["192.0.2.1"]
    return dns


def words(row: dict[str, Any]) -> list[str]:
    return [f"{each['policy']}:{each['finding']}" for each in row["findings"]]


def test_selectors_that_lead_to_keys() -> None:
    dns = with_mail("a.com", "b.com", "c.com")
    dns.chains["selector1._domainkey.a.com"] = ("selector1-a-com._domainkey.a.onmicrosoft.com",)
    dns.txt("selector1._domainkey.a.com", ED)
    dns.txt("google._domainkey.a.com", "v=DKIM1; p=")
    dns.chains["default._domainkey.a.com"] = ("gone.a.com",)
    dns.faults["s1._domainkey.a.com"] = Outcome.SERVFAIL
    dns.txt("k1._domainkey.a.com", "some text")
    for selector in ("selector1", "google", "default"):  # a wildcard's
        dns.txt(f"{selector}._domainkey.b.com", "v=spf1 -all", ED)
    dns.txt("_domainkey.b.com", "v=spf1 -all", ED)
    rows: Any = inferred(dns.crawl(["a.com", "b.com", "c.com"]))
    assert [
        (k["selector"], k["state"], k["key_type"], k["bits"]) for k in rows["a.com"]["dkim"]
    ] == [
        ("default", "dangling", None, None),
        ("google", "revoked", "rsa", None),
        ("s1", "unknown", None, None),
        ("selector1", "usable", "ed25519", 256),
    ]
    holder = rows["a.com"]["dkim"][3]
    assert (holder["operator_id"], holder["operator_company"]) == ("onmicrosoft.com", "Microsoft")
    assert words(rows["a.com"]) == ["dkim:revoked_key", "dkim:dangling_key"]
    assert (rows["b.com"]["dkim"], rows["c.com"]["dkim"]) == ([], [])


def test_a_wildcard_is_no_mta_sts_record() -> None:
    dns = with_mail("a.com", "b.com")
    for name in ("_domainkey", "_mta-sts", "_smtp._tls", "default._bimi"):
        dns.txt(f"{name}.a.com", "v=spf1 -all")
    dns.txt("_mta-sts.b.com", "v=spf1 -all")
    dns.faults["_smtp._tls.b.com"] = Outcome.TIMEOUT
    rows: Any = inferred(dns.crawl(["a.com", "b.com"]))
    assert words(rows["a.com"]) == []
    assert words(rows["b.com"]) == ["mta_sts:foreign_text"]
    states = [(row["mta_sts"], row["tls_rpt"], row["bimi"]) for row in rows.values()]
    assert sorted(states) == [("absent", "absent", "absent"), ("absent", "unknown", "absent")]


def test_what_was_not_asked_is_null() -> None:
    """Plan mail has no policies and no consents; a domain without mail has none of the hosts."""
    dns = with_mail("a.com")
    dns.txt("_dmarc.a.com", "v=DMARC1; p=reject; rua=mailto:x@b.org")
    census = dict(dns.crawl(["a.com", "none.com"]))
    for name in ("policies", "dmarc_consents"):
        census[name] = census[name].limit(0)
    rows: Any = inferred(census)
    for row in rows.values():
        asked = [row[name] for name in ("dkim", "mta_sts", "tls_rpt", "tls_rpt_uris", "bimi")]
        assert asked == [None] * 5
    assert rows["a.com"]["policy"] == "reject"
    assert rows["a.com"]["reports"][0]["consent"] == "not_asked"
    assert (rows["a.com"]["dane"], rows["none.com"]["dane"]) == ("absent", None)


@pytest.mark.parametrize(
    ("signed", "secure"),
    [
        ({"a.com"}, True),
        (set(), False),
        ({"mx.a.com", "_25._tcp.mx.a.com"}, False),  # the MX answer is not
    ],
)
def test_dane_is_secure_only_if_all_that_leads_there_is(signed: set[str], secure: bool) -> None:  # noqa: FBT001
    dns = with_mail("a.com")
    dns.secure = signed
    dns.records["_25._tcp.mx.a.com", RRType.TLSA] = [TlsaData(3, 1, 1, bytes(32))]
    row: Any = inferred(dns.crawl(["a.com"]))["a.com"]
    assert (row["dane"], row["dane_secure"]) == ("unseen", secure)
    assert row["dane_hosts"][0]["records"] == 1


def test_a_tlsa_question_that_failed_is_not_an_absence() -> None:
    dns = with_mail("a.com")
    dns.faults["_25._tcp.mx.a.com"] = Outcome.SERVFAIL
    row: Any = inferred(dns.crawl(["a.com"]))["a.com"]
    assert (row["dane"], row["dane_secure"]) == ("unknown", None)


def test_adoption_is_counted_by_rank() -> None:
    names = [f"d{number}.com" for number in range(150)]
    dns = Dns()
    for name in names[:120]:
        dns.txt(f"_dmarc.{name}", "v=DMARC1; p=none")
    census = dns.crawl(names)
    rows = list(inferred(census).values())
    found = adoption(MAIL_POLICIES, rows, census["domains"])
    counts = {
        (row["rank_cut"], row["aspect"], row["value"]): (row["domains"], row["share"])
        for row in found
        if row["seed_list"] == "made-up" and row["tld"] == "*"
    }
    assert counts[100, "dmarc", "own"] == (100, 1.0)
    assert counts[0, "dmarc", "own"] == (120, 0.8)
    assert counts[1000, "dmarc", "absent"] == (30, pytest.approx(0.2))
    assert counts[0, "dmarc_policy", "(no policy)"][0] == 30
    assert counts[0, "dmarc_mistake", "no_reports"][0] == 120
    assert not [key for key in counts if key[1] in ("dane", "dkim", "bimi")]


def test_a_record_that_counts_for_nothing_applies_to_nobody() -> None:
    dns = Dns()
    dns.txt("_dmarc.a.com", "v=DMARC1; p=nonsense")
    dns.txt("_dmarc.b.com", "v=DMARC1; p=none")
    census = dns.crawl(["a.com", "b.com"])
    found = adoption(MAIL_POLICIES, list(inferred(census).values()), census["domains"])
    for aspect in ("dmarc", "dmarc_by_walk"):
        values = {
            row["value"]: row["domains"]
            for row in found
            if (row["aspect"], row["seed_list"], row["rank_cut"], row["tld"])
            == (aspect, "made-up", 0, "*")
        }
        assert values == {"void": 1, "own": 1}


def adoption(
    table: Table, rows: list[dict[str, object]], domains: ir.Table
) -> list[dict[str, Any]]:
    """Rows of policy_adoption."""
    policies = pa.Table.from_pylist(rows, schema=table.schema)
    backend = domains.get_backend()
    made = backend.create_table("made", policies)
    spf = backend.create_table("no_spf", no_spf().to_pyarrow())
    counted = policy_adoption(made, spf, populations(domains).cache())
    found = counted.select(*POLICY_ADOPTION.schema.names).to_pyarrow()
    listed: list[dict[str, Any]] = found.cast(POLICY_ADOPTION.schema).to_pylist()
    return listed
