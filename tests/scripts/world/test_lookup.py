"""What the world's zone answers: records, nothing, no such name, aliases and wildcards."""

import pytest

from scripts.world.lookup import NOERROR, NXDOMAIN, Found, Zone, text
from scripts.world.model import Record
from scripts.world.names import wire
from scripts.world.rdata import encode, type_code

RECORDS = (
    Record("example.com", "MX", "10 mail.example.com"),
    Record("example.com", "MX", "10 mail.example.com"),
    Record("mail.example.com", "A", "127.1.0.1"),
    Record("alias.example.com", "CNAME", "second.example.com"),
    Record("second.example.com", "CNAME", "mail.example.com"),
    Record("lost.example.com", "CNAME", "gone.example.com"),
    Record("ring.example.com", "CNAME", "gnir.example.com"),
    Record("gnir.example.com", "CNAME", "ring.example.com"),
    Record("a.b.deep.example.com", "TXT", "far down"),
    Record("*.wild.example.com", "TXT", "any"),
    Record("real.wild.example.com", "A", "127.1.0.2"),
    Record("example.com", "SOA", "ns.example.com root.example.com 7 3600 600 86400 900", 7200),
    Record("x.sub.wild.example.com", "A", "127.1.0.3"),
)
ZONE = Zone(RECORDS)


def ask(name: str, kind: str) -> Found:
    return ZONE.find(wire(name), type_code(kind))


@pytest.mark.parametrize(
    ("name", "kind", "rcode", "answers"),
    [
        ("example.com", "MX", NOERROR, 1),
        ("example.com", "TXT", NOERROR, 0),
        ("none.example.com", "MX", NXDOMAIN, 0),
        ("deep.example.com", "TXT", NOERROR, 0),  # an empty non-terminal
        ("com", "A", NOERROR, 0),
        ("net", "A", NXDOMAIN, 0),
        (".", "SOA", NOERROR, 1),
        ("alias.example.com", "A", NOERROR, 3),
        ("alias.example.com", "CNAME", NOERROR, 1),
        ("alias.example.com", "TXT", NOERROR, 2),
        ("lost.example.com", "A", NXDOMAIN, 1),
        ("any.wild.example.com", "TXT", NOERROR, 1),
        ("any.thing.wild.example.com", "TXT", NOERROR, 1),
        ("any.wild.example.com", "A", NOERROR, 0),
        ("real.wild.example.com", "TXT", NOERROR, 0),  # what exists hides the wildcard
        ("y.sub.wild.example.com", "TXT", NXDOMAIN, 0),  # so does its closest encloser
        ("wild.example.com", "TXT", NOERROR, 0),
    ],
)
def test_answer(name: str, kind: str, rcode: int, answers: int) -> None:
    found = ask(name, kind)
    assert (found.rcode, len(found.answers)) == (rcode, answers)
    ends = bool(answers) and found.answers[-1].type == type_code(kind)
    assert found.negative is not ends


def test_a_chain_of_aliases_stands_in_order() -> None:
    found = ask("alias.example.com", "A")
    chain = ["alias.example.com", "second.example.com", "mail.example.com"]
    assert [text(entry.owner) for entry in found.answers] == chain
    assert [text(name) for name in found.names] == chain
    assert found.answers[-1].data == encode(RECORDS[2])


def test_a_ring_of_aliases_comes_to_an_end() -> None:
    found = ask("ring.example.com", "A")
    assert found.rcode == NOERROR
    assert 2 <= len(found.answers) < 32


def test_a_wildcards_answer_bears_the_name_asked_for() -> None:
    assert text(ask("some.wild.example.com", "TXT").answers[0].owner) == "some.wild.example.com"


@pytest.mark.parametrize(
    ("name", "mname", "ttl"),
    [
        ("none.mail.example.com", "ns.example.com", 900),
        ("example.com", "ns.example.com", 900),
        ("example.net", "ns.world.test", 60),
        (".", "ns.world.test", 60),
    ],
)
def test_nothing_comes_with_the_authority_of_the_closest_zone(
    name: str, mname: str, ttl: int
) -> None:
    soa = ZONE.authority(wire(name))
    assert soa.data.startswith(wire(mname))
    assert soa.ttl == ttl
