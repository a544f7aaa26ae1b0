"""The mail servers of a world, each listening at its own address, all at one port.

One socket a server, so that an address without a server (Behaviour.DEAD) refuses connections as
the real thing does. Where there are more servers than the limit of open files allows, one
wildcard socket takes all connections and looks at the local address: an address without a server
then resets the connection after it was accepted, which is the one difference. UNRESPONSIVE needs
a socket of its own in both ways: its queue of connections is full, so the kernel (Linux) drops
whatever comes next.

    async with SmtpWorld(world.servers, authority) as smtp:
        ...                                    # smtp.port, smtp.visits["127.1.0.1"]
"""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack
from functools import partial

from scripts.world.ca import Authority
from scripts.world.dialogue import Dialogue
from scripts.world.model import Behaviour, MailServer
from scripts.world.script import script
from scripts.world.sockets import bind_all, jammed, raise_open_files
from scripts.world.visits import Visits

_SPARE_FILES = 4096
"""Open files left for connections and the rest of the process."""
_BACKLOG = 4096
_RESET = struct.pack("ii", 1, 0)
"""A linger time of 0: closing resets the connection."""


class SmtpWorld:
    """Serves while its context is open; visits tell what clients did, by local address."""

    def __init__(
        self,
        servers: Sequence[MailServer],
        authority: Authority,
        port: int = 0,
        *,
        idle: float = 60.0,
        sockets: int | None = None,
    ) -> None:
        """Port 0: a free one. Idle: seconds. Sockets: most to listen at, else by open files."""
        absent = (Behaviour.DEAD, Behaviour.UNRESPONSIVE)
        present = [server for server in servers if server.behaviour not in absent]
        self.port = port
        self.visits = {server.address: Visits(server.address) for server in present}
        self._scripts = {server.address: script(server) for server in present}
        self._unresponsive = [s.address for s in servers if s.behaviour is Behaviour.UNRESPONSIVE]
        self._context = authority.context
        self._idle = idle
        self._sockets = sockets
        self._peers: set[asyncio.Transport] = set()
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> "SmtpWorld":
        most = raise_open_files() - _SPARE_FILES if self._sockets is None else self._sockets
        many = not self._scripts or len(self._scripts) + 2 * len(self._unresponsive) > most
        addresses = _wildcards(self._scripts) if many else list(self._scripts)
        async with AsyncExitStack() as stack:
            files = stack.enter_context(ExitStack())
            bound = bind_all([*addresses, *self._unresponsive], self.port, files, shared=many)
            self.port = bound[0].getsockname()[1]
            for sock in bound[len(addresses) :]:
                stack.enter_context(jammed(sock))
            stack.push_async_callback(self._part)
            for address, sock in zip(addresses, bound, strict=False):
                await self._serve(sock, None if many else address, stack)
            self._exit = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    async def _serve(self, sock: socket.socket, address: str | None, stack: AsyncExitStack) -> None:
        """Accept connections to one address, or to all (None)."""
        factory: Callable[[], asyncio.Protocol] = (
            partial(_Doorman, self._dialogue) if address is None else self._factory(address)
        )
        loop = asyncio.get_running_loop()
        server = await loop.create_server(factory, sock=sock, backlog=_BACKLOG)
        stack.callback(server.close)

    def _factory(self, address: str) -> Callable[[], Dialogue]:
        return partial(
            Dialogue,
            self._scripts[address],
            self.visits[address],
            self._context,
            self._idle,
            self._peers,
        )

    def _dialogue(self, address: str) -> Dialogue | None:
        return self._factory(address)() if address in self._scripts else None

    async def _part(self) -> None:
        """End the connections that are still open."""
        for transport in tuple(self._peers):
            transport.abort()
        while self._peers:
            await asyncio.sleep(0)


class _Doorman(asyncio.Protocol):
    """Hands a connection to the dialogue of its local address, or resets it."""

    def __init__(self, dialogue: Callable[[str], Dialogue | None]) -> None:
        self._dialogue = dialogue

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        dialogue = self._dialogue(transport.get_extra_info("sockname")[0])
        if dialogue is None:
            peer = transport.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.close()
        else:
            transport.set_protocol(dialogue)
            dialogue.connection_made(transport)


def _wildcards(addresses: Iterable[str]) -> list[str]:
    """The wildcard address of every family in use, IPv4 in any case."""
    return ["0.0.0.0", *(["::"] if any(":" in address for address in addresses) else [])]  # noqa: S104
