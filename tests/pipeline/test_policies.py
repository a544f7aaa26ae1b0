"""Plan policy, by the real command against a real NSD that counts what it is asked."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.policy.stage import CERTAIN, SELECTORS
from tests.pipeline.command import begun, mailcensus
from tests.pipeline.crawls import RUN, Crawl, crawl_in
from tests.servers.nsd import Nsd, nsd

DOMAINS = 300
"""Of each kind."""
HEAD = "$TTL 300\n. IN SOA ns. mail. 1 7200 3600 1209600 60\n. NS ns.\n$ORIGIN example.\n"
KINDS = {
    "signed": (
        "{d} MX 10 mx.{d}\nmx.{d} A 127.0.0.9\nautodiscover.{d} A 127.0.0.{n}\n"
        "selector1._domainkey.{d} CNAME selector1-{d}._domainkey.contoso\n"
    ),
    "plain": "{d} MX 10 mx.signed0\n",
    "implicit": "{d} A 127.0.0.9\n",
    "null": "{d} MX 0 .\n",
    "local": "{d} MX 10 localhost.\n",
}
SERVICES = ("domainkey", "autodiscover", "autodiscover_srv", "mta_sts", "tls_rpt", "bimi")
RESULT = (
    "domain, autodiscover, "
    "list_transform(dkim, lambda s: (s.selector, s.cname_chain, s.query.outcome)), "
    + ", ".join(f"{service}_query.outcome" for service in SERVICES)
)


@pytest.fixture(scope="module")
def server() -> Iterator[Nsd]:
    zone = HEAD + "".join(
        text.format(d=f"{kind}{n}", n=n % 250 + 1)
        for kind, text in KINDS.items()
        for n in range(DOMAINS)
    )
    with nsd({".": zone}) as server:
        yield server


def crawl(server: Nsd, folder: Path, **settings: object) -> Crawl:
    seeds = [f"{kind}{n}.example" for kind in KINDS for n in range(DOMAINS)]
    where = [f"{server.address}:{server.port}"]
    given = {"plan": "policy", "commit_seconds": 0.2, **settings}
    return crawl_in(folder, [*seeds, "lapsed.example"], nameservers=where, **given)


@pytest.fixture(scope="module")
def undisturbed(server: Nsd, tmp_path_factory: pytest.TempPathFactory) -> tuple[Crawl, str]:
    """A finished crawl and what it said; each question was put once, by the server's count."""
    made = crawl(server, tmp_path_factory.mktemp("policy"))
    before = server.queries()
    done = mailcensus(*made.words)
    assert done.returncode == 0, done.stdout + done.stderr
    sent = [f"{service}_query.attempts" for service in SERVICES]
    sent.append("list_sum(list_transform(dkim, lambda s: s.query.attempts))")
    ((policies,),) = made.select(f"sum({' + '.join(sent)})", "policies")
    ((domains,),) = made.select(
        "sum(mx_query.attempts + txt_query.attempts + dmarc_query.attempts)", "domains"
    )
    ((hosts,),) = made.select("sum(a_query.attempts + aaaa_query.attempts)", "hosts")
    ((above,),) = made.select("sum(dmarc_query.attempts)", "dmarc")
    ((tlsa,),) = made.select("sum(tlsa_query.attempts)", "tlsa")
    assert server.queries() - before == policies + domains + hosts + above + tlsa + 1
    return made, done.stdout


def test_every_seed_with_mail_has_one_row_and_no_other_has(undisturbed: tuple[Crawl, str]) -> None:
    made, said = undisturbed
    found = [domain for (domain,) in made.select("domain", "policies")]
    wanted = [
        f"{kind}{n}.example" for kind in ("signed", "plain", "implicit") for n in range(DOMAINS)
    ]
    assert found == sorted(wanted)
    assert f"policies {3 * DOMAINS:,}" in " ".join(said.split())
    status = json.loads((made.bookkeeping / "status.json").read_text())
    assert {lane["table"]: lane["rows"] for lane in status["lanes"]}["policies"] == 3 * DOMAINS
    assert "policies" in mailcensus("status", made.warehouse, RUN).stdout


def test_what_was_found_and_what_was_saved(undisturbed: tuple[Crawl, str]) -> None:
    made, _ = undisturbed
    rows = {row[0]: row for row in made.select(RESULT, "policies")}
    signed, plain = rows["signed7.example"], rows["plain7.example"]
    first, *others = signed[2]
    assert first[:2] == (
        "selector1",
        ["selector1-signed7._domainkey.contoso.example"],
    )
    assert signed[1] == ["127.0.0.8"]
    assert {each[2] for each in others} == {"nxdomain"}
    assert [each[2] for each in plain[2]] == (
        ["nxdomain"] * CERTAIN + ["not_asked"] * (len(SELECTORS) - CERTAIN)
    )
    assert made.select("count(*)", "addresses") == [(250,)]  # those of autodiscover, too


def test_killed_and_then_shared_out_it_ends_with_the_same_rows(
    server: Nsd, undisturbed: tuple[Crawl, str], tmp_path: Path
) -> None:
    made = crawl(server, tmp_path, dns_rate=5000)
    with begun(*made.words) as process:
        while process.poll() is None and not made.select("domain", "policies"):
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    before = len(made.select("domain", "policies"))
    made = crawl(server, tmp_path, workers=2)
    done = mailcensus(*made.words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 0 < before < 3 * DOMAINS
    assert made.select(RESULT, "policies") == undisturbed[0].select(RESULT, "policies")


def test_a_run_keeps_its_plan(undisturbed: tuple[Crawl, str]) -> None:
    made, _ = undisturbed
    other = mailcensus(*made.words, "--plan", "mail")
    assert other.returncode == 2
    assert "plan was 'policy', is 'mail'" in other.stderr
