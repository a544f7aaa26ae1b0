"""The seam to aiosmtplib: its protocol, with what it hides kept.

aiosmtplib writes the commands, one at a time, and knows the connection. Replies are read here
instead, by :mod:`stages.smtp.reply`, because its own reader drops raw bytes and all that comes
unasked. TLS is begun here too: its ``start_tls`` makes one step, with one time limit, of reply and
handshake, and forgets what came between them.
"""

import asyncio
import ssl
from typing import cast

from aiosmtplib import SMTPResponse, SMTPServerDisconnected, SMTPStatus
from aiosmtplib.protocol import SMTPProtocol

from stages.smtp.reply import Reply, ReplyError, ReplyReader
from stages.smtp.tls import Handshake, handshake_of


class FloodError(Exception):
    """The peer sent more than the allowance."""


class Wire(SMTPProtocol):
    """One connection; keeps every byte that comes, up to an allowance over its whole life."""

    def __init__(self, allowance: int) -> None:
        super().__init__()
        self._allowance = allowance
        self._unread = bytearray()
        self._reader = ReplyReader()
        self._response: SMTPResponse | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._lost: SMTPServerDisconnected | None = None
        self._tcp: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP is up."""
        super().connection_made(transport)
        self._tcp = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep the bytes and see whether they complete a reply."""
        kept = data[: self._allowance]
        flooded = len(kept) < len(data)
        self._allowance -= len(kept)
        self._unread += kept
        if self._response is None:
            self._read(kept)
        if flooded:
            self._allowance = -1
            self.hang_up()
        self._wake()

    def _read(self, data: bytes) -> None:
        try:
            reply = self._reader.feed(data)
        except ReplyError:
            self._response = SMTPResponse(SMTPStatus.invalid_response, "")
        else:
            self._response = _response(reply) if reply is not None else None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; a reply that came before it still counts."""
        super().connection_lost(exc)
        self._lost = SMTPServerDisconnected(str(exc) if exc else "connection closed")
        self._wake()

    async def read_response(self, timeout: float | None = None) -> SMTPResponse:  # noqa: ASYNC109
        """The next reply, code -1 for what is none; raises FloodError, SMTPServerDisconnected."""
        async with asyncio.timeout(timeout):
            while self._response is None:
                if self._allowance < 0:
                    raise FloodError
                if self._lost is not None:
                    raise self._lost
                self._waiter = self._loop.create_future()
                await self._waiter
        return self._response

    def take(self) -> bytes:
        """All that came since the last call; the next reply starts afresh."""
        taken = bytes(self._unread)
        self._unread.clear()
        self._reader = ReplyReader()
        self._response = None
        return taken

    async def upgrade(self, context: ssl.SSLContext, server_name: str | None) -> Handshake:
        """Begin TLS; raises ssl.SSLError, ConnectionError, OSError."""
        if self._tcp is None or self._lost is not None:
            raise ConnectionResetError("closed before the handshake")
        tls = await self._loop.start_tls(self._tcp, self, context, server_hostname=server_name)
        if tls is None:  # asyncio's way to say that the peer went away meanwhile
            raise ConnectionResetError("closed during the handshake")
        self.transport = tls
        return handshake_of(tls.get_extra_info("ssl_object"))

    def hang_up(self) -> None:
        """Drop the connection at once; nothing is left to be written that matters."""
        if self._tcp is not None:
            self._tcp.abort()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _response(reply: Reply) -> SMTPResponse:
    return SMTPResponse(reply.code, "\n".join(reply.texts))
