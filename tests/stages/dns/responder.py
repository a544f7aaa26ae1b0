"""A scripted DNS server on loopback, over UDP and TCP on one port, that keeps what it is asked.

A script gets each query and says what to send back, and after how many seconds; nothing at all
for silence. Over TCP an empty list closes the connection, None leaves it open in silence.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.servers.nsd import free_port


class Asked(NamedTuple):
    """A query as it came in."""

    number: int
    """From 1, over all queries."""
    tcp: bool
    message: dns.message.Message
    wire: bytes
    source: tuple[str, int]

    @property
    def name(self) -> str:
        """The name asked for, in lower case."""
        return self.message.question[0].name.to_text(omit_final_dot=True).lower()

    def answer(self, *records: str, rcode: int = 0, truncated: bool = False) -> bytes:
        """A response with records of the type asked for, at the name asked for."""
        response = dns.message.make_response(self.message)
        response.flags |= dns.flags.TC if truncated else 0
        response.set_rcode(dns.rcode.Rcode(rcode))
        (question,) = self.message.question
        if records:
            response.answer.append(
                dns.rrset.from_text(question.name, 300, "IN", question.rdtype, *records)
            )
        return response.to_wire(max_size=0xFFFF)


Script = Callable[[Asked], Iterable[bytes | tuple[float, bytes]] | None]


class Responder(asyncio.DatagramProtocol):
    """The server; asked grows with every query."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.waiting = self.most_waiting = 0
        """Queries whose answer is put off: now, and the most at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.udp = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for item in self._run(data, addr, tcp=False) or ():
            delay, answer = item if isinstance(item, tuple) else (0.0, item)
            if not delay:
                self.udp.sendto(answer, addr)
                continue
            self.waiting += 1
            self.most_waiting = max(self.most_waiting, self.waiting)
            asyncio.get_running_loop().call_later(delay, self._late, answer, addr)

    async def serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            data = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
            items = self._run(data, writer.get_extra_info("peername"), tcp=True)
            for item in items or ():
                assert isinstance(item, bytes)
                writer.write(len(item).to_bytes(2) + item)
            if items is None:
                await reader.read()
        finally:
            writer.close()

    def _run(
        self, data: bytes, source: tuple[str, int], *, tcp: bool
    ) -> Iterable[bytes | tuple[float, bytes]] | None:
        asked = Asked(len(self.asked) + 1, tcp, dns.message.from_wire(data), data, source)
        self.asked.append(asked)
        return self.script(asked)

    def _late(self, answer: bytes, addr: tuple[str, int]) -> None:
        self.waiting -= 1
        if not self.udp.is_closing():
            self.udp.sendto(answer, addr)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, port = self.udp.get_extra_info("sockname")
        return host, port

    @property
    def label(self) -> str:
        """The same as text."""
        return "{}:{}".format(*self.address)


@asynccontextmanager
async def responder(script: Script) -> AsyncIterator[Responder]:
    """A responder, for as long as the block lasts."""
    loop = asyncio.get_running_loop()
    port = free_port()
    transport, server = await loop.create_datagram_endpoint(
        lambda: Responder(script), local_addr=("127.0.0.1", port)
    )
    tcp = await asyncio.start_server(server.serve_tcp, "127.0.0.1", port)
    try:
        yield server
    finally:
        transport.close()
        tcp.close()
        await tcp.wait_closed()


def mx(asked: Asked) -> list[bytes]:
    """The script of a server that works."""
    return [asked.answer(f"10 mx.{asked.name}.")]


def silence(_: Asked) -> None:
    """The script of a server that does not."""


def code(rcode: int) -> Script:
    """The script of a server that always gives this response code."""
    return lambda asked: [asked.answer(rcode=rcode)]
