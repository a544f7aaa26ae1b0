"""One HTTP request for a policy file and what comes of it (RFC 8461 section 3.3). Sans IO.

    exchange = Exchange(host, port, user_agent)
    exchange.request              bytes to send
    exchange.feed(bytes) -> bool  whether all that matters has come; b"" says that the peer closed
    exchange.answer, exchange.stop

h11 reads the HTTP/1.1. Only the body of a 200 is read, and no more of it than a policy may have;
any bytes end in a `Stop`, after a bounded number of them.
"""

import enum
from typing import NamedTuple

import h11

PATH = "/.well-known/mta-sts.txt"
LONGEST = 1 << 16
"""Bytes of a policy (RFC 8461 section 3.3)."""
_LONGEST_HEAD = 1 << 14
_ALLOWANCE = LONGEST + 2 * _LONGEST_HEAD
"""Bytes read in all: a policy in chunks of a byte each is none."""
_OK = 200


class Stop(enum.Enum):
    """Why there is no more to be read."""

    WHOLE = "a whole answer, or the head of one whose body is of no interest"
    TOO_LONG = "a body, or a whole answer, longer than a policy may be"
    GARBAGE = "not HTTP/1.1"
    CLOSED = "the peer closed before the end"


class Answer(NamedTuple):
    """The head of an answer, and its body as far as it came."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case; bytes that are not ASCII as Latin-1."""
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first field of a name."""
        return next((value for each, value in self.headers if each == name), None)


class Exchange:
    """A request under way."""

    def __init__(self, host: str, port: int, user_agent: str) -> None:
        self.stop: Stop | None = None
        self._head: Answer | None = None
        self._body = bytearray()
        self._left = _ALLOWANCE
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        request = h11.Request(
            method="GET",
            target=PATH,
            headers=[
                ("Host", host if port == 443 else f"{host}:{port}"),  # noqa: PLR2004
                ("User-Agent", user_agent),
                ("Accept", "text/plain"),
                ("Accept-Encoding", "identity"),
                ("Connection", "close"),
            ],
        )
        self.request = (self._http.send(request) or b"") + (
            self._http.send(h11.EndOfMessage()) or b""
        )

    @property
    def answer(self) -> Answer | None:
        """What has come so far; None before the end of its head."""
        return self._head and self._head._replace(body=bytes(self._body[:LONGEST]))

    def feed(self, data: bytes) -> bool:
        """Take what came; whether the exchange has stopped."""
        if self.stop is None:
            flooded = len(data) > self._left
            self._left -= len(data)
            try:
                self._http.receive_data(data)
                self.stop = self._read()
            except h11.RemoteProtocolError:
                # h11 says the same of an answer that ends too early.
                self.stop = Stop.GARBAGE if data else Stop.CLOSED
            if self.stop is None and (flooded or not data):
                self.stop = Stop.TOO_LONG if data else Stop.CLOSED
        return self.stop is not None

    def _read(self) -> Stop | None:
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return None
            if isinstance(event, h11.Response):
                self._head = _head(event)
                if event.status_code != _OK:
                    return Stop.WHOLE
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > LONGEST:
                    return Stop.TOO_LONG
            elif isinstance(event, h11.EndOfMessage):
                return Stop.WHOLE
            elif isinstance(event, h11.ConnectionClosed):
                return Stop.CLOSED


def _head(response: h11.Response) -> Answer:
    headers = [(name.decode("ascii"), value.decode("latin-1")) for name, value in response.headers]
    return Answer(response.status_code, tuple(headers))
