"""MTA-STS policies by the real command: manners by the servers' log, resumes, many workers."""

import itertools
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest

from pipeline.journal import Journal
from pipeline.warehouse import Warehouse
from schemas import STS_POLICIES
from scripts.world.ca import Authority
from scripts.world.https import HttpsWorld, Request
from scripts.world.model import CertificateSpec, CertificateState, FileManner, PolicyFile
from tests.pipeline.command import begun, mailcensus
from tests.pipeline.crawls import RUN, Crawl, crawl_in
from tests.servers.nsd import Nsd, nsd
from tests.servers.thread import threaded

SPACING, HOLD = 0.3, 0.05
CROWD = tuple(f"127.50.1.{n}" for n in range(1, 5))
"""Addresses of one network, for twelve domains."""
PROVIDER = tuple(f"127.50.{n}.1" for n in range(10, 16))
"""Addresses of one provider, each of a network of its own, for six domains."""
LEFT, ALIAS_LEFT = "127.50.9.9", "127.50.8.8"
"""Of hosts that are left alone."""
HEAD = "$TTL 300\n. IN SOA ns. mail. 1 7200 3600 1209600 60\n. NS ns.\n$ORIGIN example.\n"
DOMAIN = '{d} MX 10 mx\n_mta-sts.{d} TXT "v=STSv1; id=1"\n'
FILE = "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n"
CROWDED = [f"crowd{n}" for n in range(12)]
PROVIDED = [f"provided{n}" for n in range(6)]
RESULT = (
    "domain, a, cname_chain, outcome, detail, address, attempts, status, file, chain, verdict, "
    "host_check"
)


def zone() -> str:
    lines = [HEAD, "mx A 127.0.0.9\n", 'broken TXT "nothing"\n']
    for n, name in enumerate(CROWDED):
        lines.append(DOMAIN.format(d=name) + f"mta-sts.{name} A {CROWD[n % len(CROWD)]}\n")
    lines += [DOMAIN.format(d=name) for name in PROVIDED]
    lines += [f"mta-sts.{name} CNAME policies.hosting\n" for name in PROVIDED]
    lines += [f"policies.hosting A {address}\n" for address in PROVIDER]
    lines += [DOMAIN.format(d=name) for name in ("left", "alias", "public", "nowhere", "opted")]
    lines += [f"mta-sts.left A {LEFT}\n", f"mta-sts.opted A {LEFT}\n"]
    lines += ["mta-sts.alias CNAME policies.gone\n", f"policies.gone A {ALIAS_LEFT}\n"]
    lines += ["mta-sts.public A 192.0.2.1\n"]
    lines += ["norecord MX 10 mx\n", f"mta-sts.norecord A {CROWD[0]}\n"]
    lines += ['void MX 10 mx\n_mta-sts.void TXT "v=STSv1;"\n', f"mta-sts.void A {CROWD[0]}\n"]
    return "".join(lines)


SEEDS = [*CROWDED, *PROVIDED, "left", "alias", "public", "nowhere", "opted", "norecord", "void"]


class Hosts(NamedTuple):
    """All servers of the test."""

    dns: Nsd
    https: HttpsWorld
    roots: Path


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    folder = tmp_path_factory.mktemp("authority")
    names = [f"mta-sts.{name}.example" for name in SEEDS]
    specs = [CertificateSpec(name, (name,), CertificateState.TRUSTED) for name in names]
    authority = Authority.make(specs, folder)
    files = [PolicyFile(name, None, name, FileManner.SERVE, FILE) for name in names]
    addresses = (*CROWD, *PROVIDER, LEFT, ALIAS_LEFT)
    with (
        nsd({".": zone()}) as dns,
        threaded(lambda: HttpsWorld(files, addresses, authority, hold=HOLD)) as https,
    ):
        yield Hosts(dns, https, folder / "roots.pem")


def crawl(hosts: Hosts, folder: Path, **settings: object) -> Crawl:
    folder.mkdir(exist_ok=True)
    (folder / "opt-out").write_text("opted.example\ngone.example\n127.50.9.0/24\n")
    given = {
        "plan": "policy", "sts_policies": True, "sts_port": hosts.https.port, "sts_rate": 1000,
        "sts_spacing": SPACING, "sts_per_provider": 1, "limits_on_loopback": True,
        "roots": str(hosts.roots), "opt_out": str(folder / "opt-out"), "commit_seconds": 0.2,
        "nameservers": [f"{hosts.dns.address}:{hosts.dns.port}"], "dns_timeout": 5.0,
        "contact": "https://census.example.net/why", **settings,
    }  # fmt: skip
    return crawl_in(folder, [f"{name}.example" for name in SEEDS], **given)


class Finished(NamedTuple):
    """A crawl that was not disturbed, and what its servers saw."""

    crawl: Crawl
    said: str
    requests: list[Request]


@pytest.fixture(scope="module")
def finished(hosts: Hosts, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    made = crawl(hosts, tmp_path_factory.mktemp("sts") / "crawl")
    done = mailcensus(*made.words, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return Finished(made, done.stdout, list(hosts.https.requests))


def peak(visits: Iterable[Request]) -> int:
    """The most at once; from their beginning to their answer, which no client sees end sooner."""
    steps = sorted(step for visit in visits for step in ((visit.began, 1), (visit.answered, -1)))
    return max(itertools.accumulate(change for _, change in steps))


def by(requests: Iterable[Request], of: Callable[[Request], object]) -> list[list[Request]]:
    ordered = sorted(requests, key=lambda each: (str(of(each)), each.began))
    return [list(group) for _, group in itertools.groupby(ordered, of)]


def committed(made: Crawl) -> set[str]:
    """Policy hosts that were contacted and whose rows the journal has."""
    parts = Journal.load(Warehouse.at(str(made.warehouse)).run(RUN)).parts(STS_POLICIES)
    rows = [row for part in parts for row in pq.read_table(part).to_pylist()]
    return {row["host"] for row in rows if row["address"] is not None}


def test_every_domain_with_a_record_has_a_row_and_no_other(finished: Finished) -> None:
    rows = {
        row[0].removesuffix(".example"): row
        for row in finished.crawl.select(RESULT, "sts_policies")
    }
    assert set(rows) == {*CROWDED, *PROVIDED, "left", "alias", "public", "nowhere"}
    for name in (*CROWDED, *PROVIDED):
        _, _, _, *found, chain, verdict, check = rows[name]
        assert found[:2] == ["ok", None]
        assert found[3:] == [1, 200, FILE]
        assert (len(chain), verdict, check) == (2, "trusted", "matches")
    told = {name: rows[name][3:6] for name in ("left", "alias", "public", "nowhere")}
    assert told == {
        "left": ("not_fetched", "opted out: 127.50.9.0/24", None),
        "alias": ("not_fetched", "opted out: gone.example", None),
        "public": ("reserved", "reserved", None),
        "nowhere": ("no_address", "nxdomain", None),
    }
    assert "sts_policies 22" in " ".join(finished.said.split())


def test_nobody_is_asked_who_opted_out_nor_twice_nor_by_strangers(finished: Finished) -> None:
    assert Counter(request.host for request in finished.requests) == dict.fromkeys(
        [f"mta-sts.{name}.example" for name in (*CROWDED, *PROVIDED)], 1
    )
    (line,) = {request.line for request in finished.requests}
    assert line == "GET /.well-known/mta-sts.txt HTTP/1.1"
    (agent,) = {request.user_agent for request in finished.requests}
    assert agent.startswith("mailcensus/")
    assert agent.endswith(" (+https://census.example.net/why)")


def test_limits_by_the_log_of_the_servers(finished: Finished) -> None:
    for visits in by(finished.requests, lambda each: each.address):
        begins = [visit.began for visit in visits]
        gaps = [after - before for before, after in itertools.pairwise(begins)]
        assert all(gap >= SPACING for gap in gaps)
    crowd = [each for each in finished.requests if each.address in CROWD]
    provider = [each for each in finished.requests if each.address in PROVIDER]
    assert (len(crowd), len(provider)) == (12, 6)
    assert peak(crowd) <= 2
    assert peak(provider) == 1
    assert len({each.address for each in provider}) > 1  # not all of them at the first


def test_killed_and_then_shared_out_it_ends_with_the_same_rows(
    hosts: Hosts, finished: Finished, tmp_path: Path
) -> None:
    before = len(hosts.https.requests)
    made = crawl(hosts, tmp_path)
    with begun(*made.words) as process:
        while process.poll() is None and not committed(made):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    kept = committed(made)
    made = crawl(hosts, tmp_path, workers=2)
    done = mailcensus(*made.words, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert kept
    assert made.select(RESULT, "sts_policies") == finished.crawl.select(RESULT, "sts_policies")
    asked = Counter(request.host for request in hosts.https.requests[before:])
    assert {asked[host] for host in kept} == {1}
    assert max(asked.values()) <= 2


def test_policies_are_fetched_only_when_asked(hosts: Hosts, tmp_path: Path) -> None:
    before = len(hosts.https.requests)
    made = crawl(hosts, tmp_path, sts_policies=False)
    done = mailcensus(*made.words, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(hosts.https.requests) == before
    assert not made.select("domain", "sts_policies")
    assert "sts_policies" not in done.stdout
    resumed = mailcensus(*made.words, "--mta-sts-policies")
    assert resumed.returncode == 2
    assert "sts_policies was None, is True" in resumed.stderr
    said = mailcensus("export", made.warehouse, RUN, "sts_policies")
    assert (said.returncode, "it fetched no MTA-STS policies" in said.stderr) == (2, True)


def test_what_is_refused_before_anybody_is_asked(hosts: Hosts, tmp_path: Path) -> None:
    made = crawl(hosts, tmp_path)
    other = mailcensus(*made.words, "--plan", "mail")
    assert other.returncode == 2
    assert "plan mail does not ask for MTA-STS" in other.stderr
    made = crawl(hosts, tmp_path, scope="public")
    stranger = mailcensus(*made.words)
    assert stranger.returncode == 2
    assert "ehlo_name must be set before servers of others are contacted" in stranger.stderr
