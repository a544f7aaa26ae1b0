"""What breaks when a name vanishes: by inferring once more without its record."""

from collections import Counter

import pyarrow as pa
import pytest

from schemas import SPF_DEPENDENCE
from schemas.outcomes import Outcome
from stages.inference.providers.companies import bundled_companies
from stages.inference.trust.inference import infer
from tests.stages.inference.trust.zone import Town, Zone


def inferred(zone: Zone, table: str) -> pa.Table:
    return next(rows for name, rows in infer(zone.census(), bundled_companies()) if name == table)


def broken(zone: Zone) -> set[str]:
    rows = inferred(zone, "spf_trust").to_pylist()
    return {row["domain"] for row in rows if row["verdict"] == "permerror"}


def test_a_name_breaks_what_would_break_without_its_record() -> None:
    zone = Town(seed=3, zones=12).zone
    rows = inferred(zone, "spf_dependence").to_pylist()
    counts = {row["target"]: row["would_break"] for row in rows if row["rank_cut"] == 0}
    before = broken(zone)
    tried = sorted(counts, key=lambda name: (-counts[name], name))[:4] + sorted(counts)[:3]
    for name in tried:
        record = zone.txt[name]
        zone.txt[name] = []
        assert len(broken(zone) - before) == counts[name], name
        zone.txt[name] = record
    assert max(counts.values()) > 1


@pytest.fixture(scope="module")
def table() -> pa.Table:
    zone = Zone(seeds=["a.test", "b.test", "c.test", "d.test", "e.test"])
    zone.txt = {
        "a.test": [b"v=spf1 include:spf.one.com -all"],
        "b.test": [b"v=spf1 ?include:hub.two.com -all"],
        "c.test": [b"v=spf1 redirect=hub.two.com"],
        "d.test": [b"v=spf1 include:spf.one.com include:gone.com -all"],
        "e.test": [b"v=spf1 include:round.three.com -all"],
        "hub.two.com": [b"v=spf1 include:spf.one.com -all"],
        "spf.one.com": [b"v=spf1 ip4:192.0.2.0/24 -all"],
        "round.three.com": [b"v=spf1 include:back.three.com -all"],
        "back.three.com": [b"v=spf1 include:round.three.com -all"],
        "gone.com": Outcome.NXDOMAIN,
    }
    return inferred(zone, "spf_dependence")


def test_counts(table: pa.Table) -> None:
    assert table.schema == SPF_DEPENDENCE.schema
    columns = ("target", "domains", "would_break", "direct", "records", "loop")
    found = {
        tuple(row[column] for column in columns)
        for row in table.to_pylist()
        if (row["seed_list"], row["rank_cut"]) == ("*", 0)
    }
    assert found == {
        ("spf.one.com", 4, 3, 1, 3, None),
        ("hub.two.com", 2, 2, 2, 2, None),
        ("gone.com", 1, 0, 0, 1, None),
        ("round.three.com", 1, 0, 0, 2, 2),
        ("back.three.com", 1, 0, 0, 1, 2),
    }


def test_the_gravest_come_first_in_every_cut(table: pa.Table) -> None:
    rows = table.to_pylist()
    for cut in {(row["seed_list"], row["rank_cut"]) for row in rows}:
        breaking = [r["would_break"] for r in rows if (r["seed_list"], r["rank_cut"]) == cut]
        assert breaking == sorted(breaking, reverse=True)
    assert Counter(row["rank_cut"] for row in rows)[100] == 5
