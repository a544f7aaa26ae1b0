"""A night surveyed from memory has the rows of one that was crawled."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from pipeline.record import Record
from pipeline.warehouse import Warehouse
from scripts.world.nights.files import Parameters, folder
from scripts.world.nights.survey import survey
from tests.pipeline.command import mailcensus
from tests.servers.world import night

PARAMETERS = Parameters(size=70, seed=6, how_many=1, rate=0.15)
COLUMNS = {
    "domains": "domain, mail, mx, mail_hosts, txt, mx_query.ttl",
    "apex": "domain, hosts, ns, soa, ns_query.outcome, ns_query.ttl",
    "hosts": "host, status, a, aaaa, cname_chain, a_query.outcome",
    "spf": "name, records, query.outcome",
    "addresses": "address, asn, country",
}
RUN = "2026-11-01"


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    place = tmp_path_factory.mktemp("nights")
    PARAMETERS.save(place)
    surveyed, crawled = place / "surveyed", place / "crawled"
    survey(PARAMETERS.night(1), place / "files", Warehouse.at(str(surveyed)))
    with night(place, 1) as served:
        done = mailcensus(
            "crawl", served.seeds, "--warehouse", crawled, "--run", RUN, "--no-smtp",
            "--config", served.config, "--plan", "full", seconds=250,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert folder(place, 1).exists()
    return surveyed, crawled


@pytest.mark.parametrize("table", COLUMNS)
def test_rows_are_those_of_a_crawl(warehouses: tuple[Path, Path], table: str) -> None:
    def rows(warehouse: Path) -> Sequence[object]:
        parts = f"'{warehouse}/{table}/run={RUN}/*.parquet'"
        return duckdb.sql(f"SELECT {COLUMNS[table]} FROM {parts} ORDER BY ALL").fetchall()

    surveyed, crawled = (rows(warehouse) for warehouse in warehouses)
    assert surveyed
    assert surveyed == crawled


def test_the_run_is_complete_and_probed_nobody(warehouses: tuple[Path, Path]) -> None:
    record = Record.load(Warehouse.at(str(warehouses[0])).existing(RUN))
    assert record
    assert record.end
    assert record.end.state == "complete"
    assert not (warehouses[0] / "smtp").exists()
