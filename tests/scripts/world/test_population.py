"""A made-up world: the same again, complete, consistent, as common as it should be."""

from collections import Counter
from ipaddress import ip_address, ip_network

import pytest

from scripts.world.builder import Builder
from scripts.world.customers import vanity
from scripts.world.lookup import NXDOMAIN, Zone, text
from scripts.world.market import Market
from scripts.world.model import Behaviour, Truth, World
from scripts.world.names import wire
from scripts.world.naming import a_labels
from scripts.world.policies import MISTAKES
from scripts.world.population import kinds, make
from scripts.world.rdata import encode, type_code

WORLD = make(3000, seed=5)
ZONE = Zone(WORLD.records)
SERVERS = {server.address: server for server in WORLD.servers}
ANSWERING = {
    Behaviour.NORMAL,
    Behaviour.NO_STARTTLS,
    Behaviour.STARTTLS_REFUSED,
    Behaviour.BROKEN_TLS,
    Behaviour.EARLY_TALK,
}
LANDMARKS = {
    "netflix.com": "google.com",
    "ucsd.edu": "pphosted.com",
    "eng.ucsd.edu": "google.com",
    "lodi.gov": "iphmx.com",
    "gsipartners.com": "google.com",
    "jeniustoto.net": None,
    "sgnetway.net": "sgnetway.net",
    "bbw-chan.nl": "bbw-chan.nl",
    "utexas.edu": "iphmx.com",
    "summitorganization.org": "summitorganization.org",
    "arfonts.net": "arfonts.net",
}


def test_equal_seeds_make_equal_worlds_and_others_do_not() -> None:
    assert make(300, seed=9) == make(300, seed=9)
    assert make(300, seed=9).seeds != make(300, seed=10).seeds


def test_a_world_has_the_domains_it_was_asked_for() -> None:
    assert [rank for rank, _ in WORLD.seeds] == list(range(1, 3001))
    assert len({a_labels(name) for _, name in WORLD.seeds}) == 3000
    assert any(not name.isascii() for _, name in WORLD.seeds)


def test_truth_has_a_row_for_every_seed() -> None:
    assert [row.domain for row in WORLD.truth] == [a_labels(name) for _, name in WORLD.seeds]


def test_every_kind_occurs() -> None:
    assert {row.archetype for row in WORLD.truth} == {kind.name for kind in kinds()} | {"landmark"}


@pytest.mark.parametrize("domains", [0, 40])
def test_the_landmarks_are_in_every_world(domains: int) -> None:
    rows = {row.domain: row.operator_id for row in make(domains, seed=2).truth}
    assert rows.items() >= LANDMARKS.items()
    assert len(rows) == max(domains, len(LANDMARKS))


def test_every_mistake_and_every_fault_occurs() -> None:
    texts = {record.data for record in make(6000, seed=1).records if record.type == "TXT"}
    for name, parts in MISTAKES.items():
        fixed = [max(part.split("{terms}"), key=len) for _, part in parts]
        pieces = [max(piece.split("{d}"), key=len) for piece in fixed]
        assert any(pieces[0] in data for data in texts), name
    assert {"servfail", "refused", "silent", "truncated"} == set(WORLD.faults.values())


def test_every_record_can_be_held_by_the_dns() -> None:
    for record in WORLD.records:
        assert wire(record.name)
        assert encode(record)


def test_an_alias_stands_alone() -> None:
    kinds_of: dict[bytes, Counter[str]] = {}
    for record in WORLD.records:
        kinds_of.setdefault(wire(record.name), Counter())[record.type] += 1
    aliases = [count for count in kinds_of.values() if "CNAME" in count]
    assert aliases
    assert all(count == {"CNAME": 1} for count in aliases)


def test_no_alias_leads_to_itself() -> None:
    # A provider may name its exchange as the customer would have named it: mx.<customer>.
    market = Market(Builder(seed=1), domains=30_000)
    for number in range(30_000):
        vanity(market, f"customer{number}.com")
    aliases = [record for record in market.builder.records if record.type == "CNAME"]
    assert aliases
    assert all(record.name != record.data for record in aliases)


def test_servers_have_addresses_of_their_own_inside_the_networks() -> None:
    assert len(SERVERS) == len(WORLD.servers)
    blocks = {ip_network(network.prefix) for network in WORLD.networks}
    assert len(blocks) == len(WORLD.networks)
    for address in SERVERS:
        assert ip_network(f"{address}/24", strict=False) in blocks
        assert address.startswith("127.")
        assert not address.startswith("127.0.")


def test_certificates_are_there_for_those_who_show_them() -> None:
    shown = {server.certificate for server in WORLD.servers if server.certificate}
    shown |= {file.certificate for file in WORLD.policy_files}
    assert shown == {spec.id for spec in WORLD.certificates}
    assert len(shown) == len(WORLD.certificates)


@pytest.mark.parametrize("row", WORLD.truth[:600], ids=lambda row: f"{row.archetype}-{row.domain}")
def test_live_is_who_answers_at_a_most_preferred_exchange(row: Truth) -> None:
    answers = any(
        address in SERVERS and SERVERS[address].behaviour in ANSWERING
        for host in _exchanges(row.domain)
        for address in _addresses(host)
    )
    assert answers is row.live


def test_who_is_live_has_an_operator_and_who_is_not_may_have_none() -> None:
    assert all(row.operator_id for row in WORLD.truth if row.live)
    gateways = [row for row in WORLD.truth if row.gateway_company]
    assert {row.mailbox_company for row in gateways} >= {"Microsoft", "Google", None}
    assert all(row.operator_company == row.gateway_company for row in gateways)
    assert {row.second_operator_id for row in WORLD.truth} == {None, "mimecast.com"}


def test_popular_domains_go_elsewhere_than_the_long_tail() -> None:
    def share(world: World, company: str, part: slice) -> float:
        rows = [row for row in world.truth[part] if row.live]
        return sum(row.operator_company == company for row in rows) / len(rows)

    world = make(12_000, seed=1)
    top, tail = slice(0, 2000), slice(10_000, 12_000)
    for company in ("Google", "Microsoft", "ProofPoint"):
        assert share(world, company, top) > 1.3 * share(world, company, tail), company
    assert share(world, "GoDaddy", tail) > 3 * share(world, "GoDaddy", top)
    assert 0.2 < share(world, "Google", top) < 0.4  # 28.5 % by IMC'21


def test_misfits_are_what_they_are_called() -> None:
    found = {row.archetype: row.domain for row in WORLD.truth}
    mx = type_code("MX")
    assert ZONE.find(wire(found["nxdomain"]), mx).rcode == NXDOMAIN
    assert _exchanges(found["null_mx"]) == ["."]
    assert ip_address(_exchanges(found["ip_literal"])[0]).is_loopback
    assert not _addresses(_exchanges(found["dangling"])[0])
    assert not _addresses(_exchanges(found["no_address"])[0])
    assert not ip_address(_addresses(_exchanges(found["reserved"])[0])[0]).is_global
    assert not ZONE.find(wire(found["implicit_mx"]), mx).answers
    assert len(ZONE.find(wire(found["long_texts"]), type_code("TXT")).answers) > 20
    assert ZONE.find(wire("nobody." + found["wildcard_dns"]), type_code("TXT")).answers


def _exchanges(domain: str) -> list[str]:
    """The exchanges of lowest preference; the domain itself without MX records."""
    entries = ZONE.find(wire(domain), type_code("MX")).answers
    pairs = [(int.from_bytes(e.data[:2], "big"), text(e.data[2:])) for e in entries]
    if not pairs:
        return [domain]
    return [host for preference, host in pairs if preference == min(pairs)[0]]


def _addresses(host: str) -> list[str]:
    code = type_code("A")
    return [str(ip_address(e.data)) for e in ZONE.find(wire(host), code).answers if e.type == code]
