"""Addresses as text: one form for one address, in every part of the census."""

from ipaddress import IPv6Address

from hypothesis import example, given
from hypothesis import strategies as st

from stages.dns.rdata import ipv6_text


@given(
    st.binary(min_size=16, max_size=16)
    | st.lists(
        st.sampled_from([b"\0\0", b"\0\1", b"\xff\xff", b"\x0a\x01"]), min_size=8, max_size=8
    ).map(b"".join)
)
@example(bytes(10) + b"\xff\xff\xc0\0\2\1")
@example(bytes(12) + b"\xc0\0\2\1")
def test_ipv6_text_is_that_of_the_ipaddress_module(packed: bytes) -> None:
    assert ipv6_text(packed) == str(IPv6Address(packed))
