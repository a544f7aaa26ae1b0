"""`spf trusts` against the plain reference, and the command over a census."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from pipeline.spf.trusts import trusts
from pipeline.warehouse import Run
from schemas import TABLES
from stages.inference.providers.companies import bundled_companies
from stages.inference.trust.inference import infer
from tests.pipeline.census import run_in
from tests.pipeline.command import mailcensus
from tests.pipeline.conftest import Census
from tests.stages.inference.trust.reference import Reference
from tests.stages.inference.trust.zone import Town, Zone


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Zone, Run]:
    zone = Town(seed=3, zones=60).zone
    run = run_in(tmp_path_factory.mktemp("town"))
    for name, table in infer(zone.census(), bundled_companies()):
        run.warehouse.write_parquet(run.inferred(TABLES[name]), table)
    return zone, run


@pytest.mark.parametrize(
    "text", ["10.0.0.3", "10.0.0.12/30", "192.0.2.1", "2001:db8::4", "2001:db8::8/125", "::/0"]
)
def test_those_whose_terms_hold_it(town: tuple[Zone, Run], text: str) -> None:
    zone, run = town
    reference, asked = Reference(zone), ip_network(text)

    def holds(name: str) -> bool:
        named = map(ip_network, reference.networks(name, asked.version, "+"))
        return any(
            net.network_address <= asked.network_address  # type: ignore[operator]
            and net.broadcast_address >= asked.broadcast_address  # type: ignore[operator]
            for net in named
        )

    found = trusts(run, asked, most=10_000)
    listed = {row.domain: (row.rank, row.direct, row.through) for row in found.first}
    for rank, domain in enumerate(zone.seeds, 1):
        through = {
            hop.target
            for hop in reference.hops(domain)
            if hop.qualifier == "+"
            and any(map(holds, {hop.target, *reference.reach(hop.target, trusted=True)}))
        }
        if holds(domain) or through:
            expected = (rank, holds(domain), tuple(sorted(through)))
            assert listed.pop(domain) == expected
    assert not listed
    assert [row.rank for row in found.first] == sorted(row.rank or 0 for row in found.first)
    assert found.domains == len(found.first)
    assert found.direct == sum(row.direct for row in found.first)
    assert found.domains > 0


def test_the_most_popular_are_listed(town: tuple[Zone, Run]) -> None:
    _, run = town
    network = ip_network("10.0.0.3")
    few, many = (trusts(run, network, most) for most in (2, 1000))
    assert few.first == many.first[:2]
    assert (few.domains, few.direct, few.targets) == (many.domains, many.direct, many.targets)
    counts = [count for _, count in many.targets]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 10


def test_command(census: Census) -> None:
    everybody = mailcensus("spf", "trusts", census.warehouse, census.run, "0.0.0.0/0")
    assert everybody.returncode == 0, everybody.stderr
    assert "domains let 0.0.0.0/0 send" in everybody.stdout
    said = [
        mailcensus("spf", "trusts", census.warehouse, census.run, text)
        for text in ("127.1.0.1/8", "host.example", "10.0.0.0/33")
    ]
    for done in said:
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1
        assert "neither an address nor a network" in done.stderr


def test_a_run_without_inference(tmp_path: Path) -> None:
    done = mailcensus("spf", "trusts", tmp_path, "night", "192.0.2.1")
    assert done.returncode == 2
    assert "no run" in done.stderr
