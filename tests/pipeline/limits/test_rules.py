"""The opt-out list's language."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.limits.rules import OptOutError, Rules, parse

LIST = """\
# those who wrote to us
example.com
Bücher.example.net.   # as people write it
mx:example.org
MX: mail.example.edu

192.0.2.7
198.51.100.0/24
198.51.100.128/25
2001:db8::/32
"""


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("example.com", "example.com"),
        ("deep.below.example.com", "example.com"),
        ("badexample.com", None),
        ("com", None),
        ("xn--bcher-kva.example.net", "xn--bcher-kva.example.net"),
        ("example.net", None),
        ("example.org", None),  # its hosts are left alone, not its name
        ("", None),
    ],
)
def test_domains(name: str, rule: str | None) -> None:
    assert parse(LIST).of_domain(name) == rule


@pytest.mark.parametrize(
    ("host", "rule"),
    [
        ("example.org", "mx:example.org"),
        ("mx1.example.org", "mx:example.org"),
        ("mail.example.edu", "mx:mail.example.edu"),
        ("mx.example.edu", None),
        ("myexample.org", None),
        ("mx.example.com", "example.com"),  # the hosts of who asked for all
    ],
)
def test_exchanges(host: str, rule: str | None) -> None:
    assert parse(LIST).of_exchange(host) == rule


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.8", None),
        ("198.51.100.1", "198.51.100.0/24"),
        ("198.51.100.200", "198.51.100.128/25"),
        ("198.51.101.0", None),
        ("2001:db8:1::1", "2001:db8::/32"),
        ("2001:db9::1", None),
    ],
)
def test_addresses(address: str, rule: str | None) -> None:
    assert parse(LIST).of_address(address) == rule


def test_an_empty_list_has_no_rules() -> None:
    for text in ("", "\n\n", "# nothing\n  # at all"):
        rules = parse(text)
        assert rules == Rules()
        assert rules.of_address("192.0.2.1") is rules.of_domain("example.com") is None


@pytest.mark.parametrize(
    "line",
    [
        "com",  # too much for a slip of the pen
        "mx:",
        "mx:192.0.2.1",
        "mx: example.com example.net",
        "example.com, example.net",
        "*.example.com",
        "192.0.2.256",
        "192.0.2.0/33",
        "https://example.com/",
        "postmaster@example.com",
        "ex\0ample.com",
    ],
)
def test_what_is_no_rule_is_named_with_its_line(line: str) -> None:
    with pytest.raises(OptOutError, match=r"^line 3: .* is no domain, address or network") as error:
        parse(f"example.org\n\n{line}\nexample.net\n")
    assert "\n" not in str(error.value)


@given(st.text() | st.from_regex(r"(mx:)?[0-9a-f.:/*#\n -]*", fullmatch=True))
def test_any_text_is_a_list_or_an_error(text: str) -> None:
    try:
        rules = parse(text)
    except OptOutError:
        return
    for name in ("example.com", "192.0.2.1"):
        rules.of_domain(name)
        rules.of_exchange(name)
    rules.of_address("192.0.2.1")


NETWORKS = st.builds(
    lambda number, length: IPv4Network((number, length), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(8, 32),
) | st.builds(
    lambda number, length: IPv6Network((number, length), strict=False),
    st.integers(0, 2**128 - 1),
    st.integers(16, 128),
)


@given(st.lists(NETWORKS, min_size=1), st.data())
def test_an_address_is_covered_by_the_narrowest_network_that_holds_it(
    networks: list[IPv4Network | IPv6Network], data: st.DataObject
) -> None:
    near = data.draw(st.sampled_from(networks))
    number = int(near.network_address) + data.draw(st.integers(-1, near.num_addresses))
    kind = IPv4Address if near.version == 4 else IPv6Address
    address = kind(min(max(number, 0), 2**near.max_prefixlen - 1))
    holding = [network for network in networks if address in network]
    expected = str(max(holding, key=lambda network: network.prefixlen)) if holding else None
    assert parse("\n".join(map(str, networks))).of_address(str(ip_address(address))) == expected
