"""Parquet in the shape of OpenINTEL's, imported by the real command, and features of it."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.snowshoe import FEATURES
from tests.pipeline.command import Finished, mailcensus

RUN = "2026-11-22"
NOON = 1_795_348_800_000
"""Milliseconds."""
SCHEMA = pa.schema(
    {
        **dict.fromkeys(
            ("query_type", "query_name", "response_type", "response_name"), pa.string()
        ),
        "response_ttl": pa.int64(),
        "timestamp": pa.int64(),
        "rtt": pa.float64(),
        "worker_id": pa.int64(),
        "status_code": pa.int32(),
        **dict.fromkeys(("ip4_address", "ip6_address", "country", "as", "as_full"), pa.string()),
        **dict.fromkeys(("ip_prefix", "cname_name", "mx_address"), pa.string()),
        "mx_preference": pa.int32(),
        **dict.fromkeys(("mxset_hash", "ns_address", "nsset_hash", "txt_text"), pa.string()),
        **dict.fromkeys(("soa_mname", "soa_rname"), pa.string()),
        "soa_serial": pa.int64(),
        **dict.fromkeys(("soa_refresh", "soa_retry", "soa_expire", "soa_minimum"), pa.int64()),
    }
)


def record(name: str, asked: str, kind: str | None = "", status: int = 0, **data: Any) -> Any:
    """A row; of the type asked for unless it says otherwise."""
    row = {"query_name": name, "query_type": asked, "response_type": asked if kind == "" else kind}
    ttl = {"response_ttl": 300} if row["response_type"] else {}
    return {"timestamp": NOON, "status_code": status, **row, **ttl, **data}


NL: dict[str, Any] = {"as": "64500", "country": "NL", "ip_prefix": "198.51.100.0/24"}
ROWS = [
    record("Big.COM.", "A", ip4_address="198.51.100.1", **NL),
    record("big.com.", "A", ip4_address="198.51.100.2", **NL),
    record("big.com.", "A", ip4_address="198.51.100.1", **NL),  # the same record twice
    record("big.com.", "A", "RRSIG"),
    record("big.com.", "AAAA", None, 0),  # no record
    record("big.com.", "MX", mx_address="MX1.big.com.", mx_preference=10),
    record("big.com.", "MX", mx_address="mx.host.net.", mx_preference=20),
    record("big.com.", "MX", "MXHASH", mxset_hash="ab"),
    record("big.com.", "NS", ns_address="ns1.HOST.net.", response_ttl=3600),
    record("big.com.", "NS", ns_address="ns2.host.net.", response_ttl=60),
    record("big.com.", "NS", "NSHASH", nsset_hash="cd"),
    record("big.com.", "TXT", txt_text='"v=spf1 ip4:203.0.113.0/24 " "include:_spf.a.net -all"'),
    record("big.com.", "TXT", txt_text='"quo\\"te \\255"'),
    record(
        "big.com.", "SOA", soa_mname="ns.big.com.", soa_rname="m.big.com.", soa_serial=7,
        soa_refresh=7200, soa_retry=1, soa_expire=2, soa_minimum=300,
    ),
    record("mx1.big.com.", "A", ip4_address="198.51.100.9", **NL),
    record("mx.host.net.", "A", None, 2),  # failed
    record("www.big.com.", "A", ip4_address="203.0.113.77", **NL),  # nobody leads there
    *(record("gone.org.", asked, None, 3) for asked in ("A", "AAAA", "MX", "NS", "TXT", "SOA")),
    *(record("dead.org.", asked, None, 65533) for asked in ("A", "AAAA", "MX", "NS", "TXT", "SOA")),
    record("alias.org.", "A", "CNAME", cname_name="big.com."),
    record("alias.org.", "A", response_name="big.com.", ip4_address="198.51.100.1", **NL),
    record("alias.org.", "TXT", txt_text="v=spf1 ?all"),  # an older file, without quotes
    record("alias.org.", "MX", mx_address=".", mx_preference=0),
    record("_dmarc.big.com.", "TXT", txt_text='"v=DMARC1"'),
]  # fmt: skip


def write(path: Path, rows: list[Any], schema: pa.Schema = SCHEMA) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, schema), path)
    return path


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Finished]:
    folder = tmp_path_factory.mktemp("openintel")
    files = [write(folder / "part-1.parquet", ROWS[:9]), write(folder / "part-2.parquet", ROWS[9:])]
    done = mailcensus("import-openintel", folder / "W", *files, "--run", RUN)
    assert done.returncode == 0, done.stdout + done.stderr
    inferred = mailcensus("infer", folder / "W", RUN)
    assert inferred.returncode == 0, inferred.stdout + inferred.stderr
    return folder / "W", done


def rows(warehouse: Path, table: str, columns: str = "*") -> dict[str, dict[str, Any]]:
    """By the first column."""
    parts = warehouse / table / f"run={RUN}" / "*.parquet"
    found = duckdb.sql(f"SELECT {columns} FROM '{parts}'").to_arrow_table().to_pylist()
    return {next(iter(row.values())): row for row in found}


def test_names_are_domains_if_asked_for_more_than_addresses(
    imported: tuple[Path, Finished],
) -> None:
    warehouse, done = imported
    domains = rows(warehouse, "domains")
    assert domains.keys() == {"big.com", "gone.org", "dead.org", "alias.org"}
    assert rows(warehouse, "hosts").keys() == domains.keys() | {
        "mx1.big.com", "mx.host.net", "ns1.host.net", "ns2.host.net"
    }  # fmt: skip
    assert f"{len(ROWS)} lines" in done.stdout
    assert " = 4 domains" in done.stdout
    texts = {text["text"] for text in domains["big.com"]["txt"]}
    assert texts == {"v=spf1 ip4:203.0.113.0/24 include:_spf.a.net -all", 'quo"te \\xff'}
    assert domains["big.com"]["asked"].timestamp() == NOON / 1000
    addresses = rows(warehouse, "addresses")
    assert addresses["198.51.100.9"]["asn"] == 64500
    assert addresses["198.51.100.9"]["prefix"] == "198.51.100.0/24"
    assert "203.0.113.77" not in addresses


def test_a_failure_code_is_no_empty_answer(imported: tuple[Path, Finished]) -> None:
    warehouse, _ = imported
    outcomes = rows(warehouse, "apex", "domain, ns_query.outcome AS ns, soa_query.outcome AS soa")
    assert outcomes["gone.org"] == {"domain": "gone.org", "ns": "nxdomain", "soa": "nxdomain"}
    assert outcomes["dead.org"] == {"domain": "dead.org", "ns": "timeout", "soa": "timeout"}
    assert outcomes["alias.org"] == {"domain": "alias.org", "ns": "not_asked", "soa": "not_asked"}
    features = rows(warehouse, "snowshoe")
    assert {features["dead.org"][name] for name in FEATURES} == {None}
    assert {features["gone.org"][name] for name in FEATURES} == {0, None}
    assert features["gone.org"]["ns_hosts"] == 0


def test_features_by_hand(imported: tuple[Path, Finished]) -> None:
    warehouse, _ = imported
    big = rows(warehouse, "snowshoe")["big.com"]
    wanted = {
        "a_addresses": 2, "a_slash24s": 1, "a_slash16s": 1, "a_ases": 1, "a_countries": 1,
        "a_min_ttl": 300, "aaaa_addresses": 0, "aaaa_slash48s": 0, "aaaa_ases": 0,
        "mx_addresses": 2, "mx_preferences": 2, "mx_preference_range": 10,
        "mx_in_domain_share": 0.5, "mx_registered_domains": 2,
        "mx_v4_addresses": None, "mx_slash24s": None, "mx_ases": None,  # a host's question failed
        "ns_hosts": 2, "ns_registered_domains": 1, "ns_in_domain_share": 0.0, "ns_min_ttl": 60,
        "txt_records": 2, "txt_bytes": 57, "txt_longest": 49, "txt_other": 1,
        "spf_records": 1, "spf_length": 49, "spf_terms": 3, "spf_ip4_terms": 1,
        "spf_v4_addresses": 256, "spf_ip6_terms": 0, "spf_includes": 1, "spf_slash24s": 1,
        "spf_all": 1, "soa_refresh": 7200, "soa_minimum": 300, "soa_mname_in_domain": 1,
    }  # fmt: skip
    assert tuple(wanted) == FEATURES
    assert {name: big[name] for name in FEATURES} == wanted
    alias = rows(warehouse, "snowshoe")["alias.org"]
    assert (alias["a_addresses"], alias["mx_addresses"], alias["spf_all"]) == (1, 0, 3)
    assert (alias["ns_hosts"], alias["aaaa_addresses"]) == (None, None)


def test_the_run_says_what_it_is_made_of(imported: tuple[Path, Finished]) -> None:
    warehouse, _ = imported
    record = json.loads((warehouse / "_runs" / RUN / "run.json").read_text())
    assert [Path(table["source"]).name for table in record["tables"]] == [
        "part-1.parquet", "part-2.parquet",
    ]  # fmt: skip
    again = mailcensus("import-openintel", warehouse, record["tables"][0]["source"], "--run", RUN)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("rows", "schema", "said"),
    [
        ([], SCHEMA, "no row in"),
        (ROWS, SCHEMA.remove(SCHEMA.get_field_index("ns_address")), "no column ns_address in"),
        ([*ROWS, {**ROWS[0], "timestamp": NOON + 3 * 86_400_000}], SCHEMA, "of several days"),
    ],
)
def test_what_is_no_day_of_openintel_is_refused(
    tmp_path: Path, rows: list[Any], schema: pa.Schema, said: str
) -> None:
    known = [{key: value for key, value in row.items() if key in schema.names} for row in rows]
    file = write(tmp_path / "x.parquet", known, schema)
    done = mailcensus("import-openintel", tmp_path / "W", file, "--run", RUN)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "W" / "_runs" / RUN / "run.json").exists()


def test_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"query_type,query_name\n")
    done = mailcensus("import-openintel", tmp_path / "W", tmp_path / "x.parquet", "--run", RUN)
    assert done.returncode == 2
    assert "openintel: " in done.stderr
