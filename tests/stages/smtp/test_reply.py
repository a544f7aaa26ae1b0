import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.smtp.reply import (
    MAX_LINE,
    MAX_LINES,
    MAX_REPLY,
    Fault,
    Reply,
    ReplyError,
    ReplyReader,
    read,
    text_of,
)

WHOLE = (
    (b"220 mx.example.net ESMTP\r\n", Reply(220, (b"mx.example.net ESMTP",))),
    (b"250-mx\r\n250-SIZE 1\r\n250 HELP\r\n", Reply(250, (b"mx", b"SIZE 1", b"HELP"))),
    (b"220-a\n220 b\n", Reply(220, (b"a", b"b"))),  # LF alone
    (b"220\r\n", Reply(220, (b"",))),
    (b"220-\r\n220 \r\n", Reply(220, (b"", b""))),
    (b"\r\n\n220 late\r\n", Reply(220, (b"late",))),  # blank lines first
    (b"220-come in\r\n554 or not\r\n", Reply(554, (b"come in", b"or not"))),  # codes differ
    (b"220*****\r\n", Reply(220, (b"*****",))),  # no blank after the code
    (b"220\ttab\r\n", Reply(220, (b"tab",))),
    (b"220 gr\xfc\xdf dich\r\n", Reply(220, (b"gr\xfc\xdf dich",))),
    (b"220 a\x00b\r\n", Reply(220, (b"a\x00b",))),
    (b"220 a\rb\r\r\n", Reply(220, (b"a\rb",))),
)
CUT_OFF = (
    b"",
    b"2",
    b"22",
    b"220",
    b"220 no end",
    b"220-more\r\n",
    b"\r",
    b"\r\n\r",
    b"220-a\r\n2",
)
GARBAGE = (
    b"HTTP/1.1 400 Bad Request\r\n",
    b"H",
    b"SSH-2.0-x",
    b"\x16\x03\x01",
    b"\x00",
    b"2x",
    b"2200 four digits\r\n",
    b"099 no such code\r\n",
    b"620 no such code\r\n",
    b" 220 indented\r\n",
    b"+22 signed\r\n",
    b"2_0 underscore\r\n",
    b"220-a\r\nno code\r\n",
    b"220-a\r\n\r\n220 b\r\n",
)


@pytest.mark.parametrize(("raw", "reply"), WHOLE)
def test_whole_replies(raw: bytes, reply: Reply) -> None:
    assert read(raw) == (reply, b"")


@pytest.mark.parametrize("raw", CUT_OFF)
def test_replies_cut_off(raw: bytes) -> None:
    assert read(raw) == (None, b"")


@pytest.mark.parametrize("raw", GARBAGE)
def test_garbage(raw: bytes) -> None:
    with pytest.raises(ReplyError) as caught:
        read(raw)
    assert caught.value.fault is Fault.NO_CODE


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"220 " + b"x" * MAX_LINE, Fault.LONG_LINE),
        (b"220 " + b"x" * MAX_LINE + b"\r\n", Fault.LONG_LINE),
        ((b"220-" + b"x" * 4000 + b"\r\n") * 9, Fault.LONG_REPLY),
        (b"220-x\r\n" * (MAX_LINES + 1), Fault.MANY_LINES),
        (b"\r\n" * (MAX_LINES + 1), Fault.MANY_LINES),
    ],
)
def test_limits(raw: bytes, fault: Fault) -> None:
    with pytest.raises(ReplyError) as caught:
        read(raw)
    assert caught.value.fault is fault


def test_just_within_limits() -> None:
    line = b"220-" + b"x" * (MAX_LINE - 6) + b"\r\n"
    assert len(line) == MAX_LINE
    raw = line * 3 + line.replace(b"220-", b"220 ")
    assert len(raw) == MAX_REPLY
    reply, _ = read(raw)
    assert reply is not None
    assert len(reply.lines) == 4


def test_what_follows_a_reply_is_left() -> None:
    assert read(b"220 a\r\n250 b\r\n")[1] == b"250 b\r\n"


def test_text() -> None:
    assert text_of(b"220-gr\xc3\xbc\xc3\x9f\r\n220 \xfc\r\n") == "220-grüß\n220 \\xfc"


LINES = st.lists(st.sampled_from([b"220 a", b"220-b", b"\r\n", b"\n", b"5", b"\xff", b"x" * 900]))


@given(st.one_of(st.binary(max_size=200), LINES.map(b"".join)), st.lists(st.integers(0, 50)))
def test_any_bytes_in_any_pieces_give_the_same(raw: bytes, sizes: list[int]) -> None:
    assert _in_pieces(raw, sizes) == _in_pieces(raw, [])


def _in_pieces(raw: bytes, sizes: list[int]) -> object:
    reader = ReplyReader()
    reply = None
    try:
        for size in sizes:
            reply = reply or reader.feed(raw[:size])
            raw = raw[size:] if reply is None else raw
            if reply is not None:
                return reply
        return reader.feed(raw)
    except ReplyError as error:
        return error.fault
