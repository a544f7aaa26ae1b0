"""The whole chain against a world whose truth is known."""

from pathlib import Path

import duckdb
import pytest

from scripts.accuracy import mailboxes, operators, reliability
from scripts.accuracy.__main__ import report
from scripts.accuracy.finished import Finished
from scripts.world.visits import read_visits
from tests.pipeline.command import mailcensus
from tests.servers.world import world

DOMAINS = 3000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("truth")
    warehouse = place / "warehouse"
    with world(place / "world", domains=DOMAINS, seed=7) as served:
        crawled = mailcensus(
            "crawl", served.seeds, "--warehouse", warehouse, "--run", "night",
            "--config", served.config, "--exact", "--plan", "policy", seconds=200,
        )  # fmt: skip
    assert crawled.returncode == 0, crawled.stdout + crawled.stderr
    inferred = mailcensus("infer", warehouse, "night")
    assert inferred.returncode == 0, inferred.stdout + inferred.stderr
    return place


@pytest.fixture(scope="module")
def finished(place: Path) -> Finished:
    return Finished(place / "warehouse", "night", place / "world" / "truth.parquet")


def test_ours_is_right_for_98_of_100_operators_and_better_than_every_other_method(
    finished: Finished, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{report(finished)}")
    assert max(map(len, report(finished).splitlines())) <= 100
    cases = operators.cases(finished)
    found = operators.scores(cases)
    ours = found.pop(operators.OURS)
    assert ours.domains > 0.8 * DOMAINS
    assert ours.recall >= 0.98
    assert all(ours.recall > other.recall for other in found.values())
    # Each source fails somewhere, or the world would prove nothing.
    for source in ("MX only", "certificate", "banner"):
        assert found[source].recall < found["priority"].recall < found["heuristics"].recall
    # utexas.edu: all it shows is its own name, its network alone is the gateway's.
    assert set(operators.beaten(operators.by_archetype(cases))) <= {"landmark"}


def test_mailboxes_behind_gateways_are_right_for_90_of_100_that_can_be_found(
    finished: Finished,
) -> None:
    found = mailboxes.mailboxes(finished)
    assert len(found) > 200
    assert mailboxes.right_of_findable(found) >= 0.90
    nothing = [one for one in found if one.signals in mailboxes.NOTHING]
    assert sum(one.verdict == "unknown" for one in nothing) > 0.8 * len(nothing) > 30


def test_probabilities_are_calibrated(finished: Finished) -> None:
    operator = reliability.of_operators(finished)
    assert operator.error < 0.02
    assert operator.brier < 0.02
    mailbox = reliability.of_mailboxes(mailboxes.mailboxes(finished))
    assert mailbox.error < 0.08
    assert mailbox.brier < 0.08


def test_every_seed_has_one_verdict(place: Path) -> None:
    verdicts = f"'{place}/warehouse/providers/run=night/*.parquet'"
    truth = f"'{place}/world/truth.parquet'"
    (rows, distinct) = duckdb.sql(
        f"SELECT count(*), count(DISTINCT domain) FROM {verdicts} JOIN {truth} USING (domain)"
    ).fetchall()[0]
    assert rows == distinct == DOMAINS
    (wrong,) = duckdb.sql(
        f"SELECT count(*) FROM {verdicts} WHERE len(shares) > 0 "
        "AND abs(list_sum(list_transform(shares, lambda s: s.weight)) - 1) > 1e-5"
    ).fetchall()[0]
    assert wrong == 0


def test_no_server_was_harmed(place: Path) -> None:
    """By the servers' own log: no mail was begun, and no address was visited more than twice."""
    visits = read_visits(place / "world" / "visits.jsonl")
    assert len(visits) > 300
    for address, seen in visits.items():
        assert not seen.forbidden, address
        assert seen.connections <= 2, address
    assert sum(seen.connections for seen in visits.values()) < 1.1 * len(visits)


def test_policies_hold_what_tells_of_mailboxes_behind_gateways(place: Path) -> None:
    """Microsoft's customers by aliases of DKIM and autodiscover, where truth says they are told."""
    rows = duckdb.sql(
        f"""
        SELECT signals, count(*), count(*) FILTER (
            len(list_filter(dkim, lambda s: s.cname_chain[1] LIKE '%.onmicrosoft.com')) > 0
            OR autodiscover_chain[1] = 'autodiscover.outlook.com'
        )
        FROM '{place}/world/truth.parquet' JOIN '{place}/warehouse/policies/run=night/*.parquet'
        USING (domain) WHERE signals IS NOT NULL AND mailbox_company = 'Microsoft' GROUP BY ALL
        """
    ).fetchall()
    told = {signals: (count, found) for signals, count, found in rows}
    assert told["dns_host"][0] == told["dns_host"][1] > 5
    clear, found = told["clear"]
    assert found > 0.8 * clear > 20
    assert [told[each][1] for each in ("none", "marketing", "spf_only", "token_only")] == [0] * 4
