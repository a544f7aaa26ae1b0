"""A name server that does to a question what a label of the name says.

The last label but one of a name is its fate: `d7.loss30.example` loses three in ten datagrams.
Below that every name exists (see `records`), so whoever asks can be told what to find. A top-level
domain has no policy for mail: `_dmarc.example` does not exist.

    with threaded(lambda: hostile_dns(fates)) as server:
        mailcensus("crawl", …, "--nameserver", server.label)

A fate gets the question and returns what to send: messages, a `Later`, or nothing. Over TCP,
HANG_UP ends the connection; any number of questions may come by one connection.
"""

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from ipaddress import IPv4Address
from typing import NamedTuple, cast

from scripts.world.lookup import NXDOMAIN, Entry
from scripts.world.message import Query, pack, parse
from scripts.world.names import wire
from tests.servers.nsd import free_port

A, MX, TXT, NS = 1, 15, 16, 2
HANG_UP = b""
_TTL = 300


class Later(NamedTuple):
    """A message that is sent so many seconds later."""

    seconds: float
    message: bytes


class Ask(NamedTuple):
    """A question as it came in."""

    query: Query
    tcp: bool
    number: int
    """How often this name and type was asked so far over this transport, from 1."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the name, lower-case."""
        return labels(self.query.name)

    def answer(self, flags: int = 0) -> bytes:
        """The true answer."""
        return pack(self.query, flags, records(self.query.name, self.query.type))


Fate = Callable[[Ask], Iterable[bytes | Later]]


def labels(name: bytes) -> tuple[str, ...]:
    """Labels of a name in wire form."""
    found, at = [], 0
    while length := name[at]:
        found.append(name[at + 1 : at + 1 + length].decode("latin-1"))
        at += 1 + length
    return tuple(found)


def records(name: bytes, kind: int) -> tuple[Entry, ...]:
    """What there is at a name: `mx.`, `spf.` and `_dmarc.` below a domain, else a domain."""
    first = labels(name)[0] if name != b"\0" else ""
    if kind == A and first == "mx":
        return (Entry(name, A, _TTL, IPv4Address(address(name)).packed),)
    if kind == MX and first not in ("mx", "spf", "_dmarc", ""):
        return (Entry(name, MX, _TTL, b"\0\x0a\2mx" + name),)
    text = {"spf": b"v=spf1 ip4:192.0.2.1 -all", "_dmarc": b"v=DMARC1; p=none"}
    if kind == TXT and first not in ("mx", ""):
        said = text.get(first, b"v=spf1 include:spf." + presentation(name) + b" -all")
        return (Entry(name, TXT, _TTL, bytes((len(said),)) + said),)
    if kind == NS and not first:
        return (Entry(name, NS, _TTL, wire("ns.example")),)
    return ()


def presentation(name: bytes) -> bytes:
    """The text of a name without final dot."""
    return ".".join(labels(name)).encode()


def address(name: bytes) -> str:
    """The address of a mail host: one of 127.64.0.0/10, by its name."""
    return str(IPv4Address(0x7F400000 | zlib.crc32(name) & 0x3FFFFF))


class HostileDns:
    """A running server."""

    def __init__(self, fates: Mapping[str, Fate], *, tcp: bool = True, port: int = 0) -> None:
        self.port = port or free_port()
        self.asked: Counter[tuple[bytes, int, bool]] = Counter()
        """By name, type and whether over TCP."""
        self.questions = 0
        self.at_question: dict[int, Callable[[], None]] = {}
        """What to do when so many questions have come."""
        self._fates = fates
        self._with_tcp = tcp
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._streams: set[asyncio.Transport] = set()

    @property
    def label(self) -> str:
        """Where it listens, as address:port."""
        return f"127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self), ("127.0.0.1", self.port)
        )
        if self._with_tcp:
            self._tcp = await loop.create_server(
                lambda: _Stream(self, self._streams), "127.0.0.1", self.port
            )

    def close(self) -> None:
        """Be gone: the port refuses."""
        if self._udp:
            self._udp.close()
        if self._tcp:
            self._tcp.close()
        for stream in tuple(self._streams):
            stream.abort()
        self._udp = self._tcp = None

    def die(self, seconds: float | None = None) -> None:
        """Be gone for a while, or for good."""
        self.close()
        if seconds is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(seconds, lambda: setattr(self, "_back", loop.create_task(self.open())))

    def fall_silent(self) -> None:
        """Listen on and never answer again."""
        self._fates = {}

    def respond(self, message: bytes, *, tcp: bool) -> Iterable[bytes | Later]:
        """What is sent to whoever sent the message."""
        query = parse(message)
        assert query is not None, message
        self.questions += 1
        if self.questions in self.at_question:
            self.at_question.pop(self.questions)()
            if self._udp is None:
                return ()
        key = (query.name, query.type, tcp)
        self.asked[key] += 1
        ask = Ask(query, tcp, self.asked[key])
        label = ask.labels[-2] if len(ask.labels) > 1 else ""
        fate = nothing if label == "_dmarc" else self._fates.get(label)
        return fate(ask) if fate else ()


@asynccontextmanager
async def hostile_dns(
    fates: Mapping[str, Fate], *, tcp: bool = True, port: int = 0
) -> AsyncIterator[HostileDns]:
    """A server for as long as the block lasts; a fate for "" is that of the root."""
    server = HostileDns(fates, tcp=tcp, port=port)
    await server.open()
    try:
        yield server
    finally:
        server.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: HostileDns) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        for item in self._server.respond(data, tcp=False):
            if isinstance(item, Later):
                asyncio.get_running_loop().call_later(item.seconds, self._send, item.message, addr)
            else:
                self._send(item, addr)

    def _send(self, message: bytes, addr: tuple[str | object, int]) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(message, addr)


class _Stream(asyncio.Protocol):
    def __init__(self, server: HostileDns, streams: set[asyncio.Transport]) -> None:
        self._server = server
        self._streams = streams
        self._data = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._streams.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._streams.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        while len(self._data) >= 2 and len(self._data) >= (
            end := 2 + int.from_bytes(self._data[:2])
        ):
            message = bytes(self._data[2:end])
            del self._data[:end]
            for item in self._server.respond(message, tcp=True):
                if isinstance(item, Later):
                    asyncio.get_running_loop().call_later(item.seconds, self._send, item.message)
                else:
                    self._send(item)

    def _send(self, message: bytes) -> None:
        if self._transport.is_closing():
            return
        if message == HANG_UP:
            self._transport.close()
        else:
            self._transport.write(len(message).to_bytes(2) + message)


def honest(ask: Ask) -> list[bytes]:
    """The truth, at once; truncated where it does not fit."""
    return [ask.answer()]


def nothing(ask: Ask) -> list[bytes]:
    """No such name."""
    return [pack(ask.query, NXDOMAIN)]
