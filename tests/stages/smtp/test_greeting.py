import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.smtp.greeting import extensions, offers_starttls
from stages.smtp.reply import Reply


def test_extensions() -> None:
    ehlo = Reply(250, (b"mx hello", b"SIZE 1000", b"AUTH=LOGIN", b" ", b"8BITMIME "))
    assert extensions(ehlo) == ("SIZE 1000", "AUTH=LOGIN", "8BITMIME")
    assert not offers_starttls(ehlo)


@pytest.mark.parametrize(
    "line", [b"STARTTLS", b"starttls", b"StartTLS", b"STARTTLS ", b"STARTTLS x"]
)
def test_starttls_in_any_case(line: bytes) -> None:
    assert offers_starttls(Reply(250, (b"mx", line)))


@pytest.mark.parametrize("line", [b"XSTARTTLS", b"NOSTARTTLS", b"AUTH STARTTLS", b"STARTTLSX"])
def test_not_starttls(line: bytes) -> None:
    assert not offers_starttls(Reply(250, (b"mx", line)))


def test_a_host_called_starttls_offers_nothing() -> None:
    assert not offers_starttls(Reply(250, (b"STARTTLS",)))


@given(st.binary(max_size=2000))
def test_any_line_is_read(raw: bytes) -> None:
    reply = Reply(250, (b"mx", raw))
    offers_starttls(reply)
    assert len(extensions(reply)) <= 1
