"""Mail servers that hold on, flood, lie and break off: each at an address of its own, one port.

    with threaded(lambda: hostile_smtp({"127.9.0.1": MANNERS["tarpit"].play})) as server:
        ...                                     # server.port
    server.visits                               # once the clients are gone

A play is a coroutine over one connection; when it ends, the connection is closed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from functools import partial
from typing import NamedTuple

from scripts.world.sockets import bind_all, raise_open_files

_BACKLOG = 1024
_PIECE = 16 * 1024


class Peer(NamedTuple):
    """The server's end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        """Send it, at the pace the client takes it; ConnectionError once the client is gone."""
        if self.writer.is_closing():
            raise ConnectionResetError("the client is gone")
        self.writer.write(data)
        await self.writer.drain()
        await asyncio.sleep(0)  # or who floods would never let others have their turn

    async def hear(self) -> bytes:
        """The client's next line."""
        return await self.reader.readline()

    async def wait(self) -> None:
        """Say nothing until the client goes."""
        while await self.reader.read(_PIECE):
            pass


Play = Callable[[Peer], Awaitable[None]]


class Visit(NamedTuple):
    """One connection."""

    address: str
    seconds: float


class HostileSmtp(NamedTuple):
    """Running servers."""

    port: int
    visits: list[Visit]
    """Connections that have ended."""


@asynccontextmanager
async def hostile_smtp(plays: Mapping[str, Play]) -> AsyncIterator[HostileSmtp]:
    """Servers by address, all at one port, for as long as the block lasts."""
    raise_open_files()
    visits: list[Visit] = []
    tasks: set[asyncio.Task[None]] = set()

    async def serve(
        address: str, play: Play, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        began = time.monotonic()
        try:
            # Cancelled at the end of the block, which asyncio would log as a fault.
            with suppress(OSError, ValueError, asyncio.CancelledError):
                await play(Peer(reader, writer))
            if not writer.is_closing():
                writer.close()
        finally:
            writer.transport.abort()
            visits.append(Visit(address, time.monotonic() - began))
            tasks.discard(task)

    async with AsyncExitStack() as stack:
        sockets = bind_all(list(plays), 0, stack.enter_context(ExitStack()))
        for sock, (address, play) in zip(sockets, plays.items(), strict=True):
            accept = partial(serve, address, play)
            server = await asyncio.start_server(accept, sock=sock, backlog=_BACKLOG)
            stack.callback(server.close)
        yield HostileSmtp(sockets[0].getsockname()[1], visits)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
