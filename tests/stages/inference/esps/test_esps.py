"""Security providers, by a small company map and hand-made zones."""

from typing import Any

import pyarrow as pa
import pytest

from schemas import ESP_SHARES, ESPS
from schemas.addresses import Address
from stages.inference.providers.companies import parse_companies
from stages.inference.trust.inference import infer
from tests.stages.inference.trust.zone import Zone

MAP = """
[[company]]
name = "Filter"
role = "gateway"
country = "US"
ids = ["filter.com"]
asns = [64500]
[[company]]
name = "Shield"
role = "gateway"
country = "NL"
ids = ["shield.net"]
spf = ["spf.elsewhere.org"]
[[company]]
name = "Boxes"
role = "mailbox"
country = "US"
ids = ["boxes.com"]
asns = [64501]
"""


def address(text: str, asn: int, *names: str) -> Address:
    blank = Address(text, 0, 4, asn, None, None, None, None, None, None, None, (), None)
    return blank._replace(ptr=names)


@pytest.fixture(scope="module")
def made() -> dict[str, pa.Table]:
    zone = Zone(seeds=[f"d{i}.test" for i in range(6)])
    zone.mx = {
        "d0.test": ["mx1.filter.com", "mx2.filter.com"],
        "d1.test": ["mx.d1.test"],
        "d2.test": ["mx.boxes.com", "in.shield.net"],
        "d3.test": ["mx.boxes.com"],
        "d4.test": ["mx.d4.test"],
    }
    zone.txt = {f"d{i}.test": [b"v=spf1 -all"] for i in range(6)}
    zone.txt |= {
        "d0.test": [b"v=spf1 include:spf.filter.com include:a.spf.elsewhere.org -all"],
        "d2.test": [b"v=spf1 include:hub.test -all"],
        "d3.test": [b"v=spf1 ?include:spf.filter.com include:boxes.com -all"],
        "hub.test": [b"v=spf1 include:a.spf.elsewhere.org -all"],
        "a.spf.elsewhere.org": [b"v=spf1 -all"],
        "spf.filter.com": [b"v=spf1 -all"],
        "boxes.com": [b"v=spf1 -all"],
    }
    zone.a = {
        "mx1.filter.com": ["192.0.2.1"],
        "mx.d1.test": ["192.0.2.2"],
        "mx.boxes.com": ["192.0.2.3"],
        "in.shield.net": ["192.0.2.4"],
        "mx.d4.test": ["192.0.2.5"],
    }
    zone.hosts = {*zone.a, "mx2.filter.com"}
    zone.addresses = [
        address("192.0.2.1", 64500, "out.filter.com"),
        address("192.0.2.2", 64500),
        address("192.0.2.3", 64501, "mx.boxes.com"),
        address("192.0.2.4", 64502),
        address("192.0.2.5", 64502, "x.in.shield.net", "other.test"),
    ]
    return dict(infer(zone.census(), parse_companies(MAP)))


def test_what_tells_of_them(made: dict[str, pa.Table]) -> None:
    assert made["esps"].schema == ESPS.schema
    rows = made["esps"].to_pylist()
    assert sorted(tuple(row.values()) for row in rows) == [
        ("d0.test", "Filter", True, True, True, True),
        ("d0.test", "Shield", False, False, False, True),
        ("d1.test", "Filter", False, True, False, False),
        ("d2.test", "Shield", True, False, False, True),
        ("d4.test", "Shield", False, False, True, False),
    ]


def shares(rows: list[dict[str, Any]], dimension: str) -> dict[str, int]:
    return {row["value"]: row["domains"] for row in rows if row["dimension"] == dimension}


def test_shares(made: dict[str, pa.Table]) -> None:
    table = made["esp_shares"]
    assert table.schema == ESP_SHARES.schema
    rows = [
        row
        for row in table.to_pylist()
        if (row["seed_list"], row["rank_cut"], row["tld"]) == ("*", 0, "*")
    ]
    assert {row["dimension"]: shares(rows, row["dimension"]) for row in rows} == {
        "any": {"Filter": 2, "Shield": 3},
        "mx": {"Filter": 1, "Shield": 1},
        "asn": {"Filter": 2},
        "ptr": {"Filter": 1, "Shield": 1},
        "spf": {"Filter": 1, "Shield": 2},
        "spf_only": {"Shield": 1},
        "mx_only": {"Filter": 1, "Shield": 1},
        "number": {"0": 2, "1": 3, "2": 1},
        "number_spf": {"0": 4, "1": 1, "2": 1},
    }
    assert all(row["share"] == pytest.approx(row["domains"] / 6) for row in rows)


def test_cuts_are_of_the_domains_there(made: dict[str, pa.Table]) -> None:
    rows = made["esp_shares"].to_pylist()
    first = [r for r in rows if (r["seed_list"], r["rank_cut"]) == ("made-up", 100)]
    assert shares(first, "any") == {"Filter": 2, "Shield": 3}
    assert {row["tld"] for row in rows} == {"*", "test"}
