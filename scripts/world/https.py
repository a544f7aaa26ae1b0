"""The policy hosts of a world: HTTPS at their addresses, all at one port, by the name asked for.

    async with HttpsWorld(world.policy_files, shared, authority) as https:
        ...                                    # https.port, https.requests

Every address answers for every host, as those of a provider do: the name in the TLS hello (SNI)
chooses certificate and file. A client that names no host that is here gets no TLS.
"""

import asyncio
import json
import ssl
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

from scripts.world.ca import Authority
from scripts.world.model import FileManner, PolicyFile
from scripts.world.sockets import bind_all

_PATH = "/.well-known/mta-sts.txt"
_ELSEWHERE = "/policy.txt"
_ENDLESS = 1 << 18
_BACKLOG = 1024


class Request(NamedTuple):
    """One connection over which TLS came about."""

    address: str
    """The server's."""
    host: str
    """In the TLS hello."""
    began: float
    """When the connection was up, seconds since 1970 UTC."""
    answered: float
    """When its answer was sent; when it ended, if none was."""
    line: str
    """The first line of the request; empty if none came."""
    user_agent: str


class HttpsWorld:
    """Serves while its context is open."""

    def __init__(
        self,
        files: Sequence[PolicyFile],
        shared: Sequence[str],
        authority: Authority,
        port: int = 0,
        *,
        hold: float = 0.0,
    ) -> None:
        """Shared: addresses beside those of the files. Port 0: a free one. Hold: seconds."""
        self._hold = hold
        self.port = port
        self.requests: list[Request] = []
        """By when they ended."""
        self._files = {file.host: file for file in files}
        own = [file.address for file in files if file.address]
        self._addresses = [*shared, *own] if files else []
        self._authority = authority
        self._peers: set[asyncio.Transport] = set()
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> "HttpsWorld":
        loop = asyncio.get_running_loop()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = self._choose
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._part)
            files = stack.enter_context(ExitStack())
            for sock in bind_all(self._addresses, self.port, files):
                self.port = sock.getsockname()[1]
                answer = partial(_Answering, self._files, self.requests, self._peers, self._hold)
                server = await loop.create_server(answer, sock=sock, backlog=_BACKLOG, ssl=context)
                stack.callback(server.close)
            self._exit = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    def _choose(
        self, tls: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext
    ) -> int | None:
        """Show the certificate of the host asked for."""
        file = self._files.get(name or "")
        if file is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        tls.context = self._authority.context(file.certificate)
        return None

    async def _part(self) -> None:
        """End the connections that are still open."""
        for transport in tuple(self._peers):
            transport.abort()
        while self._peers:
            await asyncio.sleep(0)


class _Answering(asyncio.Protocol):
    """One connection: a request, its answer, the end."""

    def __init__(
        self,
        files: dict[str, PolicyFile],
        log: list[Request],
        peers: set[asyncio.Transport],
        hold: float,
    ) -> None:
        self._hold = hold
        self._answered: float | None = None
        self._files = files
        self._log = log
        self._peers = peers
        self._began = time.time()
        self._heard = b""
        self._address = ""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._address = transport.get_extra_info("sockname")[0]
        self._peers.add(self._transport)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if self._heard.endswith(b"\r\n\r\n"):
            asyncio.get_running_loop().call_later(self._hold, self._answer)

    def _answer(self) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._answered = time.time()
            self._transport.write(_answer(self._files.get(self._host), self._line))
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        assert self._transport is not None
        self._peers.discard(self._transport)
        answered = self._answered or time.time()
        told = (self._address, self._host, self._began, answered, self._line)
        self._log.append(Request(*told, self._field("user-agent")))

    @property
    def _line(self) -> str:
        return self._heard.partition(b"\r\n")[0].decode("latin-1")

    @property
    def _host(self) -> str:
        return self._field("host").partition(":")[0]

    def _field(self, name: str) -> str:
        lines = self._heard.decode("latin-1").split("\r\n")[1:]
        fields = (line.partition(":") for line in lines)
        return next((value.strip() for key, _, value in fields if key.lower() == name), "")


def _answer(file: PolicyFile | None, line: str) -> bytes:
    """What comes for a request; the file is where a redirect says that it is, too."""
    path = line.split(" ")[1] if line.count(" ") == 2 else ""
    if file is None or path not in (_PATH, _ELSEWHERE) or file.manner is FileManner.MISSING:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    if file.manner is FileManner.REDIRECT and path == _PATH:
        return f"HTTP/1.1 301 Moved\r\nLocation: {_ELSEWHERE}\r\nContent-Length: 0\r\n\r\n".encode()
    kind = "text/html" if file.manner is FileManner.HTML else "text/plain"
    body, length = file.body.encode(), len(file.body)
    if file.manner is FileManner.ENDLESS:
        body, length = body + b"#" * _ENDLESS, length + _ENDLESS
    if file.manner is FileManner.BROKEN:
        length += 1
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    return head.encode() + body


def write_requests(requests: Iterable[Request], path: Path) -> None:
    """One JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(request._asdict()) + "\n" for request in requests)


def read_requests(path: Path) -> list[Request]:
    """As write_requests left them."""
    return [Request(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
