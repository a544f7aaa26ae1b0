import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.scan.reply import reply_of
from stages.smtp.reply import Reply


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("220 mx ESMTP", Reply(220, (b"mx ESMTP",))),
        ("250 mx hello\nSIZE 1\nSTARTTLS", Reply(250, (b"mx hello", b"SIZE 1", b"STARTTLS"))),
        ("250-mx hello\r\n250-SIZE 1\r\n250 HELP", Reply(250, (b"mx hello", b"SIZE 1", b"HELP"))),
        ("250-mx\n250-AUTH LOGIN\n250 8BITMIME", Reply(250, (b"mx", b"AUTH LOGIN", b"8BITMIME"))),
        ("554", Reply(554, (b"",))),
        ("220 M\xfcller", Reply(220, (b"M\xc3\xbcller",))),
        ("2200 mx", None),
        ("-1 nothing", None),
        ("", None),
        (None, None),
    ],
)
def test_both_ways_of_writing_a_reply(text: str | None, reply: Reply | None) -> None:
    assert reply_of(text) == reply


@given(st.text() | st.text().map("250 {}".format))
def test_any_text_gives_a_reply_or_none(text: str) -> None:
    reply = reply_of(text)
    assert reply is None or 100 <= reply.code < 600
