from ipaddress import IPv4Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.enrich.intervals import AddressNumber, Intervals

prefixes = st.builds(
    lambda number, length: IPv4Network((number >> (8 - length) << (8 - length), 24 + length)),
    st.integers(0, 255),
    st.integers(0, 8),
)


def intervals(networks: dict[IPv4Network, str]) -> Intervals[str]:
    return Intervals(
        (int(network[0]), int(network[-1]), value) for network, value in networks.items()
    )


@given(st.dictionaries(prefixes, st.sampled_from("abc"), max_size=20))
def test_every_number_has_the_value_of_its_most_specific_prefix(
    networks: dict[IPv4Network, str],
) -> None:
    index = intervals(networks)
    for number in range(256):
        holding = [n for n in networks if int(n[0]) <= number <= int(n[-1])]
        best = max(holding, key=lambda n: n.prefixlen, default=None)
        assert index[number] == (None if best is None else networks[best])


def test_nothing_holds_anything_without_prefixes() -> None:
    assert Intervals[str]([])[0] is None
    assert Intervals[str]([])[2**128 - 1] is None


def test_of_equal_prefixes_the_later_one_wins() -> None:
    assert Intervals([(0, 7, "first"), (0, 7, "later")])[3] == "later"


def test_a_prefix_may_reach_the_last_address() -> None:
    whole = ip_network("::/0")
    index = Intervals([(0, int(whole[-1]), "all"), (int(whole[-1]), int(whole[-1]), "last")])
    assert (index[2**128 - 2], index[2**128 - 1]) == ("all", "last")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.2.3",
        "01.2.3.4",
        "1.2.3.4 ",
        "1.2.3.256",
        "fe80::1%lo",
        "::g",
        "a.b",
        "\0",
        "é",
        "1:2",
    ],
)
def test_what_is_no_address_has_no_number(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - text may fail before it is parsed
        AddressNumber.of(text)
