"""The whole chain against a world whose truth is known."""

from pathlib import Path

import duckdb
import pytest

from scripts.accuracy import scores, table
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


def test_the_operator_is_right_for_95_of_100_domains_with_a_live_mx(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = scores(place / "warehouse", "night", place / "world" / "truth.parquet")
    with capsys.disabled():
        print(f"\n{table(results)}")
    accuracy = {score.method: score.accuracy for score in results}
    assert results[0].domains > 0.8 * DOMAINS
    assert accuracy["priority"] >= 0.95
    # Each source fails somewhere, or the world would prove nothing.
    assert all(
        accuracy[method] < accuracy["priority"] for method in accuracy if method != "priority"
    )


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
