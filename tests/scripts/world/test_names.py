"""Names of the world in both forms, against dnspython."""

import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.world.names import BadName, parent, presentation, wire

LABELS = st.lists(st.binary(min_size=1, max_size=63), max_size=4)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        (".", b"\0"),
        ("com", b"\3com\0"),
        ("com.", b"\3com\0"),
        ("MX.Example.Com", b"\2mx\7example\3com\0"),
        (r"mail\032server.a", b"\x0bmail server\1a\0"),
        (r"a\.b.c", b"\3a.b\1c\0"),
        ("https://x.y", b"\x09https://x\1y\0"),
    ],
)
def test_wire_form_of(name: str, form: bytes) -> None:
    assert wire(name) == form


@pytest.mark.parametrize("name", ["", "a..b", ".a", "x" * 64 + ".com", "ab." * 86, r"a\256.b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(BadName):
        wire(name)


@given(LABELS)
def test_presentation_gives_the_wire_form_back_here_and_in_dnspython(labels: list[bytes]) -> None:
    form = b"".join(bytes((len(label),)) + label.lower() for label in labels) + b"\0"
    if len(form) <= 255:
        assert wire(presentation(form)) == form
        assert dns.name.from_text(presentation(form)).to_wire() == form


@given(st.text())
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        form = wire(text)
    except BadName:
        return
    assert wire(presentation(form)) == form


def test_parent_is_the_name_without_its_first_label() -> None:
    assert parent(wire("mail.example.com")) == wire("example.com")
    assert parent(wire("com")) == wire(".")
