"""A world of given names: the same whatever stands beside a name, streamed, as common as life."""

from collections import Counter
from collections.abc import Iterator
from itertools import count, islice
from random import Random

from scripts.world.given import OPERATOR, Given, Settlement, operators
from scripts.world.lookup import NXDOMAIN, Zone
from scripts.world.model import DnsFault
from scripts.world.names import wire
from scripts.world.naming import Names, a_labels
from scripts.world.population import kinds
from scripts.world.rdata import type_code

NAMES = [*islice(iter(Names(Random(3), set()).domain, ""), 6000), "google.com", "mandrillapp.com"]
GIVEN = Given(seed=5)
WORLD = list(GIVEN.settle(NAMES))
RECORDS = [*(record for one in WORLD for record in one.records), *GIVEN.rest()]
ZONE = Zone(RECORDS)


def _of_kind(kind: str) -> Settlement:
    return next(one for one in WORLD if one.truth.archetype == kind)


def test_every_name_is_settled_in_the_order_given() -> None:
    assert [one.domain for one in WORLD] == NAMES
    assert [one.truth.domain for one in WORLD] == [a_labels(name) for name in NAMES]


def test_the_same_names_and_seed_make_the_same_world_and_another_seed_does_not() -> None:
    assert list(Given(seed=5).settle(NAMES[:500])) == WORLD[:500]
    assert [one.truth for one in Given(seed=6).settle(NAMES[:500])] != [
        one.truth for one in WORLD[:500]
    ]


def test_what_a_name_is_does_not_depend_on_the_others() -> None:
    part = Given(seed=5).settle(NAMES[::-3])
    assert [one.truth for one in part] == [one.truth for one in WORLD[::-3]]


def test_names_are_taken_and_given_one_by_one() -> None:
    def endless() -> Iterator[str]:
        return (f"number{number}.com" for number in count())

    assert [one.domain for one in islice(Given(seed=1).settle(endless()), 3)] == [
        "number0.com",
        "number1.com",
        "number2.com",
    ]


def test_kinds_are_as_common_as_among_popular_domains_and_the_long_tail_together() -> None:
    found = Counter(one.truth.archetype for one in WORLD)
    popular, tail = sum(kind.popular for kind in kinds()), sum(kind.tail for kind in kinds())
    assert len(found) > 0.9 * len(kinds())
    for kind in kinds():
        expected = len(NAMES) * (kind.popular / popular + kind.tail / tail) / 2
        if expected > 100:
            assert 0.75 * expected < found[kind.name] < 1.25 * expected, kind.name


def test_providers_own_domains_are_who_they_are() -> None:
    assert {"google.com", "outlook.com", "pphosted.com", "mcsv.net"} <= operators()
    assert {"awsdns-01.org", "azure-dns.info", "gandi.net"} <= operators()  # of name servers
    assert not {"com", "net", "ac.uk", ""} & operators()
    assert [one.truth.archetype for one in WORLD[-2:]] == [OPERATOR, OPERATOR]
    assert WORLD[-2].truth.operator_id == "google.com"
    exchanges = ZONE.find(wire("google.com"), type_code("MX")).answers
    assert len(exchanges) == 5


def test_an_alias_stands_alone() -> None:
    kinds_of: dict[bytes, set[str]] = {}
    for record in RECORDS:
        kinds_of.setdefault(wire(record.name), set()).add(record.type)
    aliases = [types for types in kinds_of.values() if "CNAME" in types]
    assert aliases
    assert all(types == {"CNAME"} for types in aliases)


def test_faults_come_with_their_domain() -> None:
    refused = _of_kind("dns_refused")
    domain = refused.truth.domain
    assert refused.faults == {domain: DnsFault.REFUSED, f"_dmarc.{domain}": DnsFault.REFUSED}
    assert not _of_kind("google").faults
    lapsed = _of_kind("nxdomain").truth.domain
    assert ZONE.find(wire(lapsed), type_code("MX")).rcode == NXDOMAIN


def test_shared_servers_get_their_names_at_the_end() -> None:
    hosted = _of_kind("shared_certificate").truth.domain
    (address,) = ZONE.find(wire(f"mail.{hosted}"), type_code("A")).answers
    reverse = ".".join(str(byte) for byte in reversed(address.data)) + ".in-addr.arpa"
    assert any((r.name, r.type) == (reverse, "PTR") for r in RECORDS)
