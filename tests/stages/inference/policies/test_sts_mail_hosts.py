"""Whether senders take the certificates of the mail hosts that an MTA-STS policy lists."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import ibis.expr.types as ir
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.certificate import certificate_row
from schemas import CERTIFICATES, MAIL_POLICIES, SMTP, STS_POLICIES
from schemas.certificates import Certificate
from schemas.outcomes import ProbeOutcome, StartTls, Verdict
from schemas.smtp import Smtp
from schemas.sts_policies import PolicyFetch
from schemas.table import Table
from stages.dns.answer import MxData, RRType
from stages.smtp.dialogue import Dialogue, Target
from stages.smtp.record import row_of
from tests.certs.authority import issue, new_key
from tests.stages.inference.policies.test_policies import adoption
from tests.stages.inference.policies.test_sts import fetched, file
from tests.stages.inference.policies.zone import PORT, Dns, inferred

OURS = "mx.{d}"
"""The mail host of a case; {d} is its domain."""
REFUSED = "refused_certificate"
KEY = new_key()


class Leaf(NamedTuple):
    """A certificate that is shown."""

    name: str
    verdict: Verdict = Verdict.TRUSTED
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH


class Shown(NamedTuple):
    """What an address shows, and to a client that names which host."""

    leaf: Leaf | None = None
    asked: str = OURS
    starttls: StartTls = StartTls.OK
    outcome: ProbeOutcome = ProbeOutcome.OK
    port: int = PORT


GOOD, WILD, OTHER = Leaf(OURS), Leaf("*.{d}"), Leaf("mx.other")
EXPIRED = GOOD._replace(verdict=Verdict.EXPIRED)
FOREIGN = "mx.foreign"
NOTHING = Shown(starttls=StartTls.NOT_OFFERED)
UNKNOWN: tuple[Any, ...] = (None, None)

CASES: dict[str, tuple[list[Shown], tuple[Any, ...]]] = {
    "its own": ([Shown(GOOD)], ("accepted", [(1, 1, [])])),
    "a wildcard": ([Shown(WILD)], ("accepted", [(1, 1, [])])),
    "its own, whoever was named": ([Shown(GOOD, FOREIGN)], ("accepted", [(1, 1, [])])),
    "at two addresses": ([Shown(GOOD), Shown(WILD)], ("accepted", [(2, 2, [])])),
    "another's": ([Shown(OTHER)], ("refused", [(1, 0, ["other_names"])])),
    "another's, to who named another": ([Shown(OTHER, FOREIGN)], UNKNOWN),
    "over": ([Shown(EXPIRED)], ("refused", [(1, 0, ["expired"])])),
    "over, whoever was named": ([Shown(EXPIRED, FOREIGN)], ("refused", [(1, 0, ["expired"])])),
    "nobody vouches": (
        [Shown(OTHER._replace(verdict=Verdict.SELF_SIGNED))],
        ("refused", [(1, 0, ["self_signed"])]),
    ),
    "nobody vouches, to who named another": (
        [Shown(OTHER._replace(verdict=Verdict.SELF_SIGNED), FOREIGN)], UNKNOWN,
    ),
    "for clients": (
        [Shown(GOOD._replace(purpose=ExtendedKeyUsageOID.CLIENT_AUTH), FOREIGN)],
        ("refused", [(1, 0, ["wrong_purpose"])]),
    ),
    "not judged": ([Shown(GOOD._replace(verdict=Verdict.NOT_JUDGED))], UNKNOWN),
    "no STARTTLS": ([NOTHING], ("refused", [(1, 0, ["no_tls"])])),
    "a failed handshake": (
        [Shown(starttls=StartTls.TLS_FAILED)], ("refused", [(1, 0, ["no_tls"])]),
    ),
    "cut off": ([Shown(starttls=StartTls.CLOSED)], UNKNOWN),
    "no connection": (
        [Shown(starttls=StartTls.NOT_TRIED, outcome=ProbeOutcome.CONNECT_TIMEOUT)], UNKNOWN,
    ),
    "not contacted": (
        [Shown(starttls=StartTls.NOT_TRIED, outcome=ProbeOutcome.NOT_PROBED)], UNKNOWN,
    ),
    "another port": ([Shown(OTHER, port=26)], UNKNOWN),
    "not probed": ([], UNKNOWN),
    "one of two": ([Shown(GOOD), Shown(EXPIRED)], ("partly", [(2, 1, ["expired"])])),
    "two faults": (
        [Shown(OTHER), NOTHING, Shown(EXPIRED)],
        ("refused", [(3, 0, ["expired", "no_tls", "other_names"])]),
    ),
    "one not known": ([Shown(GOOD), Shown(OTHER, FOREIGN)], ("accepted", [(1, 1, [])])),
}  # fmt: skip


class Town:
    """Domains, their policies, and what their mail hosts show."""

    def __init__(self) -> None:
        self._dns = Dns()
        self._domains: list[str] = []
        self._policies: list[PolicyFetch] = []
        self._probes: list[Smtp] = []
        self._leaves: dict[str, Certificate] = {}

    def add(self, domain: str, hosts: Mapping[str, Sequence[Shown]], listed: str = "*.{d}") -> None:
        """A domain whose policy lists this pattern, and what each of its hosts shows."""
        self._domains.append(domain)
        self._policies.append(fetched(domain, file(listed.replace("{d}", domain))))
        self._dns.txt(f"_mta-sts.{domain}", "v=STSv1; id=1")
        names = [name.replace("{d}", domain) for name in hosts]
        self._dns.records[domain, RRType.MX] = [MxData(10, name) for name in names]
        for name, shown in zip(names, hosts.values(), strict=True):
            probes = [self._probe(domain, each) for each in shown]
            self._dns.records[name, RRType.A] = probes

    def census(self) -> Mapping[str, ir.Table]:
        shown: dict[Table, Sequence[tuple[object, ...]]] = {
            STS_POLICIES: self._policies,
            SMTP: self._probes,
            CERTIFICATES: list(self._leaves.values()),
        }
        return self._dns.crawl(self._domains, shown)

    def _probe(self, domain: str, shown: Shown) -> str:
        """The address of a server that shows it."""
        number = len(self._probes)
        address = f"10.0.{number // 250}.{number % 250}"
        row = row_of(Dialogue(Target(address, shown.port, None), 1, ()))._replace(
            outcome=shown.outcome,
            starttls=shown.starttls,
            chain=(self._leaf(domain, shown.leaf),) if shown.leaf else (),
            server_name=shown.asked.replace("{d}", domain),
        )
        self._probes.append(row)
        return address

    def _leaf(self, domain: str, leaf: Leaf) -> str:
        purpose = (x509.ExtendedKeyUsage([leaf.purpose]), False)
        made = issue("x", dns=[leaf.name.replace("{d}", domain)], extensions=[purpose], key=KEY)
        row = certificate_row(made.der, 1, leaf.verdict, None)
        self._leaves[row.sha256] = row
        return row.sha256


MORE: dict[str, tuple[dict[str, list[Shown]], str, tuple[Any, ...]]] = {
    "a.com": ({OURS: [Shown(GOOD)], "my.{d}": [NOTHING]}, "*.{d}",
              ("partly", ["my.a.com: no_tls"])),
    "b.com": ({OURS: [Shown(GOOD)], "my.{d}": [NOTHING]}, "mx.{d}", ("accepted", [])),
    "c.com": ({OURS: [Shown(EXPIRED)], "my.{d}": [NOTHING]}, "*.{d}",
              ("refused", ["mx.c.com: expired", "my.c.com: no_tls"])),
    "d.com": ({OURS: [Shown(GOOD)], "my.{d}": []}, "*.{d}", ("accepted", [])),
    "e.com": ({OURS: [Shown(GOOD)]}, "mx.elsewhere.com", (None, [])),
}  # fmt: skip
"""By domain: its hosts, its pattern, the verdict and the terms of the findings."""


@pytest.fixture(scope="module")
def found() -> tuple[Mapping[str, ir.Table], dict[str, Any]]:
    """Tables of a crawl of all cases, and rows of mail_policies by domain."""
    town = Town()
    for number, (shown, _) in enumerate(CASES.values()):
        town.add(f"case{number}.com", {OURS: shown})
    for domain, (hosts, listed, _) in MORE.items():
        town.add(domain, hosts, listed)
    census = town.census()
    return census, inferred(census)


@pytest.mark.parametrize("case", CASES)
def test_a_host(found: tuple[object, dict[str, Any]], case: str) -> None:
    domain, (tls, hosts) = f"case{list(CASES).index(case)}.com", CASES[case][1]
    row = found[1][domain]
    assert row["sts_match"] == "matched"
    wanted = [
        {"host": f"mx.{domain}", "tls": tls, "seen": seen, "accepted": good, "reasons": reasons}
        for seen, good, reasons in hosts or ()
    ]
    assert (row["sts_tls"], row["sts_mail_hosts"]) == (tls, wanted if tls else None)
    refused = [each["term"] for each in row["findings"] if each["finding"] == REFUSED]
    assert refused == [f"mx.{domain}: {reason}" for each in wanted for reason in each["reasons"]]


@pytest.mark.parametrize("domain", MORE)
def test_hosts_of_a_domain_together(found: tuple[object, dict[str, Any]], domain: str) -> None:
    row = found[1][domain]
    refused = [each["term"] for each in row["findings"] if each["finding"] == REFUSED]
    assert (row["sts_tls"], refused) == MORE[domain][2]


def test_adoption_counts_policies_that_stand(
    found: tuple[Mapping[str, ir.Table], dict[str, Any]],
) -> None:
    census, rows = found
    voided = {**rows["c.com"], "sts_policy": "void"}
    counted = adoption(MAIL_POLICIES, [*rows.values(), voided], census["domains"])
    words = [row["sts_tls"] for row in rows.values()]
    assert {
        row["value"]: row["domains"]
        for row in counted
        if (row["aspect"], row["seed_list"], row["rank_cut"], row["tld"])
        == ("sts_tls", "*", 0, "*")
    } == {word: words.count(word) for word in ("accepted", "partly", "refused")}
