import gzip
from pathlib import Path

import pytest
import tldextract
from hypothesis import given
from hypothesis import strategies as st

from certs.registered import read_rules, registered_domain

SEEDS = Path(__file__).parents[2] / ".." / "shared/data/seeds/top-domains.txt.gz"

_LIBRARY = tldextract.TLDExtract(
    cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True
)


def by_library(name: str) -> str | None:
    return _LIBRARY(name).top_domain_under_public_suffix or None


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("google.com", "google.com"),
        ("aspmx.l.google.com", "google.com"),
        ("com", None),
        ("co.uk", None),
        ("example.co.uk", "example.co.uk"),
        ("user.github.io", "user.github.io"),  # the private section
        ("a.user.github.io", "user.github.io"),
        ("x.ck", None),  # *.ck
        ("a.x.ck", "a.x.ck"),
        ("www.ck", "www.ck"),  # !www.ck
        ("a.www.ck", "www.ck"),
        ("b.a.city.kawasaki.jp", "city.kawasaki.jp"),
        ("ex.futurecms.at", None),  # *.futurecms.at, though rules stand below it
        ("a.xn--p1ai", "a.xn--p1ai"),
        ("xn--85x722f.com.cn", "xn--85x722f.com.cn"),
        ("x.xn--55qx5d.cn", "x.xn--55qx5d.cn"),  # 公司.cn
        ("mail.za", None),  # za is on the list only for what is below it
        ("mail.invalid", None),
        ("127.0.0.1", None),
        ("localhost", None),
        ("", None),
        (".", None),
        (".com", None),
        ("..com", None),
        ("*.example.org", "example.org"),
    ],
)
def test_registered_domain(name: str, registered: str | None) -> None:
    assert registered_domain(name) == registered


def test_agrees_with_the_library_on_real_names() -> None:
    if not SEEDS.is_file():
        pytest.skip(f"no seeds at {SEEDS}")
    with gzip.open(SEEDS, "rt") as file:
        names = file.read().split()[::200]
    for name in [*names, *(f"mail.{name}" for name in names)]:
        assert registered_domain(name) == by_library(name)


@given(
    st.lists(
        st.sampled_from(
            ["a", "xn--p1ai", "www", "ck", "com", "jp", "kawasaki", "city", "co", "uk", "io"]
        )
    )
)
def test_agrees_with_the_library_on_any_labels(labels: list[str]) -> None:
    name = ".".join(labels)
    assert registered_domain(name) == by_library(name)


@given(st.text())
def test_any_text_ends_in_its_registered_domain_or_has_none(text: str) -> None:
    registered = registered_domain(text)
    assert registered is None or f".{text}".endswith(f".{registered}")


def test_rules_are_read_by_line() -> None:
    rules = read_rules(["// com", "", "com trailing", "*.ck", "!www.ck", "公司.cn"])
    assert rules.keys() == {"com", "ck", "www.ck", "xn--55qx5d.cn", "cn"}
