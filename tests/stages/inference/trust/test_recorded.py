"""Every recorded record gets a verdict, and so does what becomes of it when bytes are spoilt."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.spf_trust import SpfVerdict
from stages.inference.providers.companies import bundled_companies
from stages.inference.trust.inference import infer
from stages.spf.record import is_spf, parse
from tests.stages.inference.trust.zone import Zone
from tests.stages.spf.suite import DATA

FOLDER = DATA / "mail-dns"
SPOILT = 4000
PUBLISHED = {"with SPF": 56.5, "erroneous": 2.9, "over 100,000 addresses": 34.7}
"""Per cent, of 12.8 million domains, then of those with SPF: "Lazy Gatekeepers" (IMC'23)."""

Row = dict[str, Any]


def lines(name: str) -> Iterator[Row]:
    with gzip.open(FOLDER / name, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def spoil(pick: random.Random, record: bytes) -> bytes:
    """A few bytes changed, doubled, dropped or put in, behind the version."""
    text = bytearray(record)
    for _ in range(pick.randrange(1, 5)):
        at = pick.randrange(7, len(text) + 1)
        new = pick.choice([b"%", b" ", b"/", b":", b"=", b"\xff", b"\0", b"ip4:", b"all", b"%{d}"])
        text[at : at + pick.randrange(3)] = new
    return bytes(text)


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    """Addresses were not recorded: every name has one made-up IPv4 address and none of IPv6."""
    if not (FOLDER / "recorded.jsonl.gz").exists():
        pytest.skip(f"no recorded domains in {FOLDER}")
    zone, pick = Zone(), random.Random(1)
    for row in lines("spf-includes.jsonl.gz"):
        zone.txt[row["name"]] = [row["spf"].encode()] if row["spf"] else []
    for row in lines("recorded.jsonl.gz"):
        zone.seeds.append(row["domain"])
        zone.txt[row["domain"]] = [row["spf"].encode()] if row["spf"] else []
        zone.mx[row["domain"]] = row["mx"]
    records = [each[0] for each in zone.txt.values() if isinstance(each, list) and each]
    for number in range(SPOILT):
        zone.seeds.append(f"spoilt{number}.example")
        zone.txt[zone.seeds[-1]] = [spoil(pick, pick.choice(records))]
    zone.hosts = set(zone.seeds) | {host for hosts in zone.mx.values() for host in hosts}
    for found in zone.txt.values():
        assert isinstance(found, list)
        terms = [each for raw in found if is_spf(raw) for each in parse(raw).terms]
        zone.hosts |= {each.target.text.lower() for each in terms if each.target}
    zone.a = {host: ["192.0.2.1"] for host in zone.hosts}
    table = dict(infer(zone.census(), bundled_companies()))["spf_trust"]
    return {row["domain"]: row for row in table.to_pylist()}


def test_every_record_has_a_verdict(rows: dict[str, Row]) -> None:
    recorded = [row for name, row in rows.items() if not name.startswith("spoilt")]
    assert len(recorded) == 20_141
    verdicts = Counter(row["verdict"] for row in recorded)
    some = [row for row in recorded if row["verdict"] != SpfVerdict.NONE]
    ours = {
        "with SPF": len(some) / len(recorded),
        "erroneous": verdicts[SpfVerdict.PERMERROR] / len(some),
        "over 100,000 addresses": sum(row["ipv4"] > 100_000 for row in some) / len(some),
    }
    for name, share in ours.items():
        print(f"{name:24}{share:6.1%} published {PUBLISHED[name]} %")
    findings = Counter(f["finding"] for row in recorded for f in row["findings"])
    for name, count in [*verdicts.most_common(), *findings.most_common()]:
        print(f"  {name:24}{count:7,}")
    assert verdicts[SpfVerdict.VALID] > 15_000
    assert 0.01 < ours["erroneous"] < 0.1


def test_spoilt_records_have_one_too(rows: dict[str, Row]) -> None:
    spoilt = [row for name, row in rows.items() if name.startswith("spoilt")]
    assert len(spoilt) == SPOILT
    verdicts = Counter(row["verdict"] for row in spoilt)
    assert verdicts[SpfVerdict.PERMERROR] > SPOILT // 2
    assert all(row["findings"] for row in spoilt if row["verdict"] == SpfVerdict.PERMERROR)
