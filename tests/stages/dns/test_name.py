"""Names between wire and text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.dns.name import InvalidName, MalformedMessage, read_name, to_wire

TABLE = [
    (".", b"\0"),
    ("com", b"\3com\0"),
    ("example.com", b"\7example\3com\0"),
    ("_dmarc.example.com", b"\6_dmarc\7example\3com\0"),
    (r"a\.b.example", b"\3a.b\7example\0"),
    (r"back\\slash", b"\x0aback\\slash\0"),
    (r"\000\032\255", b"\3\0 \xff\0"),
    ("x" * 63, b"\x3f" + b"x" * 63 + b"\0"),
]

NO_NAMES = [
    "",
    "..",
    ".com",
    "a..b",
    "example.com.",
    "x" * 64,
    ".".join(["x" * 63] * 4),
    "a b",
    "münchen.de",
    "tab\t.com",
    "end\\",
    r"\256",
    r"\12",
]

labels = st.binary(min_size=1, max_size=63)


@st.composite
def wires(draw: st.DrawFn) -> bytes:
    wire = b"".join(bytes((len(label),)) + label for label in draw(st.lists(labels, max_size=6)))
    return wire[:0] + b"\0" if len(wire) > 254 else wire + b"\0"


@pytest.mark.parametrize(("text", "wire"), TABLE)
def test_text_and_wire_stand_for_each_other(text: str, wire: bytes) -> None:
    assert to_wire(text) == wire
    assert read_name(wire, 0) == (text, len(wire))


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_cannot_be_asked_is_refused(text: str) -> None:
    with pytest.raises(InvalidName):
        to_wire(text)


def test_names_are_read_in_lower_case() -> None:
    assert read_name(b"\7ExAMPLE\3COM\0", 0) == ("example.com", 13)


@given(wires())
def test_every_wire_name_comes_back_from_its_text(wire: bytes) -> None:
    text, end = read_name(wire, 0)
    assert end == len(wire)
    assert to_wire(text) == wire.lower()
    assert text.isascii()
    assert text.isprintable()


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_none(text: str) -> None:
    try:
        wire = to_wire(text)
    except InvalidName:
        return
    assert to_wire(read_name(wire, 0)[0]) == wire.lower()


def test_pointers_lead_back_and_the_name_ends_behind_the_first() -> None:
    message = b"\3com\0\7example\xc0\x00\3www\xc0\x05rest"
    assert read_name(message, 15) == ("www.example.com", 21)


@pytest.mark.parametrize(
    ("message", "offset"),
    [
        pytest.param(b"\xc0\x00", 0, id="to itself"),
        pytest.param(b"\xc0\x02\xc0\x00", 2, id="to one another"),
        pytest.param(b"\xc0\x02\0", 0, id="forward"),
        pytest.param(b"\1a\xc0\x00", 0, id="into its own name"),
        pytest.param(b"\1a", 0, id="no end"),
        pytest.param(b"\5abc", 0, id="label cut short"),
        pytest.param(b"\0\xc0", 1, id="pointer cut short"),
        pytest.param(b"\x41a\0", 0, id="extended label"),
        pytest.param(b"\0", 1, id="outside the message"),
        pytest.param((b"\x3f" + b"x" * 63) * 4 + b"\0", 0, id="256 bytes"),
    ],
)
def test_broken_names_are_malformed(message: bytes, offset: int) -> None:
    with pytest.raises(MalformedMessage):
        read_name(message, offset)


def test_a_long_chain_of_pointers_is_not_walked() -> None:
    chain = b"\0" + b"".join(b"\xc0" + bytes((max(0, n * 2 - 1),)) for n in range(120))
    assert read_name(chain, len(chain) - 2) == (".", len(chain))
    longer = b"\0" + b"".join((0xC000 | max(0, n * 2 - 1)).to_bytes(2) for n in range(4000))
    with pytest.raises(MalformedMessage, match="pointer"):
        read_name(longer, len(longer) - 2)
