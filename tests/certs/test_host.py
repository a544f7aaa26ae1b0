"""Whether a certificate is for a host."""

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from certs.host import check, covers
from schemas.outcomes import HostCheck
from tests.certs.authority import issue

HOST = "mta-sts.example.com"


@pytest.mark.parametrize(
    ("name", "host", "yes"),
    [
        (HOST, HOST, True),
        ("MTA-STS.Example.COM.", HOST, True),
        ("*.example.com", HOST, True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.b.example.com", False),
        ("*.com", HOST, False),
        ("mta-*.example.com", HOST, False),
        ("*.*.com", HOST, False),
        ("*", "com", False),
        ("example.com", HOST, False),
        ("", HOST, False),
    ],
)
def test_a_name_covers_itself_and_a_wildcard_one_label(name: str, host: str, *, yes: bool) -> None:
    assert covers(name, host) is yes


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_are_compared(name: str, host: str) -> None:
    assert covers(name, host) in (True, False)
    assert covers(host, host) is not host.startswith("*.")


def test_only_dns_names_count() -> None:
    assert check(issue(HOST).der, HOST) is HostCheck.NO_NAMES
    assert check(issue("x", dns=[HOST]).der, HOST) is HostCheck.MATCHES
    assert check(issue(HOST, dns=["www.example.com"]).der, HOST) is HostCheck.OTHER_NAMES


@pytest.mark.parametrize(
    ("usage", "wanted"),
    [
        (ExtendedKeyUsageOID.SERVER_AUTH, HostCheck.MATCHES),
        (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, HostCheck.MATCHES),
        (ExtendedKeyUsageOID.CLIENT_AUTH, HostCheck.WRONG_PURPOSE),
    ],
)
def test_it_must_be_for_servers(usage: x509.ObjectIdentifier, wanted: HostCheck) -> None:
    leaf = issue("x", dns=[HOST], extensions=[(x509.ExtendedKeyUsage([usage]), False)])
    assert check(leaf.der, HOST) is wanted


@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_bytes_give_a_word(noise: bytes, place: int) -> None:
    assert check(noise, HOST) in HostCheck
    whole = LEAF[:place] + noise[:4] + LEAF[place + 4 :]
    assert check(whole, HOST) in HostCheck


LEAF = issue("x", dns=[HOST]).der
