"""The real command's manners: what the servers of a world say of their visitor."""

import asyncio
import csv
import threading
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from scripts.world.visits import Visits, read_visits
from tests.pipeline.command import mailcensus
from tests.pipeline.limits.town import Town, town
from tests.servers.nsd import nsd
from tests.servers.world import world

RATE = 150
SPACING = 5.0  # a silent server lets go after 3 s and would be tried again after 1 s
NETWORK = "127.1.1.0/24"
SETTINGS = f"""
limits_on_loopback = true
smtp_rate = {RATE}
smtp_spacing = {SPACING}
smtp_block_pause = 0.5
"""


class Crawled(NamedTuple):
    warehouse: Path
    opted_out: list[str]
    """Seeds."""
    visits: dict[str, Visits]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query in which {table} stands for the files of a table."""
        tables = ("domains", "smtp", "hosts", "providers")
        files = {table: f"'{self.warehouse}/{table}/run=night/*.parquet'" for table in tables}
        return duckdb.sql(query.format_map(files)).fetchall()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    place = tmp_path_factory.mktemp("manners")
    with world(place / "world", domains=250, seed=7) as served:
        seeds = [domain for _, domain in csv.reader(served.seeds.read_text().splitlines())]
        rules = place / "opt-out.txt"
        rules.write_text("\n".join([*seeds[:5], NETWORK, "mx:google.com"]))
        config = place / "mailcensus.toml"
        config.write_text(f"{served.config.read_text()}{SETTINGS}opt_out = '{rules}'\n")
        words = ("--warehouse", place / "warehouse", "--run", "night", "--config", config)
        done = mailcensus("crawl", served.seeds, *words, "--exact", seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    inferred = mailcensus("infer", place / "warehouse", "night")
    assert inferred.returncode == 0, inferred.stdout + inferred.stderr
    visits = read_visits(place / "world" / "visits.jsonl")
    return Crawled(place / "warehouse", seeds[:5], visits)


def test_connections_keep_to_the_rate(crawled: Crawled) -> None:
    times = sorted(time for visit in crawled.visits.values() for time in visit.times)
    assert len(times) > 100
    busiest = max(bisect_left(times, time + 0.5) - index for index, time in enumerate(times))
    assert busiest <= RATE * 0.5 * 1.3  # the servers' clock wobbles


def test_an_address_is_visited_once_and_again_only_after_a_while(crawled: Crawled) -> None:
    assert max(visit.peak for visit in crawled.visits.values()) == 1
    again = [visit for visit in crawled.visits.values() if visit.connections > 1]
    assert again  # the world has servers that put us off
    for visit in again:
        assert visit.connections == 2
        assert all(after - before >= SPACING for before, after in pairwise(visit.times))


def test_who_opted_out_is_left_alone_and_the_rows_say_so(crawled: Crawled) -> None:
    rows = crawled.ask("FROM {domains} SELECT domain WHERE mail = 'opted_out' ORDER BY domain")
    assert [domain for (domain,) in rows] == sorted(crawled.opted_out)
    asked = crawled.ask(
        "FROM {domains} SELECT DISTINCT mx_query.outcome, txt_query.attempts, dmarc_query.attempts "
        "WHERE mail = 'opted_out'"
    )
    assert asked == [("not_asked", 0, 0)]
    rows = crawled.ask("FROM {smtp} SELECT address, detail WHERE outcome = 'not_probed'")
    left: dict[str, str] = dict(rows)
    assert {f"opted out: {NETWORK}", "opted out: mx:google.com"} <= set(left.values())
    inhabited = crawled.visits.keys() & left.keys()
    assert {left[address] for address in inhabited} >= {f"opted out: {NETWORK}"}
    assert not any(crawled.visits[address].connections for address in inhabited)
    network = [visit for a, visit in crawled.visits.items() if a.startswith("127.1.1.")]
    assert network
    assert not any(visit.connections for visit in network)


def test_a_domain_that_opted_out_is_accounted_for(crawled: Crawled) -> None:
    rows = crawled.ask("FROM {providers} SELECT domain WHERE category = 'opted_out' ORDER BY 1")
    assert [domain for (domain,) in rows] == sorted(crawled.opted_out)
    told = mailcensus("explain", crawled.warehouse, "night", crawled.opted_out[0])
    assert told.returncode == 0, told.stderr
    assert "MX: opted_out: on the opt-out list: nothing was asked [not_asked]" in told.stdout
    assert "SPF" not in told.stdout


@contextmanager
def running_town() -> Iterator[Town]:
    """A town in a thread of its own, so that a test may wait for a command."""
    ready, over = threading.Event(), threading.Event()
    built: list[Town] = []

    async def live() -> None:
        async with town() as here:
            built.append(here)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    ready.wait(30)
    try:
        yield built[0]
    finally:
        over.set()
        thread.join()


ZONE = """\
$ORIGIN example.net.
@ 300 SOA ns root 1 300 300 300 300
@ 300 NS ns
ns 300 A 127.0.0.1
@ 300 MX 10 mx
mx 300 A 127.0.0.1
mx 300 A 10.1.2.3
mx 300 A 192.168.1.1
mx 300 A 169.254.169.254
mx 300 A 224.0.0.1
mx 300 AAAA ::1
mx 300 AAAA ::ffff:127.0.0.1
census 300 A 192.0.2.1
"""
REVERSE = """\
$ORIGIN 2.0.192.in-addr.arpa.
@ 300 SOA ns.example.net. root.example.net. 1 300 300 300 300
@ 300 NS ns.example.net.
1 300 PTR {name}
"""


def public_crawl(place: Path, port: int, reverse: str) -> tuple[int, str]:
    """Status and words of a crawl of example.net with a resolver of its own."""
    zones = {"example.net": ZONE, "2.0.192.in-addr.arpa": REVERSE.format(name=reverse)}
    seeds = place / "seeds.txt"
    seeds.write_text("example.net\n")
    with nsd(zones) as server:
        done = mailcensus(
            "crawl", seeds, "--warehouse", place / "warehouse", "--run", "night",
            "--nameserver", f"{server.address}:{server.port}", "--smtp-port", port,
            "--ehlo-name", "census.example.net", "--contact", "https://census.example.net/",
        )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_public_crawl_contacts_no_reserved_address(tmp_path: Path) -> None:
    with running_town() as here:
        status, said = public_crawl(tmp_path, here.port, "census.example.net.")
    assert status == 0, said
    crawled = Crawled(tmp_path / "warehouse", [], {})
    rows = crawled.ask("FROM {smtp} SELECT outcome, count(*) GROUP BY ALL")
    assert rows == [("not_probed", 7)]
    assert here.visits == []


def test_a_public_crawl_whose_name_does_not_lead_back_does_not_begin(tmp_path: Path) -> None:
    with running_town() as here:
        status, said = public_crawl(tmp_path, here.port, "pool-1.isp.example.")
    assert status == 2, said
    assert "the PTR of 192.0.2.1 -> pool-1.isp.example instead of census.example.net" in said
    assert here.visits == []


def test_a_list_with_a_line_that_is_no_rule_stops_the_crawl(tmp_path: Path) -> None:
    rules = tmp_path / "opt-out.txt"
    rules.write_text("example.com\nhttps://example.net\n")
    config = tmp_path / "mailcensus.toml"
    config.write_text(f"scope = 'loopback'\nopt_out = '{rules}'\nsmtp = false\n")
    seeds = tmp_path / "seeds.txt"
    seeds.write_text("example.org\n")
    with nsd({"example.net": ZONE}) as server:
        done = mailcensus(
            "crawl", seeds, "--warehouse", tmp_path / "w", "--config", config,
            "--nameserver", f"{server.address}:{server.port}",
        )  # fmt: skip
    assert done.returncode == 2
    assert "line 2: 'https://example.net' is no domain, address or network" in done.stderr
