import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.seeds.entry import Reason, Rejected
from stages.seeds.name import domain

_LONG_LABEL = "a" * 63
_LONG_NAME = ".".join(["a" * 49] * 5) + ".de"


@pytest.mark.parametrize(
    ("text", "folded", "exact"),
    [
        ("example.com", "example.com", "example.com"),
        ("WWW.Example.COM.", "example.com", "www.example.com"),
        ("mail.city.gov.uk", "city.gov.uk", "mail.city.gov.uk"),
        ("someone.github.io", "someone.github.io", "someone.github.io"),
        ("Bücher.com", "xn--bcher-kva.com", "xn--bcher-kva.com"),
        ("www.bücher。de", "xn--bcher-kva.de", "www.xn--bcher-kva.de"),
        ("STRASSE.de", "strasse.de", "strasse.de"),
        ("straße.de", "xn--strae-oqa.de", "xn--strae-oqa.de"),
        ("a_b.münchen.de", "xn--mnchen-3ya.de", "a_b.xn--mnchen-3ya.de"),
        ("_dmarc.example.com", "example.com", "_dmarc.example.com"),
        ("x.公司.cn", "x.xn--55qx5d.cn", "x.xn--55qx5d.cn"),
        (f"{_LONG_LABEL}.com", f"{_LONG_LABEL}.com", f"{_LONG_LABEL}.com"),
        (_LONG_NAME, "a" * 49 + ".de", _LONG_NAME),
    ],
)
def test_names(text: str, folded: str, exact: str) -> None:
    assert domain(text, exact=False) == folded
    assert domain(text, exact=True) == exact


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.NOT_A_NAME),
        (".", Reason.NOT_A_NAME),
        ("a..com", Reason.NOT_A_NAME),
        (".com", Reason.NOT_A_NAME),
        ("-a.com", Reason.NOT_A_NAME),
        ("a-.com", Reason.NOT_A_NAME),
        ("two words.com", Reason.NOT_A_NAME),
        ("*.example.com", Reason.NOT_A_NAME),
        ("someone@example.com", Reason.NOT_A_NAME),
        ("example.123", Reason.NOT_A_NAME),
        ("a\x00.com", Reason.NOT_A_NAME),
        ("example.com..", Reason.NOT_A_NAME),
        ("192.0.2.1", Reason.ADDRESS),
        ("192.0.2.0/24", Reason.ADDRESS),
        ("2001:db8::1", Reason.ADDRESS),
        ("[192.0.2.1]", Reason.ADDRESS),
        ("localhost", Reason.BARE_LABEL),
        ("com", Reason.BARE_LABEL),
        ("a" * 64 + ".com", Reason.TOO_LONG),
        ("a" * 64, Reason.TOO_LONG),
        (".".join(["a" * 49] * 5) + ".info", Reason.TOO_LONG),
        ("ü" * 300, Reason.TOO_LONG),
        ("a\u2028b.com", Reason.BAD_IDNA),
        ("\u2615.com", Reason.BAD_IDNA),
        ("ü" * 63 + ".de", Reason.BAD_IDNA),
    ],
)
def test_no_names(text: str, reason: Reason) -> None:
    for exact in (False, True):
        with pytest.raises(Rejected) as rejected:
            domain(text, exact=exact)
        assert rejected.value.reason is reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gov.uk", Reason.PUBLIC_SUFFIX),
        ("github.io", Reason.PUBLIC_SUFFIX),
        ("anything.ck", Reason.PUBLIC_SUFFIX),
        ("printer.local", Reason.UNKNOWN_SUFFIX),
        ("a.b.c.local", Reason.UNKNOWN_SUFFIX),
    ],
)
def test_what_cannot_be_folded_is_a_seed_only_as_given(name: str, reason: Reason) -> None:
    assert domain(name, exact=True) == name
    with pytest.raises(Rejected) as rejected:
        domain(name, exact=False)
    assert rejected.value.reason is reason


_LABELS = st.sampled_from(["a", "Ä", "xn--", "xn--a", "com", "co", "uk", "1", "-", "_", "ß", "例"])


@given(st.one_of(st.text(), st.lists(_LABELS).map(".".join)), st.booleans())
def test_any_text_is_a_name_or_rejected(text: str, exact: bool) -> None:  # noqa: FBT001
    try:
        name = domain(text, exact=exact)
    except Rejected:
        return
    assert name.isascii()
    assert name == name.lower()
    assert all(1 <= len(label) <= 63 for label in name.split("."))
    assert len(name) <= 253
    assert domain(name, exact=exact) == name
