"""A policy host on loopback that plays one side of a connection, over TLS or without it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.chain import Link
from certs.trust import TrustStore
from tests.certs.authority import PAST, Party, issue

HOST = "mta-sts.example.com"


class Client(NamedTuple):
    """The server's end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: bytes
    """The request, head and all."""

    async def say(self, data: bytes) -> None:
        """Send it; ConnectionError once the client is gone."""
        self.writer.write(data)
        await self.writer.drain()
        await asyncio.sleep(0)
        if self.writer.is_closing():
            raise ConnectionResetError("the client is gone")

    async def wait(self) -> None:
        """Say nothing until the client goes."""
        while await self.reader.read(1 << 14):
            pass


Play = Callable[[Client], Awaitable[None]]


class Peer(NamedTuple):
    """A running server."""

    port: int
    heard: list[bytes]
    """Requests, in order."""
    gone: asyncio.Event
    """Set once the first connection is over."""


@asynccontextmanager
async def playing(
    play: Play, tls: ssl.SSLContext | None, address: str = "127.0.0.1", *, listen: bool = True
) -> AsyncIterator[Peer]:
    """A server that plays to each client once it has its request; without TLS at once."""
    peer = Peer(0, [], asyncio.Event())
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                heard = await reader.readuntil(b"\r\n\r\n") if tls and listen else b""
                peer.heard.append(heard)
                await play(Client(reader, writer, heard))
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()
            peer.gone.set()
            tasks.discard(task)

    server = await asyncio.start_server(serve, address, 0, ssl=tls)
    try:
        yield peer._replace(port=server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


ROOT = issue("Root of the Test", ca=True)
NOBODY = issue("Root of Nobody", ca=True)
TRUST = TrustStore([link] if (link := Link.of(ROOT.der)) else [])
SERVER = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
LEAVES: dict[str, Party] = {
    "right": issue(HOST, ROOT, dns=[HOST], extensions=[SERVER]),
    "wildcard": issue("x", ROOT, dns=["*.example.com"]),
    "another's": issue(HOST, ROOT, dns=["www.example.com"]),
    "common name": issue(HOST, ROOT),
    "expired": issue(HOST, ROOT, dns=[HOST], validity=PAST),
    "nobody's": issue(HOST, NOBODY, dns=[HOST]),
    "self-signed": issue(HOST, dns=[HOST]),
}


def context(folder: Path, leaf: Party) -> ssl.SSLContext:
    """TLS of a server that shows the leaf alone."""
    pem = folder / "server.pem"
    key = leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(key + leaf.pem)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pem)
    return made
