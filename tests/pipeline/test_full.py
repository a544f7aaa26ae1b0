"""Plan full, by the real command against a real NSD that counts what it is asked."""

import datetime as dt
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.plan import Plan
from schemas import APEX, CERTIFICATES, DOMAINS, HOSTS, SMTP, SPF
from schemas.query import Query
from schemas.snowshoe import FEATURES
from schemas.table import Table, hints, member
from tests.pipeline.command import begun, mailcensus
from tests.pipeline.crawls import RUN, Crawl, crawl_in
from tests.servers.nsd import Nsd, nsd

ZONES = 60
"""Seeds with a zone of their own; as many are mere names."""
MOST = 11
"""Questions a domain a day (docs/operating.md)."""
ROOT = "$TTL 300\n. IN SOA ns. mail. 1 7200 3600 1209600 60\n. NS ns.\n$ORIGIN example.\n"
ROOT += "".join(f'bare{n} A 127.0.1.{n}\nbare{n} TXT "v=spf1 a -all"\n' for n in range(ZONES))
ROOT += "ns1.host A 127.0.3.1\nns2.host AAAA ::1\nmx.host A 127.0.3.3\n"
ZONE = """\
$TTL 600
@ IN SOA ns1.host.example. mail {n} 7200 3600 1209600 300
@ NS ns1.host.example.
@ NS ns2.host.example.
@ NS ns3
@ A 127.0.2.{n}
@ MX 10 mx.host.example.
@ TXT "v=spf1 ip4:192.0.2.0/24 -all"
ns3 A 127.0.4.{n}
"""
OF_APEX = "domain, hosts, ns, soa, ns_query.outcome, soa_query.outcome"
HOST = "host, a, aaaa, a_query.outcome, aaaa_query.outcome"


@pytest.fixture(scope="module")
def server() -> Iterator[Nsd]:
    zones = {f"zone{n}.example": ZONE.format(n=n) for n in range(ZONES)}
    with nsd({".": ROOT, **zones}) as server:
        yield server


LAPSED = "lapsed.example"
SEEDS = [f"{kind}{n}.example" for kind in ("zone", "bare") for n in range(ZONES)]


def crawl(server: Nsd, folder: Path, **settings: object) -> Crawl:
    where = [f"{server.address}:{server.port}"]
    given = {"plan": "full", "commit_seconds": 0.2, **settings}
    return crawl_in(folder, [*SEEDS, LAPSED], nameservers=where, **given)


@pytest.fixture(scope="module")
def undisturbed(server: Nsd, tmp_path_factory: pytest.TempPathFactory) -> tuple[Crawl, int]:
    """A finished crawl, and how many questions the server counted."""
    made = crawl(server, tmp_path_factory.mktemp("full"), ptr=True)
    before = server.queries()
    done = mailcensus(*made.words)
    assert done.returncode == 0, done.stdout + done.stderr
    return made, server.queries() - before


def test_every_seed_has_its_row_and_its_addresses(undisturbed: tuple[Crawl, int]) -> None:
    made, _ = undisturbed
    rows = {row[0]: row for row in made.select(OF_APEX, "apex")}
    assert rows.keys() == {*SEEDS, "lapsed.example"}
    _, hosts, ns, soa, *outcomes = rows["zone7.example"]
    assert ns == ["ns1.host.example", "ns2.host.example", "ns3.zone7.example"]
    assert hosts == ["zone7.example", *ns]
    assert (soa["mname"], soa["serial"], outcomes) == ("ns1.host.example", 7, ["ok", "ok"])
    assert rows["bare7.example"][1:] == (["bare7.example"], [], None, "nodata", "nodata")
    found = {row[0]: row for row in made.select(HOST, "hosts")}
    assert found["zone7.example"][1:] == (["127.0.2.7"], [], "ok", "nodata")
    assert found["lapsed.example"][3:] == ("nxdomain", "nxdomain")
    assert found["ns2.host.example"][2] == ["::1"]
    assert ("127.0.2.7",) in made.select("address", "addresses")


def test_questions_by_the_count_of_the_server(undisturbed: tuple[Crawl, int]) -> None:
    """Each is put once: 7 for a seed whatever else leads to its addresses, and less than 11 with
    all that seeds lead to, among them a name server of its own for every other."""
    made, counted = undisturbed

    def sent(table: Table, *columns: str) -> int:
        names = columns or [n for n, hint in hints(table.record).items() if member(hint) is Query]
        parts = "+".join(f"coalesce({name}.attempts, 0)" for name in names)
        rows = made.select(f"{table.key[0]}, {parts}", table.name)
        known = {*SEEDS, LAPSED} if table is SPF else ()  # their TXT is that of domains
        return sum(count for key, count in rows if key not in known)

    tables = [table for table in Plan.FULL.tables if table not in (SMTP, CERTIFICATES)]
    assert counted == 1 + sum(sent(table) for table in tables)
    seeds = len(SEEDS) + 1
    assert sent(DOMAINS, "mx_query", "txt_query", "dmarc_query") == 3 * seeds
    assert sent(APEX) == 2 * seeds
    assert sent(HOSTS, "a_query", "aaaa_query") == 2 * (seeds + ZONES + 3)
    assert counted <= MOST * seeds


def test_killed_and_then_shared_out_it_ends_with_the_same_rows(
    server: Nsd, undisturbed: tuple[Crawl, int], tmp_path: Path
) -> None:
    made = crawl(server, tmp_path, dns_rate=400)
    with begun(*made.words) as process:
        while process.poll() is None and not made.select("domain", "apex"):
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    before = len(made.select("domain", "apex"))
    done = mailcensus(*crawl(server, tmp_path, workers=2).words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 0 < before < len(SEEDS)
    for table, columns in (("apex", OF_APEX), ("hosts", HOST)):
        assert made.select(columns, table) == undisturbed[0].select(columns, table)


def test_only_mail_hosts_are_probed(server: Nsd, tmp_path: Path) -> None:
    """Of what a seed's own addresses are, and its name servers', nothing is asked by SMTP."""
    made = crawl(server, tmp_path, smtp=True, smtp_port=9, commit_seconds=60)
    mailcensus(*made.words)  # which ends with an alarm: nobody is there
    probed = {address for (address,) in made.select("address", "smtp")}
    # Names without MX are their own mail hosts (RFC 5321 section 5.1).
    assert probed == {"127.0.3.3", *(f"127.0.1.{n}" for n in range(ZONES))}


def test_who_opted_out_has_a_row_and_is_not_asked(server: Nsd, tmp_path: Path) -> None:
    (tmp_path / "opt-out.txt").write_text("zone1.example\n")
    made = crawl_in(
        tmp_path, ["zone1.example", "zone2.example"], plan="full",
        nameservers=[f"{server.address}:{server.port}"], opt_out=str(tmp_path / "opt-out.txt"),
    )  # fmt: skip
    before = server.queries()
    done = mailcensus(*made.words)
    assert done.returncode == 0, done.stdout + done.stderr
    # The root, and of zone2 all: seed, apex, hosts, TLSA of its exchange, DMARC above.
    assert server.queries() - before == 1 + 3 + 2 + 2 * 5 + 1 + 1
    rows = made.select(OF_APEX, "apex")
    assert rows[0] == ("zone1.example", [], [], None, "not_asked", "not_asked")
    parts = made.warehouse / "hosts" / f"run={RUN}" / "*.parquet"
    query = f"SELECT count(*) FROM '{parts}' WHERE host = 'zone1.example'"
    assert duckdb.sql(query).fetchall() == [(0,)]


def test_features_of_a_run_and_of_the_run_after_it(undisturbed: tuple[Crawl, int]) -> None:
    """By hand, from the zones above; the second run has one seed more, and is inferred first."""
    made, _ = undisturbed
    words = list(made.words)
    words[words.index(RUN)] = "2099-01-02"
    (made.folder / "seeds.txt").write_text("zone7.example\nbare7.example\nns1.host.example\n")
    later = mailcensus(*words, "--no-smtp")
    assert later.returncode == 0, later.stdout + later.stderr
    for run in ("2099-01-02", RUN, "2099-01-02"):
        done = mailcensus("infer", made.warehouse, run)
        assert done.returncode == 0, done.stdout + done.stderr
    first, second = (_features(made, run) for run in (RUN, "2099-01-02"))
    assert len(first) == len(SEEDS) + 1
    row = first["zone7.example"]
    assert (row["a_addresses"], row["a_min_ttl"], row["aaaa_addresses"]) == (1, 600, 0)
    assert (row["mx_addresses"], row["mx_v4_addresses"], row["mx_in_domain_share"]) == (1, 1, 0.0)
    assert (row["ns_hosts"], row["ns_min_ttl"]) == (3, 600)
    assert row["ns_registered_domains"] is None  # no public suffix is called example
    assert row["ns_in_domain_share"] == pytest.approx(1 / 3)
    assert (row["spf_v4_addresses"], row["spf_slash24s"], row["spf_all"]) == (256, 1, 1)
    assert (row["soa_refresh"], row["soa_minimum"], row["soa_mname_in_domain"]) == (7200, 300, 0)
    assert (row["slash24_neighbours"], row["slash24_group"]) == (ZONES - 1, "192.0.2.0/24")
    assert (row["spf_reach"], row["spf_neighbours"], row["changed"]) == (256, ZONES - 1, None)
    gone = first["lapsed.example"]
    assert {gone[name] for name in FEATURES} == {0, None}
    assert (gone["ns_hosts"], gone["a_addresses"], gone["a_min_ttl"]) == (0, 0, None)
    again, new = second["zone7.example"], second["ns1.host.example"]
    assert (again["first_seen"], again["changed"]) == (row["first_seen"], 0)
    assert again["days_seen"] == (dt.date(2099, 1, 2) - row["first_seen"]).days > 0
    assert (new["days_seen"], new["changed"]) == (0, None)


def _features(made: Crawl, run: str) -> dict[str, dict[str, Any]]:
    parts = made.warehouse / "snowshoe" / f"run={run}" / "*.parquet"
    rows = duckdb.sql(f"FROM '{parts}'").to_arrow_table().to_pylist()
    return {row["domain"]: row for row in rows}
