"""One SMTP connection of the world, from greeting to QUIT (RFC 5321, RFC 3207).

TLS runs through memory buffers in the same protocol: a second transport would cost as much as
the rest of the dialogue.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from scripts.world.script import Script
from scripts.world.visits import Visits

_LONGEST_LINE = 4096
"""Octets; a client that sends more without a line end is cut off (RFC 5321 allows it 512)."""
_NOT_TLS = b"500 5.5.1 Command unrecognized\r\n"
_UNKNOWN = b"500 5.5.2 Error: command not recognized\r\n"
_REPLIES = {
    "NOOP": b"250 2.0.0 Ok\r\n",
    "RSET": b"250 2.0.0 Ok\r\n",
    "MAIL": b"530 5.7.0 Must issue a STARTTLS command first\r\n",
    "RCPT": b"503 5.5.1 Error: need MAIL command\r\n",
    "DATA": b"503 5.5.1 Error: need RCPT command\r\n",
    "BDAT": b"503 5.5.1 Error: need RCPT command\r\n",
    "AUTH": b"502 5.5.1 Command not implemented\r\n",
    "VRFY": b"502 5.5.1 Command not implemented\r\n",
    "EXPN": b"502 5.5.1 Command not implemented\r\n",
    "HELP": b"502 5.5.1 Command not implemented\r\n",
}
"""Answers that depend on nothing."""


class _Tls:
    """The server's end of TLS between two memory buffers."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.established = False

    def decrypt(self, data: bytes) -> bytes:
        """Plain text that is complete with the data; ssl.SSLError if the peer talks no TLS."""
        self._incoming.write(data)
        plain = b""
        try:
            if not self.established:
                self._object.do_handshake()
                self.established = True
            while chunk := self._object.read(16384):
                plain += chunk
        except ssl.SSLWantReadError:
            pass  # the rest is still under way
        return plain

    def encrypt(self, data: bytes) -> bytes:
        """The data and all else that is due to the peer, ready for the wire."""
        if data:
            self._object.write(data)
        return self._outgoing.read()

    def farewell(self) -> bytes:
        """close_notify (RFC 8446 section 6.1)."""
        with suppress(ssl.SSLError):  # that the peer's has not come yet
            self._object.unwrap()
        return self._outgoing.read()


class Dialogue(asyncio.Protocol):
    """One connection, among the peers until it ends; idle seconds without a word end it."""

    def __init__(
        self,
        script: Script,
        visits: Visits,
        context: Callable[[str], ssl.SSLContext],
        idle: float,
        peers: set[asyncio.Transport],
    ) -> None:
        self._script = script
        self._visits = visits
        self._context = context
        self._idle = idle
        self._peers = peers
        self._buffer = b""
        self._tls: _Tls | None = None
        self._no_tls = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or do whatever the server does instead."""
        # A cast, because the transports of uvloop look like asyncio's and are none.
        self._transport = cast("asyncio.Transport", transport)
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(self._idle, self._transport.abort)
        self._visits.arrive(time.time())
        self._peers.add(self._transport)
        if self._script.greeting:
            self._transport.write(self._script.greeting)
        if self._script.hangs_up:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Answer every complete line."""
        self._timer.cancel()
        self._timer = self._loop.call_later(self._idle, self._transport.abort)
        if self._no_tls:
            self._transport.write(_NOT_TLS)
            self._transport.close()
        elif self._tls is None:
            self._lines(data)
        else:
            self._secured(self._tls, data)

    def connection_lost(self, error: Exception | None) -> None:
        """The client, the server or the timer has ended it."""
        del error  # how a client leaves is its own affair
        self._timer.cancel()
        self._visits.leave()
        self._peers.discard(self._transport)

    def _secured(self, tls: _Tls, data: bytes) -> None:
        before = tls.established
        try:
            plain = tls.decrypt(data)
        except ssl.SSLError:
            self._transport.write(tls.encrypt(b""))  # the alert
            self._transport.close()
            return
        self._visits.handshakes += tls.established and not before
        self._lines(plain)
        if not self._transport.is_closing():
            self._transport.write(tls.encrypt(b""))  # what the handshake has to say

    def _lines(self, data: bytes) -> None:
        tls = self._tls
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._command(line)
            if self._transport.is_closing():
                return
            if self._tls is not tls or self._no_tls:
                # What was said in the clear does not count any more: RFC 3207 section 4.2.
                self._buffer = b""
                return
        if len(self._buffer) > _LONGEST_LINE:
            self._transport.abort()

    def _command(self, line: bytes) -> None:
        verb, _, argument = line.decode("latin-1").strip().partition(" ")
        verb = verb.upper()
        known = verb in _REPLIES or verb in ("EHLO", "HELO", "STARTTLS", "QUIT")
        self._visits.commands[verb if known else "?"] += 1
        if verb in ("EHLO", "HELO"):
            self._visits.ehlo_names[argument] += 1
        if self._script.mute:
            return
        if verb == "QUIT":
            self._send(b"221 2.0.0 Bye\r\n")
            self._hang_up()
        elif self._script.refuses:
            self._send(b"503 5.5.1 Bad sequence of commands\r\n")
        elif verb == "STARTTLS":
            self._start_tls()
        else:
            self._send(self._answer(verb))

    def _answer(self, verb: str) -> bytes:
        if verb == "EHLO":
            return self._script.ehlo_tls if self._tls else self._script.ehlo
        if verb == "HELO":
            return self._script.helo
        return _REPLIES.get(verb, _UNKNOWN)

    def _start_tls(self) -> None:
        if self._tls:
            self._send(b"503 5.5.1 Error: TLS already active\r\n")
            return
        self._send(self._script.starttls)
        if not self._script.starttls.startswith(b"220"):
            return
        if self._script.certificate is None:
            self._no_tls = True
        else:
            self._tls = _Tls(self._context(self._script.certificate))

    def _send(self, data: bytes) -> None:
        self._transport.write(self._tls.encrypt(data) if self._tls else data)

    def _hang_up(self) -> None:
        if self._tls:
            self._transport.write(self._tls.farewell())
        self._transport.close()
