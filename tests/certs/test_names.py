import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.names import domain_of, host_names, registered_domains


@pytest.mark.parametrize(
    ("common_name", "dns_names", "names"),
    [
        (None, [], ()),
        ("mx.example.com", [], ("mx.example.com",)),
        ("MX.Example.COM.", ["mx.example.com"], ("mx.example.com",)),
        ("example", ["localhost", "com", "co.uk"], ()),
        ("*.example.com", ["b.example.com", "a.example.com"],
         ("*.example.com", "a.example.com", "b.example.com")),
        ("*.co.uk", ["*.com"], ()),
        ("mx*.example.com", [], ("mx*.example.com",)),
        ("192.0.2.1", ["192.0.2.2", "2001:db8::1"], ()),
        ("Example Mail Inc. CA 1.2", [], ()),
        ("postmaster@example.com", ["https://example.com/"], ()),
        ("mx_1.example.com", ["-a.example.com", "a..example.com", ".example.com"],
         ("mx_1.example.com",)),
        ("münchen.de", ["xn--mnchen-3ya.de"], ("xn--mnchen-3ya.de",)),
        ("a" * 64 + ".example.com", ["a." * 126 + "example.com"], ()),
        (None, ["mail.example.github.io"], ("mail.example.github.io",)),
        ("mx.example.com\0.evil.org", ["mx.example.com\n"], ()),
    ],
)  # fmt: skip
def test_host_names(common_name: str | None, dns_names: list[str], names: tuple[str, ...]) -> None:
    assert host_names(common_name, dns_names) == names


def test_registered_domains_know_private_suffixes_and_wildcards() -> None:
    names = ("*.a.example.co.uk", "b.example.co.uk", "mail.example.github.io", "*.example.com")
    assert registered_domains(names) == ("example.co.uk", "example.com", "example.github.io")


@given(st.text(), st.lists(st.text() | st.from_regex(r"([*a-zA-Z0-9-]{1,5}\.){1,3}(com|de)\.?")))
def test_names_are_sorted_distinct_and_registered(common: str, dns_names: list[str]) -> None:
    names = host_names(common, dns_names)
    assert list(names) == sorted(set(names))
    assert all(domain_of(name) for name in names)
    assert all(name.isascii() and name == name.lower() for name in names)
    assert host_names(None, names) == names
