from ipaddress import IPv4Network, IPv6Network

import numpy as np
import pytest

from stages.maps.blocks import IPV4, IPV6
from stages.maps.landmarks import Landmark, allocations, clouds


def test_every_8_and_every_12_in_use_has_its_holder() -> None:
    assert [mark.prefix for mark in allocations(4)] == [f"{n}.0.0.0/8" for n in range(256)]
    prefixes = [IPv6Network(mark.prefix) for mark in allocations(6)]
    assert prefixes == sorted(prefixes)
    assert len(prefixes) <= 16, "the curve holds 16 of them"
    assert {prefix.prefixlen for prefix in prefixes} == {12}


def test_ipv4_blocks_are_the_24s() -> None:
    assert IPV4.span(IPv4Network("10.1.0.0/16")) == (0x0A0100, 8)
    assert IPV4.span(IPv4Network("10.1.2.128/25")) == (0x0A0102, 0)
    assert IPV4.network(0x0A0100, 8) == IPv4Network("10.1.0.0/16")


@pytest.mark.parametrize("text", ["2001:db8::/32", "2a01:111::/32", "2600::/12", "2c0f:ffff::/32"])
def test_an_ipv6_block_has_its_network_back(text: str) -> None:
    network = IPv6Network(text)
    start, bits = IPV6.span(network)
    assert IPV6.network(start, bits) == network


def test_what_lies_between_the_12s_in_use_has_no_blocks() -> None:
    first, last = np.array([0x3FFE0000, 0x20000000]), np.array([0x3FFE0000, 0x3FFFFFFF])
    starts, ends = IPV6.numbers(first, last)
    assert starts[0] == ends[0]
    assert ends[1] - starts[1] == len(allocations(6)) << 20


def test_clouds_are_wide_networks() -> None:
    def owner(address: str) -> str | None:
        first, second, *_ = map(int, address.split("."))
        return "cirrus" if first == 7 and second < 6 else None

    assert list(clouds(owner)) == [Landmark("7.0.0.0/14", "cirrus")]
    assert [mark.prefix for mark in clouds(owner, 16)] == ["7.0.0.0/14", "7.4.0.0/15"]
