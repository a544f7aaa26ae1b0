"""Layers against plain look-ups, in small corners of both address spaces."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.enrich.layer import NONE, Addresses, Layer, in_text, limbs, numbers, overlaid

WIDTH = {4: 32, 6: 128}
KIND = {4: IPv4Address, 6: IPv6Address}
CORNERS = {4: [0, (1 << 32) - 64, 10 << 24], 6: [0, (1 << 128) - 64, 0x20010DB8 << 96, 1 << 64]}
"""Where addresses are taken: both ends, the middle, and over the border of the IPv6 halves."""


@st.composite
def prefixes(draw: st.DrawFn, version: int) -> list[tuple[int, int, int]]:
    """First address, length and code."""
    found = []
    for code in range(draw(st.integers(0, 12))):
        length = draw(st.sampled_from([0, 1, 8, *range(WIDTH[version] - 7, WIDTH[version] + 1)]))
        number = draw(st.sampled_from(CORNERS[version])) + draw(st.integers(0, 63))
        free = WIDTH[version] - length
        found.append((number >> free << free, length, code))
    return found


def layer(version: int, given_prefixes: list[tuple[int, int, int]]) -> Layer:
    packed = b"".join(n.to_bytes(WIDTH[version] // 8, "big") for n, _, _ in given_prefixes)
    lengths, codes = (
        np.array([each[place] for each in given_prefixes], np.int64) for place in (1, 2)
    )
    return Layer.of_prefixes(version, packed, lengths, codes)


def expected(version: int, given_prefixes: list[tuple[int, int, int]], address: int) -> int:
    best = NONE, NONE
    for number, length, code in given_prefixes:
        if address in range(number, number + (1 << WIDTH[version] - length)):
            best = max(best, (length, code))
    return best[1]


def probes(version: int) -> list[int]:
    return [corner + offset for corner in CORNERS[version] for offset in range(64)]


@pytest.mark.parametrize("version", [4, 6])
@given(data=st.data())
def test_the_most_specific_prefix_gives_the_code(version: int, data: st.DataObject) -> None:
    drawn = data.draw(prefixes(version))
    found = layer(version, drawn).at(numbers(version, probes(version)))
    assert found.tolist() == [expected(version, drawn, each) for each in probes(version)]


@pytest.mark.parametrize("version", [4, 6])
@given(data=st.data())
def test_pieces_are_what_they_are_cut_from(version: int, data: st.DataObject) -> None:
    drawn = data.draw(prefixes(version))
    corner = data.draw(st.sampled_from(CORNERS[version]))
    bounds = data.draw(st.lists(st.tuples(st.integers(0, 62), st.integers(1, 63)), max_size=5))
    spans = [(corner + min(pair), corner + max(pair)) for pair in bounds if pair[0] != pair[1]]
    firsts, ends = (numbers(version, [span[place] for span in spans]) for place in (0, 1))
    pieces = layer(version, drawn).pieces(firsts, ends)
    rebuilt = [
        (row, address, code)
        for row, first, end, code in zip(
            pieces.rows.tolist(), whole(pieces.starts), whole(pieces.ends), pieces.codes.tolist(),
            strict=True,
        )
        for address in range(first, end)
    ]  # fmt: skip
    assert rebuilt == [
        (row, address, expected(version, drawn, address))
        for row, (first, end) in enumerate(spans)
        for address in range(first, end)
    ]


def whole(addresses: Addresses) -> list[int]:
    columns = limbs(addresses).tolist()
    return [
        sum(limb << 32 * place for place, limb in enumerate(row))
        for row in zip(*columns, strict=True)
    ]


@pytest.mark.parametrize("version", [4, 6])
@given(data=st.data())
def test_layers_laid_over_each_other_keep_what_each_says(version: int, data: st.DataObject) -> None:
    layers = [layer(version, data.draw(prefixes(version))) for _ in range(3)]
    starts, codes = overlaid(layers)
    at = numbers(version, probes(version))
    for each, found in zip(layers, codes, strict=True):
        assert Layer(starts, found).at(at).tolist() == each.at(at).tolist()
    assert len(np.unique(starts)) == len(starts)


def test_neighbours_of_one_code_are_joined() -> None:
    found = layer(4, [(0, 1, 7), (1 << 31, 1, 7)])
    assert (found.starts.tolist(), found.codes.tolist()) == ([0], [7])
    assert found.recoded(np.full(8, NONE)).codes.tolist() == [NONE]


@pytest.mark.parametrize("text", ["0.0.0.0", "255.255.255.255", "10.0.0.1"])
def test_ipv4_in_text(text: str) -> None:
    assert in_text(4, numbers(4, [int(IPv4Address(text))])[0]) == text


@pytest.mark.parametrize("text", ["::", "2001:db8::", "ff00:100::1"])
def test_ipv6_in_text(text: str) -> None:
    address = int(ip_network(text).network_address)
    assert in_text(6, numbers(6, [address])[0]) == text
