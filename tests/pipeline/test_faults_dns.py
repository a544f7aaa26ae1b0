"""Name servers that lose, lie, stall, die: the run ends, and every row tells what truly befell."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.pipeline.command import begun, mailcensus
from tests.pipeline.crawls import Crawl, crawl_in
from tests.pipeline.fated import check, domain_row, domain_rows, seeds
from tests.servers.fates import FATES, PLAY, TIMEOUT
from tests.servers.hostile_dns import Fate, HostileDns, honest, hostile_dns
from tests.servers.nsd import free_port
from tests.servers.thread import threaded

PATIENCE = {"dns_timeout": TIMEOUT, "dns_retry_after": 1.0}


@pytest.fixture
def server() -> Iterator[HostileDns]:
    with threaded(lambda: hostile_dns(PLAY)) as server:
        yield server


def complete(crawl: Crawl, seconds: float) -> None:
    done = mailcensus(*crawl.words, seconds=seconds)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_fault_ends_in_its_own_outcome(server: HostileDns, tmp_path: Path) -> None:
    asked = seeds(list(FATES), each=4)
    crawl = crawl_in(tmp_path, asked, nameservers=[server.label], **PATIENCE)
    complete(crawl, seconds=60)
    check(crawl, asked)
    large = [row for row in crawl.select("domain, len(txt), len(dmarc)", "domains") if row[1] > 1]
    assert large == [(f"d{number}.large.example", 240, 240) for number in range(4)]


def test_an_answer_cut_even_over_tcp_is_not_taken_for_none(
    server: HostileDns, tmp_path: Path
) -> None:
    asked = ["d0.truncated-always.example"]
    crawl = crawl_in(tmp_path, asked, nameservers=[server.label], dns_retry_after=1)
    assert mailcensus(*crawl.words).returncode == 4  # all that was asked failed
    assert [row[2] for row in domain_rows(crawl)] == ["malformed"]


def test_one_good_server_among_bad_ones_is_enough(tmp_path: Path) -> None:
    """Nobody is at home at one, one refuses all, one loses half, one stalls."""
    asked = seeds(["ok"], each=150)
    plays: list[dict[str, Fate]] = [
        {"ok": honest, "": honest},
        *({"ok": FATES[label].play, "": honest} for label in ("refused", "loss50", "silent")),
    ]
    with ExitStack() as stack:
        servers = [stack.enter_context(threaded(partial(hostile_dns, play))) for play in plays]
        names = [server.label for server in servers] + [f"127.0.0.1:{free_port()}"]
        crawl = crawl_in(tmp_path, asked, nameservers=names, **PATIENCE)
        complete(crawl, seconds=60)
    check(crawl, asked)


def test_a_server_that_dies_and_comes_back_costs_no_row(server: HostileDns, tmp_path: Path) -> None:
    asked = seeds(["ok"], each=250)
    server.at_question[200] = lambda: server.die(0.7)
    crawl = crawl_in(
        tmp_path, asked, nameservers=[server.label], dns_timeout=TIMEOUT, dns_retry_after=2.5
    )
    complete(crawl, seconds=60)
    assert server.questions > 200
    check(crawl, asked)


def test_with_no_server_left_the_run_ends_and_says_so(server: HostileDns, tmp_path: Path) -> None:
    asked = seeds(["ok"], each=150)
    server.at_question[300] = server.fall_silent
    crawl = crawl_in(
        tmp_path, asked, nameservers=[server.label],
        dns_timeout=0.1, dns_retry_after=0.5, dns_in_flight=90,
    )  # fmt: skip
    done = mailcensus(*crawl.words, seconds=90)
    assert done.returncode in (0, 4), done.stdout + done.stderr  # 4 if few hosts were found before
    rows = domain_rows(crawl)
    assert [row[0] for row in rows] == sorted(asked)
    lost = ("unreachable", "timeout")
    for row in rows:
        whole = domain_row(row[0])
        for at, value in ((2, 3), (4, 5), (6, 7)):
            assert (row[at], row[value]) == (whole[at], whole[value]) or row[at] in lost, row
    assert 0 < sum(row[2] in lost for row in rows) < len(rows)


def test_a_crawl_that_was_held_up_goes_on(server: HostileDns, tmp_path: Path) -> None:
    """Stopped for longer than any answer is waited for, as by a debugger or a laptop's lid."""
    asked = seeds(["ok"], each=300)
    crawl = crawl_in(tmp_path, asked, nameservers=[server.label], **PATIENCE)
    with begun(*crawl.words) as process:
        while process.poll() is None and server.questions < 100:
            time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)
        time.sleep(6 * TIMEOUT)
        process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    check(crawl, asked)
