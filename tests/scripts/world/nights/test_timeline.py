"""Nights: the same again, one after the other, with campaigns among those who look like them."""

from collections import Counter, defaultdict
from itertools import islice, pairwise

import pytest

from scripts.world.model import Behaviour, Record
from scripts.world.names import wire
from scripts.world.nights.lookalikes import KINDS
from scripts.world.nights.model import CAMPAIGN, FIRST, Night
from scripts.world.nights.timeline import nights
from scripts.world.rdata import encode

APART = 5
NIGHTS = list(nights(900, seed=2, count=4, rate=0.05, apart=APART))


def _of(night: Night) -> dict[str, dict[str, list[Record]]]:
    found: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in night.world.records:
        found[record.name][record.type].append(record)
    return found


RECORDS = [_of(night) for night in NIGHTS]


def test_equal_seeds_give_equal_nights_however_many_follow() -> None:
    again = nights(120, seed=2, count=3, rate=0.05, apart=APART)
    first = list(islice(nights(120, seed=2, count=8, rate=0.05, apart=APART), 3))
    assert list(again) == first
    assert next(nights(120, seed=3, count=1)) != next(nights(120, seed=2, count=1))


def test_nights_have_their_number_and_day() -> None:
    assert [night.number for night in NIGHTS] == [1, 2, 3, 4]
    assert [(night.day - FIRST).days for night in NIGHTS] == [0, 5, 10, 15]


def test_every_seed_has_its_truth_and_origin() -> None:
    for night in NIGHTS:
        truth = [row.domain for row in night.world.truth]
        assert [origin.domain for origin in night.origins] == truth
        assert len(set(truth)) == len(truth) == len(night.world.seeds)
        assert 850 < len(truth) < 1000
        assert all(origin.registered <= night.day for origin in night.origins)


def test_as_many_belong_to_campaigns_as_is_asked_for() -> None:
    for night in NIGHTS:
        share = sum(o.kind == CAMPAIGN for o in night.origins) / len(night.origins)
        assert 0.04 < share < 0.07
    (rare,) = nights(900, seed=2, count=1)
    assert 9 <= sum(o.kind == CAMPAIGN for o in rare.origins) <= 18
    (none,) = nights(200, seed=2, count=1, rate=0)
    assert not any(o.campaign for o in none.origins)


def test_all_look_alikes_are_there() -> None:
    for night in NIGHTS:
        assert {origin.kind for origin in night.origins} >= set(KINDS)


def test_everything_can_be_held_by_the_dns_and_aliases_stand_alone() -> None:
    for night, of in zip(NIGHTS, RECORDS, strict=True):
        assert all(wire(r.name) and encode(r) for r in night.world.records)
        assert all(set(kinds) == {"CNAME"} for kinds in of.values() if "CNAME" in kinds)


def test_names_that_exchanges_and_zones_need_have_addresses() -> None:
    for night, of in zip(NIGHTS, RECORDS, strict=True):
        for origin in night.origins:
            servers = [record.data for record in of[origin.domain]["NS"]]
            assert all(of[host]["A"] for host in servers), origin
            if origin.kind == CAMPAIGN or origin.kind in KINDS:
                hosts = [record.data.split()[-1] for record in of[origin.domain]["MX"]]
                assert servers
                assert hosts
                assert all(of[host]["A"] for host in hosts)


def test_live_is_whose_first_exchange_answers() -> None:
    night, of = NIGHTS[-1], RECORDS[-1]
    up = {s.address for s in night.world.servers if s.behaviour is Behaviour.NORMAL}
    for row in night.world.truth:
        if row.archetype == CAMPAIGN or row.archetype in KINDS:
            pairs = [record.data.split() for record in of[row.domain]["MX"]]
            least = min(int(preference) for preference, _ in pairs)
            best = [host for preference, host in pairs if int(preference) == least]
            answers = any(r.data in up for host in best for r in of[host]["A"])
            assert answers is row.live, row


def test_addresses_of_servers_are_different() -> None:
    for night in NIGHTS:
        addresses = [server.address for server in night.world.servers]
        assert len(set(addresses)) == len(addresses)
        shown = {s.certificate for s in night.world.servers if s.certificate}
        assert shown <= {spec.id for spec in night.world.certificates}


def _apex(of: dict[str, dict[str, list[Record]]], domain: str) -> set[tuple[str, str, int]]:
    return {(r.type, r.data, r.ttl) for kind in of[domain].values() for r in kind}


def test_most_legitimate_domains_stay_as_they_are_and_some_change_come_and_go() -> None:
    for (old, new), (night, next_night) in zip(pairwise(RECORDS), pairwise(NIGHTS), strict=True):
        before = {o.domain for o in night.origins if o.campaign is None and o.kind not in KINDS}
        after = {o.domain for o in next_night.origins if o.campaign is None and o.kind not in KINDS}
        stayed = before & after
        changed = sum(_apex(old, domain) != _apex(new, domain) for domain in stayed)
        assert 0.005 < changed / len(stayed) < 0.08
        assert 0 < len(after - before) < 0.03 * len(stayed)
    gone = {o.domain for o in NIGHTS[0].origins} - {o.domain for o in NIGHTS[-1].origins}
    assert any(o.domain in gone and o.campaign is None for o in NIGHTS[0].origins)


def test_campaigns_come_and_go_faster_than_others() -> None:
    first = {o.domain for o in NIGHTS[0].origins if o.campaign}
    last = {o.domain for o in NIGHTS[-1].origins if o.campaign}
    assert len(first & last) < 0.5 * len(first)
    days = [(NIGHTS[-1].day - o.registered).days for o in NIGHTS[-1].origins if o.campaign]
    assert max(days) < 45


def test_siblings_share_and_differ() -> None:
    of = RECORDS[0]
    siblings: dict[str, list[str]] = defaultdict(list)
    for origin in NIGHTS[0].origins:
        if origin.campaign:
            siblings[origin.campaign].append(origin.domain)
    policies = []
    for domains in siblings.values():
        servers = {frozenset(r.data for r in of[domain]["NS"]) for domain in domains}
        assert len(servers) == 1
        texts = [r.data for d in domains for r in of[d]["TXT"] if r.data.startswith("v=spf1")]
        policies.append((len(texts), Counter(texts).most_common(1)[0][1]))
        networks = [{r.data.rpartition(".")[0] for r in of[d]["A"]} for d in domains]
        assert len(set().union(*networks)) <= 45
    assert sum(same for _, same in policies) > 0.7 * sum(whole for whole, _ in policies)


@pytest.mark.parametrize(
    ("style", "kind", "least"),
    [("exchanges", "MX", 4), ("addresses", "A", 6), ("servers", "NS", 3)],
)
def test_a_style_is_many_of_something_over_many_networks(style: str, kind: str, least: int) -> None:
    networks: set[str] = set()
    seen = 0
    for seed in (2, 3, 4):
        for night in nights(40, seed, count=1, rate=0.9):
            of = _of(night)
            for origin in night.origins:
                if origin.style == style:
                    seen += 1
                    assert len(of[origin.domain][kind]) >= least
                    found = [r.data.split()[-1] for r in of[origin.domain][kind]]
                    if kind != "A":
                        found = [record.data for name in found for record in of[name]["A"]]
                    networks |= {address.rpartition(".")[0] for address in found}
    assert seen
    assert len(networks) > 5 or style == "servers"


def test_small_campaigns_stay_below_the_tail_of_look_alikes() -> None:
    of = RECORDS[-1]
    for origin in NIGHTS[-1].origins:
        if origin.style == "small":
            assert len(of[origin.domain]["MX"]) <= 5
            assert len(of[origin.domain]["A"]) <= 5


def test_what_a_campaign_imitates_includes_a_sender() -> None:
    found = False
    for seed in range(6):
        (night,) = nights(60, seed, count=1, rate=0.9)
        of = _of(night)
        for origin in night.origins:
            if origin.style == "newsletter":
                found = True
                assert any("include:" in record.data for record in of[origin.domain]["TXT"])
    assert found
