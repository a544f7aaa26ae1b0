"""Who is trusted by how many, and what does not exist: against the plain reference."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest

from schemas import SPF_INCLUDES, SPF_NETWORKS, SPF_TAKEOVER
from schemas.outcomes import Outcome
from stages.inference.providers.companies import bundled_companies
from stages.inference.trust.inference import infer
from tests.stages.inference.trust.reference import Reference
from tests.stages.inference.trust.zone import Town, Zone

Counted = dict[str, tuple[int, int]]
"""Domains in all, and directly."""
LISTS = ("*", "made-up")


@pytest.fixture(scope="module")
def town() -> tuple[Zone, dict[str, pa.Table]]:
    zone = Town(seed=8, zones=60).zone
    assert len(zone.seeds) > 150
    return zone, dict(infer(zone.census(), bundled_companies()))


def seeds(zone: Zone, seed_list: str, cut: int) -> Iterable[str]:
    """Ranks are places in the list; the list of all has none."""
    if cut == 0:
        return zone.seeds
    return [] if seed_list == "*" else zone.seeds[:cut]


def counted(rows: list[dict[str, Any]], key: str, seed_list: str, cut: int) -> Counted:
    return {
        str(row[key]): (row["domains"], row["direct"])
        for row in rows
        if (row["seed_list"], row["rank_cut"]) == (seed_list, cut)
    }


def expected(pairs: Iterable[tuple[set[str], set[str]]]) -> Counted:
    """From each domain's items in all and its direct ones."""
    every: Counter[str] = Counter()
    own: Counter[str] = Counter()
    for items, direct in pairs:
        every.update(items)
        own.update(direct)
    return {item: (count, own[item]) for item, count in every.items()}


@pytest.mark.parametrize("seed_list", LISTS)
@pytest.mark.parametrize("cut", [0, 100, 1000])
def test_includes(town: tuple[Zone, dict[str, pa.Table]], seed_list: str, cut: int) -> None:
    zone, made = town
    reference = Reference(zone)
    table = made["spf_includes"]
    assert table.schema == SPF_INCLUDES.schema
    pairs = []
    for domain in seeds(zone, seed_list, cut):
        direct = {hop.target for hop in reference.hops(domain) if hop.qualifier == "+"}
        pairs.append((reference.reach(domain, trusted=True), direct))
    assert counted(table.to_pylist(), "target", seed_list, cut) == expected(pairs)


def test_includes_pass_what_their_records_pass(town: tuple[Zone, dict[str, pa.Table]]) -> None:
    zone, made = town
    reference = Reference(zone)
    met = set()
    for row in made["spf_includes"].to_pylist():
        for version, whole in ((4, 2**32), (6, 10**38 - 1)):
            space = reference.passing(row["target"], version)
            number = whole if "all" in space else len(space)
            assert row[f"ipv{version}"] == number
            met.add(number)
    assert len(met) > 10


@pytest.mark.parametrize("seed_list", LISTS)
@pytest.mark.parametrize("cut", [0, 100])
def test_networks(town: tuple[Zone, dict[str, pa.Table]], seed_list: str, cut: int) -> None:
    zone, made = town
    reference = Reference(zone)
    table = made["spf_networks"]
    assert table.schema == SPF_NETWORKS.schema
    pairs = []
    for domain in seeds(zone, seed_list, cut):
        direct, every = set(), set()
        for version in (4, 6):
            direct |= reference.networks(domain, version, "+")
            for name in reference.reach(domain, trusted=True):
                every |= reference.networks(name, version, "+")
        pairs.append((every | direct, direct))
    shared = {item: count for item, count in expected(pairs).items() if count[0] > 1}
    assert counted(table.to_pylist(), "network", seed_list, cut) == shared


def test_networks_come_most_trusted_first(town: tuple[Zone, dict[str, pa.Table]]) -> None:
    _, made = town
    rows = [
        (row["seed_list"], row["version"], row["domains"], row["through"] + row["direct"])
        for row in made["spf_networks"].to_pylist()
        if row["rank_cut"] == 0
    ]
    assert all(domains == parts for *_, domains, parts in rows)
    for seed_list in LISTS:
        ordered = [row[2] for row in rows if row[:2] == (seed_list, 4)]
        assert ordered == sorted(ordered, reverse=True)


def test_what_does_not_exist_could_be_taken_over() -> None:
    zone = Zone(seeds=["d.test", "e.test", "f.test"])
    zone.txt = {
        "d.test": [b"v=spf1 include:gone.lost.com a:host.lost.com mx:no.found.com -all"],
        "e.test": [
            b"v=spf1 include:d.test -include:gone.lost.com ~a:host.lost.com exists:x.lost.com"
        ],
        "f.test": [b"v=spf1 redirect=gone.lost.com"],
        "gone.lost.com": Outcome.NXDOMAIN,
        "no.found.com": Outcome.NXDOMAIN,
        "lost.com": Outcome.NXDOMAIN,
    }  # fmt: skip
    zone.a = {"found.com": ["192.0.2.1"]}
    zone.hosts = {"host.lost.com", "x.lost.com", "found.com"}
    table = dict(infer(zone.census(), bundled_companies()))["spf_takeover"]
    assert table.schema == SPF_TAKEOVER.schema
    columns = ("name", "reliance", "registered_domain", "records", "domains", "direct")
    assert sorted(tuple(row[c] for c in columns) for row in table.to_pylist()) == [
        ("gone.lost.com", "include", "lost.com", 1, 2, 1),
        ("gone.lost.com", "redirect", "lost.com", 1, 1, 1),
        ("host.lost.com", "a", "lost.com", 1, 2, 1),
        ("no.found.com", "mx", "found.com", 1, 2, 1),
        ("x.lost.com", "exists", "lost.com", 1, 1, 1),
    ]
    assert {row["name"]: row["registered"] for row in table.to_pylist()} == {
        "gone.lost.com": False,
        "host.lost.com": False,
        "no.found.com": True,
        "x.lost.com": False,
    }


def test_who_may_come_to_hold_what_does_not_exist() -> None:
    zone = Zone(seeds=["d.test", "own.com", "e.test"])
    zone.txt = {
        "d.test": [
            b"v=spf1 a:h.lost.com a:h.gone.github.io a:h.found.com a:h.slow.com a:mail.lan -all"
        ],
        "own.com": [b"v=spf1 a:h.own.com include:_spf.own.com a:alias.own.com -all"],
        "_spf.own.com": Outcome.NXDOMAIN,
        "e.test": [b"v=spf1 include:own.com -all"],
        "lost.com": Outcome.NXDOMAIN,
        "gone.github.io": Outcome.NXDOMAIN,
        "slow.com": Outcome.SERVFAIL,
    }
    zone.a = {"found.com": ["192.0.2.1"], "own.com": ["192.0.2.2"]}
    zone.aliases = {"alias.own.com": "shop.lost.com"}
    zone.hosts = {f"h.{name}" for name in ("lost.com", "gone.github.io", "found.com", "slow.com")}
    zone.hosts |= {"found.com", "own.com", "h.own.com", "alias.own.com", "mail.lan"}
    rows = dict(infer(zone.census(), bundled_companies()))["spf_takeover"].to_pylist()
    assert {(row["name"], row["holder"], row["domains"], row["records"]) for row in rows} == {
        ("h.lost.com", "anybody", 1, 1),
        ("h.gone.github.io", "customers", 1, 1),
        ("h.found.com", "owner", 1, 1),
        ("h.slow.com", "unknown", 1, 1),
        ("mail.lan", "nobody", 0, 1),
        # To hold these is to hold the domain whose record names them.
        ("h.own.com", "owner", 0, 1),
        ("_spf.own.com", "owner", 0, 1),
        # An alias is there; what it leads to can be had.
        ("alias.own.com", "anybody", 2, 1),
    }
