import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.registered import registered_domain


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


@given(st.text())
def test_any_text_ends_in_its_registered_domain_or_has_none(text: str) -> None:
    registered = registered_domain(text)
    assert registered is None or f".{text}".endswith(f".{registered}")
