"""Special-purpose ranges, against the registries' own examples and the standard library."""

import random
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stages.enrich.special import RANGES, Scope, special_purpose

EXPLAINED = tuple(
    ip_network(prefix)
    for prefix in (
        # In the registries, though called globally reachable (some or all of it), or not said …
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "64:ff9b::/96",
        "2001::/23",
        "2002::/16",
        "2620:4f:8000::/48",
        # … registered later than the oldest Python we run on …
        "64:ff9b:1::/48",
        "3fff::/20",
        "5f00::/16",
        # … and multicast, and space that is no global unicast.
        "224.0.0.0/4",
        "::/3",
        "4000::/2",
        "8000::/1",
    )
)
"""Special to us, while the standard library may call them global."""


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("0.0.0.0", "This host on this network"),
        ("0.1.2.3", "This network"),
        ("10.255.255.255", "Private-Use"),
        ("11.0.0.0", None),
        ("100.64.0.1", "Shared Address Space"),
        ("127.255.255.255", "Loopback"),
        ("169.254.169.254", "Link Local"),
        ("172.15.255.255", None),
        ("172.31.255.255", "Private-Use"),
        ("172.32.0.0", None),
        ("192.0.0.7", "IPv4 Service Continuity Prefix"),
        ("192.0.0.9", "Port Control Protocol Anycast"),
        ("192.0.0.11", "IETF Protocol Assignments"),
        ("192.0.1.0", None),
        ("192.88.99.1", "Deprecated (6to4 Relay Anycast)"),
        ("192.88.99.2", "6a44-relay anycast address"),
        ("198.19.255.255", "Benchmarking"),
        ("223.255.255.255", None),
        ("224.0.0.1", "Multicast"),
        ("240.0.0.1", "Reserved"),
        ("255.255.255.255", "Limited Broadcast"),
        ("8.8.8.8", None),
        ("::", "Unspecified Address"),
        ("::1", "Loopback Address"),
        ("::7f00:1", "IPv4-compatible Address"),
        ("::ffff:127.0.0.1", "IPv4-mapped Address"),
        ("::ffff:8.8.8.8", "IPv4-mapped Address"),
        ("64:ff9b::7f00:1", "IPv4-IPv6 Translat."),
        ("64:ff9b:1::1", "IPv4-IPv6 Translat."),
        ("2001:0:7f00:1::", "TEREDO"),
        ("2001:1ff:ffff::", "IETF Protocol Assignments"),
        ("2001:200::1", None),
        ("2001:db8::1", "Documentation"),
        ("2002:7f00:1::", "6to4"),
        ("2a00:1450:4001::1a", None),
        ("3fff:0fff::", "Documentation"),
        ("3fff:1000::", None),
        ("4000::1", "Reserved by IETF"),
        ("fd00::1", "Unique-Local"),
        ("fe80::1", "Link-Local Unicast"),
        ("FF02::1", "Multicast"),
    ],
)
def test_the_most_specific_range_names_an_address(address: str, name: str | None) -> None:
    assert special_purpose(address) == name
    assert Scope.PUBLIC.permits(address) is (name is None)


@pytest.mark.parametrize("row", RANGES, ids=lambda row: row.prefix)
def test_a_range_begins_and_ends_where_the_registry_says(row: tuple[str, str, str]) -> None:
    network = ip_network(row[0])
    inside = {r.prefix for r in RANGES if ip_network(r.prefix) != network and r.name != row[1]}
    for edge in (network[0], network[-1]):
        if not any(edge in ip_network(prefix) for prefix in inside):
            assert special_purpose(str(edge)) == row[1]


def random_addresses() -> list[IPv4Address | IPv6Address]:
    chance = random.Random(6890)
    edges = [ip_network(row.prefix) for row in RANGES]
    near = [
        edge + step
        for network in edges
        for edge, step in ((network[0], -1), (network[0], 0), (network[-1], 0), (network[-1], 1))
        if 0 <= int(edge) + step < 2**network.max_prefixlen
    ]
    return [
        *near,
        *(IPv4Address(chance.getrandbits(32)) for _ in range(5000)),
        *(IPv6Address((1 << 125) | chance.getrandbits(125)) for _ in range(5000)),
        *(IPv6Address(chance.getrandbits(128)) for _ in range(1000)),
    ]


def test_it_agrees_with_the_standard_library_but_where_explained() -> None:
    for address in random_addresses():
        ours = Scope.PUBLIC.permits(str(address))
        if any(address in network for network in EXPLAINED if network.version == address.version):
            assert not ours, address
        else:
            assert ours is address.is_global, address


@given(st.ip_addresses(v=4))
@example(IPv4Address("127.0.0.1"))
@example(IPv4Address("8.8.8.8"))
def test_an_address_inside_another_is_never_a_way_around(inner: IPv4Address) -> None:
    number = int(inner)
    for outer in (
        IPv6Address(number),
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
        IPv6Address(int(IPv6Address("64:ff9b:1::")) | number),
        IPv6Address(0x2002 << 112 | number << 80 | 1),
        IPv6Address(0x20010000 << 96 | number),
    ):
        assert not Scope.PUBLIC.permits(str(outer))
        assert Scope.LOOPBACK.permits(str(outer)) is (outer == IPv6Address("::1"))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.255.255.254", "::1"])
def test_loopback_permits_loopback(address: str) -> None:
    assert Scope.LOOPBACK.permits(address)


@pytest.mark.parametrize(
    "address",
    ["126.255.255.255", "128.0.0.0", "::", "::2", "10.0.0.1", "8.8.8.8", "::ffff:127.0.0.1"],
)
def test_loopback_permits_nothing_else(address: str) -> None:
    assert not Scope.LOOPBACK.permits(address)


@given(st.text())
@example("127.0.0.1\0")
@example("127.1")
@example("fe80::1%lo")
@example("2600::1%lo")
def test_what_is_no_address_is_not_permitted(text: str) -> None:
    if Scope.PUBLIC.permits(text) or Scope.LOOPBACK.permits(text):
        assert "%" not in str(ip_address(text))


def test_asking_what_a_non_address_is_for_is_an_error() -> None:
    with pytest.raises(ValueError, match="not an IP address"):
        special_purpose("mail.example.net")
