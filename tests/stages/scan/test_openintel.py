"""TXT in presentation form, and status codes as outcomes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outcomes import Outcome
from schemas.query import NOT_ASKED
from stages.scan.openintel import Found, text_bytes


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ('"v=spf1 -all"', b"v=spf1 -all"),
        ('"one " "two"', b"one two"),
        ('"one""two"', b"onetwo"),
        ('""', b""),
        (r'"a\"b\\c\059"', b'a"b\\c;'),
        (r'"\255\000"', b"\xff\0"),
        (r'"\999"', rb"\999"),
        ("v=spf1 -all", b"v=spf1 -all"),
        ('say "hello"', b'say "hello"'),
        ('"open', b'"open'),
        ("", b""),
    ],
)
def test_text(text: str, raw: bytes) -> None:
    assert text_bytes(text) == raw


@given(st.binary(max_size=40))
def test_what_is_written_as_zone_files_have_it_is_read_back(raw: bytes) -> None:
    escaped = "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\{byte:03}" for byte in raw
    )
    assert text_bytes(f'"{escaped[:20]}' + f'{escaped[20:]}"') == raw


@given(st.text())
def test_any_text_gives_bytes(text: str) -> None:
    assert isinstance(text_bytes(text), bytes)


@pytest.mark.parametrize(
    ("status", "outcome", "rcode"),
    [
        (0, Outcome.NODATA, 0),
        (2, Outcome.SERVFAIL, 2),
        (3, Outcome.NXDOMAIN, 3),
        (5, Outcome.REFUSED, 5),
        (4, Outcome.RCODE, 4),
        (4096, Outcome.TIMEOUT, None),
        (65535, Outcome.TIMEOUT, None),
    ],
)
def test_status_codes(status: int, outcome: Outcome, rcode: int | None) -> None:
    query = Found((), status, None).query(())
    assert (query.outcome, query.rcode) == (outcome, rcode)


def test_records_make_it_ok_and_no_question_is_not_asked() -> None:
    assert Found(("x",), 2, 60).query(("x",)).outcome is Outcome.OK
    assert Found(("x",), 0, 60).query(("x",)).ttl == 60
    assert Found(None, None, None).query(()) == NOT_ASKED
