"""A census as a scan and the scan as a run: what is said of the same is the same."""

import csv
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.pipeline.command import mailcensus
from tests.pipeline.conftest import RUN, Census

HEADER = b"domain_name\tmx\tmx_pref\tip_of_mx\tasn_of_ip\tdict_scanning_data\tip_scan_debug_message"


@pytest.fixture(scope="module")
def census(census: Census, tmp_path_factory: pytest.TempPathFactory) -> Census:
    """A copy, since another run comes to its warehouse."""
    warehouse = tmp_path_factory.mktemp("copied") / "warehouse"
    shutil.copytree(census.warehouse, warehouse)
    return census._replace(warehouse=warehouse)


@pytest.fixture(scope="module")
def scan(census: Census, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The census as a scan file, which was imported and inferred as run scan."""
    path = tmp_path_factory.mktemp("scan") / "night.tsv"
    for words in (
        ("export-scan", census.warehouse, RUN, path),
        ("import-scan", path, census.warehouse, "scan", "--ehlo-name", "probe.test"),
        ("infer", census.warehouse, "scan"),
    ):
        done = mailcensus(*words, seconds=120)
        assert done.returncode == 0, done.stdout + done.stderr
    return path


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t"))


def differences(warehouse: Path, table: str, columns: str) -> list[tuple[object, ...]]:
    """Rows of one run that the other has not, with the run that has them."""
    one, other = (
        f"SELECT {columns} FROM read_parquet("
        f"'{warehouse}/{table}/run={run}/*.parquet', hive_partitioning = false)"
        for run in (RUN, "scan")
    )
    query = f"""
        SELECT 'census', * FROM ({one} EXCEPT ALL {other})
        UNION ALL SELECT 'scan', * FROM ({other} EXCEPT ALL {one})
    """
    return duckdb.sql(query).fetchall()


def test_the_file_is_as_the_tool_writes_it(census: Census, scan: Path) -> None:
    raw = scan.read_bytes()
    assert raw.startswith(HEADER + b"\r\n")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    _, *lines = rows(scan)
    assert {len(cells) for cells in lines} == {7}
    domains = [cells[0] for cells in lines]
    blocks = [name for at, name in enumerate(domains) if at == 0 or domains[at - 1] != name]
    assert len(blocks) == len(set(blocks))
    (count,) = duckdb.sql(
        f"SELECT count(*) FROM '{census.warehouse}/domains/run={RUN}/*.parquet'"
    ).fetchall()[0]
    assert len(blocks) == count
    assert sum(bool(cells[5]) for cells in lines) > 300


def test_an_imported_scan_infers_the_same(census: Census, scan: Path) -> None:
    del scan
    assert differences(census.warehouse, "mx_providers", "*") == []
    # A scan has no SPF and no policies to tell who is behind a gateway.
    told = "* EXCLUDE (mailbox, mailbox_id, mailbox_company, mailbox_probability)"
    assert differences(census.warehouse, "providers", told) == []


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("domains", "domain, registered_domain, mail, mx, mail_hosts"),
        ("smtp", "address, outcome, detail, banner, ehlo, extensions, software, chain[1]"),
    ],
)
def test_an_imported_scan_has_the_same_rows(
    census: Census, scan: Path, table: str, columns: str
) -> None:
    del scan
    assert differences(census.warehouse, table, columns) == []


def test_verdicts_and_hosts_are_kept(census: Census, scan: Path) -> None:
    """Of certificates the leafs, of hosts those of mail."""
    del scan
    for table, columns in (
        ("certificates", "sha256, names, verdict, verdict_reason"),
        ("hosts", "host, status, a, aaaa"),
        ("addresses", "address, asn, reserved"),
    ):
        differing = differences(census.warehouse, table, columns)
        assert {which for which, *_ in differing} <= {"census"}


def test_exporting_what_was_imported_gives_the_same_file(
    census: Census, scan: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.tsv"
    assert mailcensus("export-scan", census.warehouse, "scan", again).returncode == 0
    assert again.read_bytes() == scan.read_bytes()


def test_the_other_commands_know_an_imported_run(census: Census, scan: Path) -> None:
    status = mailcensus("status", census.warehouse, "scan")
    assert status.returncode == 0
    assert "imported from" in status.stdout
    explained = mailcensus("explain", census.warehouse, "scan", "netflix.com")
    assert explained.returncode == 0
    assert "Google" in explained.stdout
    crawled = mailcensus(
        "crawl", census.world.seeds, "--warehouse", census.warehouse, "--run", "scan",
        "--config", census.world.config,
    )  # fmt: skip
    assert crawled.returncode == 2
    assert f"is the scan {scan}" in crawled.stderr


def test_neither_file_nor_run_is_overwritten(census: Census, scan: Path) -> None:
    before = scan.read_bytes()
    for words in (
        ("export-scan", census.warehouse, RUN, scan),
        ("import-scan", scan, census.warehouse, RUN),
        ("import-scan", scan, census.warehouse, "scan"),
    ):
        done = mailcensus(*words)
        assert done.returncode == 2
        assert "already" in done.stderr
        assert done.stderr.count("\n") == 1
    assert scan.read_bytes() == before
