"""The world's DNS: one name server on loopback, over UDP and TCP, that plays the resolver.

    async with DnsWorld(world.records, world.faults) as dns:
        ...                              # dns.port, dns.queries["example.com", "MX"]

Answers come from lookup.Zone; a DnsFault spoils them for the name asked for, or for any name
on the way of its CNAMEs.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import cast

from scripts.world.lookup import FORMERR, NOTIMP, REFUSED, ROOT, SERVFAIL, Found, Zone, text
from scripts.world.message import AD, TC, Query, pack, parse, refusal
from scripts.world.model import DnsFault, Record
from scripts.world.names import parent, wire
from scripts.world.rdata import TYPES

_TRIES = 50
_BUFFER = 1 << 22
_RCODES = {DnsFault.SERVFAIL: SERVFAIL, DnsFault.REFUSED: REFUSED}
_TYPE_NAMES = {kind.code: name for name, kind in TYPES.items()}


class DnsWorld:
    """Serves while its context is open."""

    def __init__(
        self,
        records: Iterable[Record],
        faults: Mapping[str, DnsFault] | None = None,
        port: int = 0,
        signed: Iterable[str] = (),
    ) -> None:
        """Port 0: a free one. Answers at signed names and below them count as validated."""
        self.port = port
        self._zone = Zone(records)
        self._faults = {wire(name): fault for name, fault in (faults or {}).items()}
        self._signed = {wire(name) for name in signed}
        self._asked: Counter[tuple[bytes, int]] = Counter()
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self.streams: set[asyncio.Transport] = set()
        """TCP connections that are open."""

    @property
    def queries(self) -> Counter[tuple[str, str]]:
        """How often each (name, type) was asked for; unknown types as TYPE99 (RFC 3597)."""
        return Counter(
            {
                (text(name), _TYPE_NAMES.get(kind, f"TYPE{kind}")): count
                for (name, kind), count in self._asked.items()
            }
        )

    def respond(self, message: bytes, *, tcp: bool) -> bytes | None:
        """The answer to a message; None: there is none."""
        query = parse(message)
        if query is None or not query.standard:
            return refusal(message, FORMERR if query is None else NOTIMP)
        self._asked[query.name, query.type] += 1
        found = self._zone.find(query.name, query.type)
        fault = next((self._faults[name] for name in found.names if name in self._faults), None)
        if fault is DnsFault.SILENT:
            return None
        if fault in _RCODES:
            return pack(query, _RCODES[fault])
        if fault is DnsFault.TRUNCATED and not tcp:
            return pack(query, found.rcode | TC)
        return self._message(query, found, tcp=tcp)

    def _message(self, query: Query, found: Found, *, tcp: bool) -> bytes:
        authority = (self._zone.authority(found.names[-1]),) if found.negative else ()
        validated = AD if all(map(self._validated, found.names)) else 0
        message = pack(query, found.rcode | validated, found.answers, authority)
        fits = len(message) <= query.limit(tcp=tcp)
        return message if fits else pack(query, found.rcode | TC)

    def _validated(self, name: bytes) -> bool:
        while name != ROOT and name not in self._signed:
            name = parent(name)
        return name in self._signed

    async def __aenter__(self) -> "DnsWorld":
        for _ in range(_TRIES):
            try:
                await self._bind()
            except OSError:
                if self.port:
                    raise
            else:
                return self
        raise OSError("no port that is free for UDP and TCP")

    async def __aexit__(self, *_: object) -> None:
        assert self._tcp is not None
        assert self._udp is not None
        self._tcp.close()
        self._udp.close()
        for stream in tuple(self.streams):
            stream.abort()
        await asyncio.sleep(0)

    async def _bind(self) -> None:
        """Take the port for TCP and UDP, or for neither."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Stream(self), "127.0.0.1", self.port)
        port = server.sockets[0].getsockname()[1]
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self), ("127.0.0.1", port)
            )
        except OSError:
            server.close()
            raise
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.port, self._tcp, self._udp = port, server, transport


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsWorld) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, because the transports of uvloop look like asyncio's and are none.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        answer = self._server.respond(data, tcp=False)
        if answer is not None:
            self._transport.sendto(answer, addr)


class _Stream(asyncio.Protocol):
    """Messages with two bytes of length before each (RFC 7766)."""

    def __init__(self, server: DnsWorld) -> None:
        self._server = server
        self._data = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.streams.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._server.streams.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        while len(self._data) >= 2:
            end = 2 + int.from_bytes(self._data[:2], "big")
            if len(self._data) < end:
                return
            answer = self._server.respond(bytes(self._data[2:end]), tcp=True)
            del self._data[:end]
            if answer is not None:
                self._transport.write(len(answer).to_bytes(2, "big") + answer)
