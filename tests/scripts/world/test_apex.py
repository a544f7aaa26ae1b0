"""Sites and zones of domains: there for those that exist, shared as in life, the same again."""

from collections import Counter, defaultdict
from ipaddress import ip_address, ip_network

import pytest

from scripts.world.apex import Apex
from scripts.world.builder import Builder
from scripts.world.given import OPERATOR, Given
from scripts.world.hosting import web_slots
from scripts.world.market import Market
from scripts.world.model import Record
from scripts.world.population import make

WORLD = make(2000, seed=3)
BARE = {"nxdomain", "dns_servfail", "dns_refused", "dns_silent"}
SEEDS = {row.domain for row in WORLD.truth if row.archetype not in BARE}
OF: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
for one in WORLD.records:
    OF[one.name][one.type].append(one)


def test_who_exists_has_one_authority_and_name_servers() -> None:
    for domain in SEEDS:
        assert len(OF[domain]["SOA"]) == 1
        assert len(OF[domain]["NS"]) >= 2
        assert len({record.ttl for record in OF[domain]["NS"]}) == 1
    for row in WORLD.truth:
        if row.archetype in BARE:
            assert not OF[row.domain]["SOA"] + OF[row.domain]["NS"]


def test_name_servers_have_addresses() -> None:
    for domain in SEEDS:
        for record in OF[domain]["NS"]:
            assert OF[record.data]["A"], record


def test_the_primary_is_one_that_serves_or_its_operators() -> None:
    inside = sum(
        OF[domain]["SOA"][0].data.split()[0] in {record.data for record in OF[domain]["NS"]}
        for domain in SEEDS
    )
    assert inside > 0.95 * len(SEEDS)


def test_most_domains_have_a_site_and_many_share_its_addresses() -> None:
    with_site = [domain for domain in SEEDS if OF[domain]["A"]]
    assert 0.8 < len(with_site) / len(SEEDS) < 0.97
    counts = Counter(len(OF[domain]["A"]) for domain in with_site)
    assert counts[1] > counts[2] > counts[4] > 0
    assert max(counts) == 4
    of_address = Counter(record.data for domain in with_site for record in OF[domain]["A"])
    assert of_address.most_common(1)[0][1] > 20
    assert 0.15 < sum(bool(OF[domain]["AAAA"]) for domain in SEEDS) / len(SEEDS) < 0.6


def test_sets_of_name_servers_are_shared_by_many_and_some_are_ones_own() -> None:
    sets = Counter(tuple(sorted(record.data for record in OF[domain]["NS"])) for domain in SEEDS)
    assert sets.most_common(1)[0][1] > 0.02 * len(SEEDS)
    own = sum(OF[domain]["NS"][0].data == f"ns1.{domain}" for domain in SEEDS)
    assert 0.02 < own / len(SEEDS) < 0.2


def test_addresses_lie_in_networks_of_the_world() -> None:
    blocks = {ip_network(network.prefix) for network in WORLD.networks}
    for domain in SEEDS:
        for record in OF[domain]["A"] + OF[domain]["AAAA"]:
            bits = 24 if record.type == "A" else 48
            assert ip_network(f"{ip_address(record.data)}/{bits}", strict=False) in blocks


def _apex() -> tuple[Apex, Builder]:
    builder = Builder(seed=1)
    return Apex(Market(builder, 100)), builder


@pytest.mark.parametrize("name", ["cloudflare", "squarespace"])
def test_a_site_is_as_its_host_makes_them(name: str) -> None:
    apex, builder = _apex()
    host = next(host for host in web_slots() if host.name == name)
    apex.site("example.com", host)
    found = [record for record in builder.records if record.name == "example.com"]
    assert Counter(record.type for record in found) == Counter(
        A=host.addresses[0], **({"AAAA": host.six} if host.six else {})
    )
    assert {record.ttl for record in found} <= set(host.ttl)


def test_a_site_behind_cloudflare_has_its_zone_there() -> None:
    apex, builder = _apex()
    apex.zone("example.com", "secureserver.net", web_slots()[0])
    servers = [record.data for record in builder.records if record.type == "NS"]
    assert servers
    assert all(server.endswith(".ns.cloudflare.com") for server in servers)


def test_another_epoch_is_another_draw_and_the_same_epoch_the_same() -> None:
    def drawn(epoch: int) -> list[Record]:
        apex, builder = _apex()
        apex.zone("example.com", None, None, epoch)
        return builder.records

    assert drawn(0) == drawn(0)
    assert len({tuple(drawn(epoch)) for epoch in range(8)}) > 4


def test_providers_own_domains_have_no_zone_of_their_own() -> None:
    (one,) = Given(seed=1).settle(["google.com"])
    assert one.truth.archetype == OPERATOR
    assert not [r for r in one.records if r.name == "google.com" and r.type in {"NS", "SOA"}]
