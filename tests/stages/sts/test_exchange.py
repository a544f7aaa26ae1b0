"""Request and answer, as transcripts."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.sts.exchange import LONGEST, Exchange, Stop

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
FILE = b"version: STSv1\r\nmode: none\r\nmax_age: 1\r\n"


def made(port: int = 443) -> Exchange:
    return Exchange("mta-sts.example.com", port, "mailcensus/0 (+https://census.example.net/)")


def test_the_request() -> None:
    lines = made().request.decode().split("\r\n")
    assert lines[0] == "GET /.well-known/mta-sts.txt HTTP/1.1"
    assert "Host: mta-sts.example.com" in lines
    assert "User-Agent: mailcensus/0 (+https://census.example.net/)" in lines
    assert "Accept-Encoding: identity" in lines
    assert lines[-2:] == ["", ""]
    assert b"Host: mta-sts.example.com:8443\r\n" in made(8443).request


def chunked(*sizes: int) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (size, b"x" * size) for size in sizes)
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + body


TRANSCRIPTS: dict[str, tuple[bytes, Stop, int | None, int]] = {
    # What comes before the peer closes: why it ends, status, length of the body
    "by length": (OK + b"Content-Length: 40\r\n\r\n" + FILE, Stop.WHOLE, 200, 40),
    "by the end": (OK + b"\r\n" + FILE, Stop.WHOLE, 200, 40),
    "in chunks": (chunked(5, 7, 0), Stop.WHOLE, 200, 12),
    "after a 100": (b"HTTP/1.1 100 \r\n\r\n" + OK + b"\r\n", Stop.WHOLE, 200, 0),
    "old": (b"HTTP/1.0 200 OK\r\n\r\n" + FILE, Stop.WHOLE, 200, 40),
    "empty": (OK + b"Content-Length: 0\r\n\r\n", Stop.WHOLE, 200, 0),
    "not there": (b"HTTP/1.1 404 \r\nContent-Length: 9\r\n\r\n", Stop.WHOLE, 404, 0),
    "moved": (b"HTTP/1.1 301 \r\nLocation: /x\r\n\r\nxx", Stop.WHOLE, 301, 0),
    "as long as may be": (OK + b"\r\n" + b"x" * LONGEST, Stop.WHOLE, 200, LONGEST),
    "too long by one": (OK + b"\r\n" + b"x" * (LONGEST + 1), Stop.TOO_LONG, 200, LONGEST),
    "long in small chunks": (chunked(*[1] * 20_000), Stop.TOO_LONG, 200, 16_366),
    "nothing": (b"", Stop.CLOSED, None, 0),
    "half a head": (OK, Stop.CLOSED, None, 0),
    "half a body": (OK + b"Content-Length: 99\r\n\r\n" + FILE, Stop.CLOSED, 200, 40),
    "half a chunk": (chunked(4)[:-4], Stop.CLOSED, 200, 2),
    "SMTP": (b"220 mx.example.com ESMTP\r\n\r\n", Stop.GARBAGE, None, 0),
    "NULs": (bytes(99), Stop.GARBAGE, None, 0),
    "a giant head": (OK + b"X: " + b"x" * 20_000, Stop.GARBAGE, None, 0),
    "two lengths": (
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        Stop.GARBAGE,
        None,
        0,
    ),
    "a bad chunk": (chunked() + b"zz\r\n", Stop.GARBAGE, 200, 0),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Stop.GARBAGE, None, 0),
    "endless 100s": (b"HTTP/1.1 100 \r\n\r\n" * 6000, Stop.TOO_LONG, None, 0),
}


@pytest.mark.parametrize("size", [1, 1 << 20])
@pytest.mark.parametrize("label", TRANSCRIPTS)
def test_answers_however_they_are_cut(label: str, size: int) -> None:
    sent, stop, status, length = TRANSCRIPTS[label]
    exchange = made()
    size = max(size, len(sent) // 1000)
    pieces = [sent[place : place + size] for place in range(0, len(sent), size)]
    for piece in pieces:
        if exchange.feed(piece):
            break
    exchange.feed(b"")
    answer = exchange.answer
    assert exchange.stop is stop
    assert (answer.status if answer else None) == status
    if label != "long in small chunks":  # as much as came before it was enough
        assert len(answer.body if answer else b"") == length


def test_fields_of_the_head() -> None:
    exchange = made()
    exchange.feed(b"HTTP/1.1 302 \r\nLOCATION: https://x/\xff\r\nlocation: b\r\n\r\n")
    assert exchange.answer is not None
    assert exchange.answer.header("location") == "https://x/\u00ff"
    assert exchange.answer.header("content-type") is None


LIKELY = (
    OK, b"\r\n", b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n", b"0\r\n\r\n", FILE,
    b"HTTP/1.1 100 \r\n\r\n", b"Content-Encoding: gzip\r\n", gzip.compress(FILE),
    b"HTTP/1.1 101 \r\nUpgrade: h2c\r\n\r\n", b"Connection: upgrade\r\n",
)  # fmt: skip
PIECES = st.lists(st.binary(max_size=60) | st.sampled_from(LIKELY), max_size=12)


@given(PIECES)
def test_any_bytes_end_in_a_word(pieces: list[bytes]) -> None:
    exchange = made()
    for piece in pieces:
        if piece and exchange.feed(piece):
            break
    assert exchange.feed(b"")
    assert exchange.stop is not None
    assert exchange.answer is None or len(exchange.answer.body) <= LONGEST
