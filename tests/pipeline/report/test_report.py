"""The report of a real run: it adds up, and says so when rows are taken away or doubled."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from pipeline.journal import Commit, Journal
from pipeline.plan import Plan
from pipeline.progress import Earlier
from pipeline.report.account import Account
from pipeline.report.alarm import alarms
from pipeline.report.figures import QuestionFigures, Report, Slow, Spread
from pipeline.report.measure import opened, report
from pipeline.report.page import page
from pipeline.warehouse import Run, Warehouse
from schemas import DOMAINS, HOSTS, SMTP, SPF
from tests.pipeline.command import mailcensus
from tests.pipeline.conftest import RUN, Census
from tests.pipeline.crawls import crawl_in
from tests.pipeline.fated import seeds
from tests.servers.fates import PLAY, TIMEOUT
from tests.servers.hostile_dns import hostile_dns
from tests.servers.thread import threaded


@pytest.fixture
def run(census: Census) -> Run:
    return Warehouse.at(str(census.warehouse)).run(RUN)


def kept(run: Run) -> Report:
    return Report.decode(run.warehouse.read(run.report))


def printed(made: Report) -> str:
    text = io.StringIO()
    page(made, Console(width=80, file=text))
    return text.getvalue()


def test_it_adds_up(run: Run) -> None:
    made, journal = kept(run), Journal.load(run)
    for each in made.balances:
        assert (each.wanted, each.missing, each.unwanted, each.twice) == (each.rows, 0, 0, 0)
        assert each.rows > 0
    assert {t.table: sum(t.outcomes.values()) for t in made.tables} == {
        each.table: each.rows for each in made.balances
    }
    assert made.seeds == journal.rows(DOMAINS)
    assert made.command.rows == Earlier.of(journal.commits).rows
    assert (made.state, made.exit_status, made.alarms, made.bugs) == ("complete", 0, (), 0)


def test_its_figures_are_those_of_the_rows(run: Run) -> None:
    made = kept(run)
    domains, smtp = f"'{run.table(DOMAINS)}/*.parquet'", f"'{run.table(SMTP)}/*.parquet'"
    (mx,) = [each for each in made.questions if each.what == "domains mx"]
    asked, attempts, median = duckdb.sql(
        f"SELECT count(*), sum(mx_query.attempts), median(mx_query.rtt_ms) FROM {domains}"
    ).fetchall()[0]
    assert (mx.count, mx.attempts) == (asked, attempts)
    assert mx.rtt.p50 == pytest.approx(median)
    assert mx.rtt.p50 <= mx.rtt.p95 <= mx.rtt.p99
    slowest = duckdb.sql(
        f"SELECT address FROM {smtp} ORDER BY timings.total_ms DESC NULLS LAST, address LIMIT 1"
    ).fetchall()
    assert [(made.slow_servers[0].what,)] == slowest
    (blocked,) = duckdb.sql(f"SELECT count(*) FROM {smtp} WHERE outcome = 'blocked'").fetchall()[0]
    assert sum(made.blocked.values()) == blocked
    assert sum(health.answers for health in made.resolvers) > asked


def _without_hosts(commit: Commit) -> Commit:
    return commit._replace(parts=tuple(p for p in commit.parts if p.table != HOSTS.name))


@pytest.mark.parametrize(
    ("change", "table", "column"),
    [
        (lambda commits: [*map(_without_hosts, commits)], "hosts", "missing"),
        (lambda commits: [*map(_without_hosts, commits)], "addresses", "unwanted"),
        (lambda commits: [*commits, commits[0]], "domains", "twice"),
    ],
)
def test_what_is_lost_or_doubled_is_seen(
    run: Run, change: Callable[[list[Commit]], list[Commit]], table: str, column: str
) -> None:
    journal = Journal(run, change(Journal.load(run).commits))
    made = report(run, journal, Earlier({}), seconds=9.0, complete=True)
    (found,) = [each for each in made.balances if each.table == table]
    assert getattr(found, column) > 0
    assert made.exit_status == 1
    assert "DOES NOT ADD UP" in printed(made)
    stopped = report(run, journal, Earlier({}), seconds=9.0, complete=False)
    assert stopped.exit_status == 3
    assert "still to be asked" in printed(stopped)


def test_share_by_share_the_account_is_the_same(run: Run) -> None:
    commits = Journal.load(run).commits
    journal = Journal(run, [*map(_without_hosts, commits), commits[0]])
    with opened(run, journal) as census:
        whole, shared = Account(census), Account(census, room=100)
        for table in Plan.MAIL.tables:
            assert shared.balance(table) == whole.balance(table)
        others = census.sql(
            "SELECT count(DISTINCT name) FROM spf WHERE name NOT IN (SELECT domain FROM domains)"
        ).fetchall()
        assert [(len(whole.besides_seeds(SPF)),)] == others
        assert (shared.besides_seeds(SPF) == whole.besides_seeds(SPF)).all()


def test_the_page_keeps_to_eighty_columns(run: Run) -> None:
    made, most = kept(run), 123_456_789
    spread = Spread("autodiscover_srv", most, 12_345.0, 60_000.0, 60_000.0)
    question = QuestionFigures("policies autodiscover_srv", most, 9_999_999, most, most, spread)
    slow = Slow("2001:db8:1234:5678:9abc:def0:1234:5678", 1, 60_000.0, "AS1 " + "x" * 80)
    wide = replace(
        made, questions=(question,), probes=(spread,), slow_servers=(slow,), slow_networks=(slow,),
        not_probed={f"opted out: {'y' * 70}": most}, rejected={"no such thing": most},
        alarms=alarms({"domains": {"failed": most}}),
    )  # fmt: skip
    text = printed(wide)
    assert "ALARM: 123,456,789 of 123,456,789 domains" in text
    long = [line for line in text.splitlines() if len(line) > 80]
    assert len(long) <= 1  # a rule of 70 letters cannot be cut
    assert max(map(len, printed(made).splitlines())) <= 80


def test_it_reads_back_and_status_shows_it(run: Run) -> None:
    made = kept(run)
    assert Report.decode(made.encode()) == made
    shown = mailcensus("status", run.warehouse.root, RUN).stdout
    assert printed(made).rstrip() in shown.replace(" \n", "\n")


def test_a_run_in_which_every_question_fails_says_so_loudly(tmp_path: Path) -> None:
    """In the end, in status, in run.json, and by a status of its own."""
    with threaded(lambda: hostile_dns(PLAY)) as server:
        crawl = crawl_in(
            tmp_path, seeds(["servfail"], each=30), nameservers=[server.label],
            dns_timeout=TIMEOUT, dns_retry_after=0.2,
        )  # fmt: skip
        done = mailcensus(*crawl.words)
        assert done.returncode == 4, done.stdout + done.stderr
        again = mailcensus(*crawl.words)
    words = "ALARM: 30 of 30 domains have no answer to their MX question"
    status = mailcensus("status", crawl.warehouse).stdout
    for said in (done.stdout, again.stdout, status):
        assert f"{words}: check the resolvers" in " ".join(said.split())
    assert again.returncode == 4
    end = json.loads((crawl.bookkeeping / "run.json").read_text())["end"]
    assert (end["state"], end["exit_status"]) == ("complete", 4)
    assert f"ALARM: {end['alarms'][0]}".startswith(words)
