"""Which fetched MTA-STS policies stand, and which mail hosts they list."""

from typing import Any

import pytest

from schemas import MAIL_POLICIES, STS_POLICIES
from schemas.hosts import Host
from schemas.outcomes import FetchOutcome, HostCheck, HostStatus, Verdict
from schemas.query import NOT_ASKED
from schemas.sts_policies import PolicyFetch
from stages.dns.answer import MxData, RRType
from stages.sts.record import row_of
from tests.stages.inference.policies.test_policies import adoption, words
from tests.stages.inference.policies.zone import Dns, inferred
from tests.stages.sts.peer import TRUST

NAMES = (
    "sts_policy", "sts_mode", "sts_max_age", "sts_mx", "sts_match", "sts_unlisted",
)  # fmt: skip


def fetched(domain: str, file: str | bytes | None = None, **others: Any) -> PolicyFetch:
    """A row; of a file, over a good certificate unless told otherwise."""
    host = Host(f"mta-sts.{domain}", None, 1, HostStatus.RESOLVED, (), (), (), NOT_ASKED, NOT_ASKED)
    row = row_of(domain, host, 443, (), TRUST)
    if file is not None:
        raw = file if isinstance(file, bytes) else file.encode()
        row = row._replace(
            outcome=FetchOutcome.OK, file=raw.decode(errors="backslashreplace"),
            file_raw=raw if isinstance(file, bytes) else None,
            verdict=Verdict.TRUSTED, host_check=HostCheck.MATCHES,
        )  # fmt: skip
    return row._replace(**others)


def file(*mx: str, mode: str = "enforce", head: str = "version: STSv1\n") -> str:
    lines = "".join(f"mx: {each}\n" for each in mx)
    return f"{head}mode: {mode}\n{lines}max_age: 604800\n"


def judged(row: PolicyFetch, *hosts: str) -> dict[str, Any]:
    """The row of mail_policies of a domain with a valid record and these mail hosts."""
    dns = Dns()
    dns.txt(f"_mta-sts.{row.domain}", "v=STSv1; id=1")
    dns.records[row.domain, RRType.MX] = [MxData(10, host) for host in hosts or ("mx.a.com",)]
    census = dns.crawl([row.domain], {STS_POLICIES: [row]})
    return inferred(census)[row.domain]


@pytest.mark.parametrize(
    ("row", "state", "mode", "findings"),
    [
        (fetched("a.com", file("mx.a.com")), "valid", "enforce", []),
        (fetched("a.com", file(mode="none")), "valid", "none", []),
        (fetched("a.com", file("mx.a.com").encode()), "valid", "enforce", []),
        (
            fetched("a.com", file("mx.a.com", head="")),
            "void", "enforce", ["mta_sts:bad_version"],
        ),
        (
            fetched("a.com", b"version: STSv1\nmode: testing\nmx: \xff\nmax_age: 1\n"),
            "void", "testing", ["mta_sts:bad_mx_pattern"],
        ),
        (fetched("a.com", ""), "void", None, ["mta_sts:bad_version", "mta_sts:missing_tag"]),
        (
            fetched("a.com", file("mx.a.com"), verdict=Verdict.EXPIRED),
            "unproven", "enforce", ["mta_sts:unproven_host"],
        ),
        (
            fetched("a.com", file("mx.a.com"), host_check=HostCheck.OTHER_NAMES),
            "unproven", "enforce", ["mta_sts:unproven_host"],
        ),
        (
            fetched("a.com", file("mx.a.com"), outcome=FetchOutcome.BAD_TYPE),
            "unavailable", None, ["mta_sts:no_policy_file"],
        ),
        (fetched("a.com"), "unavailable", None, ["mta_sts:no_policy_file"]),
        (fetched("a.com", outcome=FetchOutcome.CLIENT_ERROR), "unavailable", None, None),
        (fetched("a.com", outcome=FetchOutcome.NOT_FETCHED), "not_fetched", None, []),
        (fetched("a.com", outcome=FetchOutcome.RESERVED), "not_fetched", None, []),
        (fetched("a.com", outcome=FetchOutcome.BUG), "not_fetched", None, []),
    ],
)  # fmt: skip
def test_which_policies_stand(
    row: PolicyFetch, state: str, mode: str | None, findings: list[str] | None
) -> None:
    found = judged(row)
    assert (found["sts_policy"], found["sts_mode"], found["mta_sts"]) == (state, mode, "valid")
    assert (found["sts_max_age"] is None) == (mode is None)
    told = sorted({each for each in words(found) if each.startswith("mta_sts:")})
    assert told == (["mta_sts:no_policy_file"] if findings is None else findings)


@pytest.mark.parametrize(
    ("patterns", "hosts", "match", "unlisted"),
    [
        (["mx.a.com"], ["mx.a.com"], "matched", []),
        (["MX.A.com."], ["mx.a.com"], "matched", []),
        (["*.a.com"], ["mx.a.com", "my.a.com"], "matched", []),
        (["*.a.com"], ["mx.b.a.com"], "mismatched", ["mx.b.a.com"]),
        (["*.a.com"], ["a.com"], "mismatched", ["a.com"]),
        (["*.com"], ["com"], "mismatched", ["com"]),
        (["a.com"], ["mx.a.com"], "mismatched", ["mx.a.com"]),
        (["mx.a.com"], ["my.a.com", "mx.a.com"], "partly", ["my.a.com"]),
        (["mx.a.com", "*.b.net"], ["my.b.net", "mx.a.com"], "matched", []),
    ],
)
def test_which_mail_hosts_a_policy_lists(
    patterns: list[str], hosts: list[str], match: str, unlisted: list[str]
) -> None:
    found = judged(fetched("a.com", file(*patterns)), *hosts)
    assert (found["sts_match"], found["sts_unlisted"]) == (match, unlisted)
    assert found["sts_mx"] == [each.lower().removesuffix(".") for each in patterns]
    told = [each["term"] for each in found["findings"] if each["finding"] == "unlisted_host"]
    assert told == unlisted


def test_a_run_that_fetched_nothing_says_nothing() -> None:
    dns = Dns()
    dns.txt("_mta-sts.a.com", "v=STSv1; id=1")
    dns.records["a.com", RRType.MX] = [MxData(10, "mx.a.com")]
    found = inferred(dns.crawl(["a.com"]))["a.com"]
    assert found["mta_sts"] == "valid"
    assert [found[name] for name in NAMES] == [None] * len(NAMES)


def test_adoption_tells_modes_of_those_that_stand() -> None:
    dns = Dns()
    rows = [
        fetched("a.com", file("mx.a.com")),
        fetched("b.com", file("mx.a.com", mode="testing")),
        fetched("c.com", file("mx.a.com"), verdict=Verdict.SELF_SIGNED),
        fetched("d.com", file("mx.z.com")),
        fetched("e.com"),
    ]
    for row in rows:
        dns.txt(f"_mta-sts.{row.domain}", "v=STSv1; id=1")
        dns.records[row.domain, RRType.MX] = [MxData(10, "mx.a.com")]
    census = dns.crawl([row.domain for row in rows], {STS_POLICIES: rows})
    counted = adoption(MAIL_POLICIES, list(inferred(census).values()), census["domains"])
    found = {
        (row["aspect"], row["value"]): row["domains"]
        for row in counted
        if (row["seed_list"], row["rank_cut"], row["tld"]) == ("*", 0, "*")
        and row["aspect"] in ("sts_policy", "sts_match")
    }
    assert found == {
        ("sts_policy", "enforce"): 2,
        ("sts_policy", "testing"): 1,
        ("sts_policy", "unproven"): 1,
        ("sts_policy", "unavailable"): 1,
        ("sts_match", "matched"): 2,
        ("sts_match", "mismatched"): 1,
    }
