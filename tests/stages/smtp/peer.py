"""A server on loopback that plays one side of a transcript.

A script is a sequence of: bytes, to send; a str, the command that must come next; an
:class:`Act`; an SSL context, to begin TLS with. When it is through, the peer closes.
"""

import asyncio
import enum
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple


class Act(enum.Enum):
    """What a peer can do beside speaking."""

    SILENT = "say nothing until the client goes"
    WAIT = "let the client take in what was sent"
    RESET = "send RST"
    ENDLESS_LINE = "send one line for ever"
    ENDLESS_REPLY = "send continuation lines for ever"
    ENDLESS_ZEROS = "send NULs for ever"
    DRIP = "send a byte now and then, for ever"


Script = Sequence[bytes | str | Act | ssl.SSLContext]

_ENDLESS = {
    Act.ENDLESS_LINE: b"220" + b" lorem ipsum" * 300,
    Act.ENDLESS_REPLY: b"220-lorem ipsum\r\n" * 200,
    Act.ENDLESS_ZEROS: bytes(4096),
}


class Peer(NamedTuple):
    """A running server."""

    address: str
    port: int
    heard: list[str]
    """Command lines in order, of all connections."""
    faults: list[BaseException]
    """What went wrong in playing."""
    closed: asyncio.Event
    """Set when the client is gone."""


@asynccontextmanager
async def playing(script: Script, address: str = "127.0.0.1") -> AsyncIterator[Peer]:
    """A server that plays the script to each client; every task and socket ends with it."""
    heard: list[str] = []
    faults: list[BaseException] = []
    closed = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await _play(script, reader, writer, heard)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError) as gone:
            faults.append(gone)
        finally:
            closed.set()
            writer.transport.abort()

    server = await asyncio.start_server(serve, address, 0)
    try:
        yield Peer(address, server.sockets[0].getsockname()[1], heard, faults, closed)
    finally:
        server.close()
        await server.wait_closed()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _play(
    script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: list[str]
) -> None:
    for item in script:
        if isinstance(item, bytes):
            writer.write(item)
            await writer.drain()
        elif isinstance(item, str):
            line = (await reader.readuntil(b"\r\n")).decode().rstrip()
            heard.append(line)
            assert line.split()[0] == item, f"{line!r} instead of {item}"
        elif isinstance(item, ssl.SSLContext):
            await writer.start_tls(item)
        else:
            await _act(item, reader, writer, heard)


async def _act(
    act: Act, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: list[str]
) -> None:
    if act is Act.SILENT:
        heard.extend((await reader.read()).decode(errors="replace").split("\r\n")[:-1])
    elif act is Act.WAIT:
        await asyncio.sleep(0.02)
    elif act is Act.RESET:
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    elif act is Act.DRIP:
        for step in range(1000):
            writer.write(b"220 "[step : step + 1] or b"x")
            await writer.drain()
            await asyncio.sleep(0.02)
    else:
        for _ in range(10_000):
            writer.write(_ENDLESS[act])
            await writer.drain()
