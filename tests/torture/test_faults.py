"""The faults of tests/pipeline in numbers, and those that are slow to show."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline.command import mailcensus
from tests.pipeline.crawls import crawl_in
from tests.pipeline.fated import check, domain_row, domain_rows, seeds
from tests.pipeline.trials import Trials, crawled
from tests.pipeline.trials import check as check_trials
from tests.servers.fates import FATES, PLAY, TIMEOUT
from tests.servers.hostile_dns import HostileDns, hostile_dns
from tests.servers.manners import manners
from tests.servers.thread import threaded

pytestmark = [pytest.mark.torture, pytest.mark.timeout(900)]

LOST = ("unreachable", "timeout")


def test_every_dns_fault_at_once_among_thousands_that_are_well(tmp_path: Path) -> None:
    asked = seeds(list(FATES), each=40) + [f"h{number}.ok.example" for number in range(3000)]
    with threaded(lambda: hostile_dns(PLAY)) as server:
        crawl = crawl_in(  # few enough in flight that this server, too, answers in time
            tmp_path, asked, nameservers=[server.label], dns_in_flight=150,
            dns_timeout=TIMEOUT, dns_retry_after=3.0,
        )  # fmt: skip
        done = mailcensus(*crawl.words, seconds=300)
    assert done.returncode == 0, done.stdout + done.stderr
    check(crawl, asked)


def test_truncated_answers_of_a_server_without_tcp_are_told(tmp_path: Path) -> None:
    asked = seeds(["ok", "truncated", "loss30"], each=50)
    with threaded(lambda: hostile_dns(PLAY, tcp=False)) as server:
        crawl = crawl_in(
            tmp_path, asked, nameservers=[server.label], dns_attempts=9,
            dns_timeout=TIMEOUT, dns_retry_after=1.0,
        )  # fmt: skip
        done = mailcensus(*crawl.words, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    outcomes = Counter((row[0].split(".")[1], row[2]) for row in domain_rows(crawl))
    assert outcomes == {("ok", "ok"): 50, ("truncated", "unreachable"): 50, ("loss30", "ok"): 50}


@pytest.mark.parametrize("end", [HostileDns.die, HostileDns.fall_silent])
def test_with_no_server_left_the_run_ends_and_says_so(
    tmp_path: Path, end: Callable[[HostileDns], None]
) -> None:
    asked = seeds(["ok"], each=2000)
    with threaded(lambda: hostile_dns(PLAY)) as server:
        server.at_question[4000] = lambda: end(server)
        crawl = crawl_in(
            tmp_path, asked, nameservers=[server.label],
            dns_timeout=0.1, dns_retry_after=1.0, dns_in_flight=200,
        )  # fmt: skip
        done = mailcensus(*crawl.words, seconds=200)
    assert done.returncode in (0, 4), done.stdout + done.stderr  # 4 if few hosts were found before
    rows = domain_rows(crawl)
    assert [row[0] for row in rows] == sorted(asked)
    for row in rows:
        whole = domain_row(row[0])
        for at, value in ((2, 3), (4, 5), (6, 7)):
            assert (row[at], row[value]) == (whole[at], whole[value]) or row[at] in LOST, row
    assert 0 < sum(row[2] in LOST for row in rows) < len(rows)


def test_a_thousand_trials(tmp_path: Path) -> None:
    """More at once than there are slots; memory stays in bounds."""
    trials = Trials(manners(tmp_path / "certificates"), each=25, limit=15.0, slots=200)
    outcome = crawled(trials, tmp_path, seconds=600)
    print(f"peak {outcome.done.peak} MiB, {outcome.done.seconds:.0f} s")
    check_trials(trials, outcome)
