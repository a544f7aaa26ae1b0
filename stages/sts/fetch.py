"""The client: connects, begins TLS and asks for one file. The only IO of the stage.

It contacts no address that its scope does not permit, believes any certificate and keeps it,
follows no redirect, and neither waits nor reads beyond its limits. What the network does becomes
an end on the record of the fetch.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import NamedTuple, cast

from schemas.outcomes import FetchOutcome
from stages.connection import End, ending
from stages.enrich.special import Scope
from stages.smtp.patience import Patience
from stages.smtp.tls import Handshake, handshake_of, server_name
from stages.sts.exchange import Exchange, Stop
from stages.sts.fetched import Fetched, Step
from stages.sts.judgement import outcome


class PolicyHost(NamedTuple):
    """Where to fetch a policy."""

    host: str
    """Name of the policy host, for SNI and the Host field."""
    address: str
    """One of its addresses, canonical text form."""
    port: int
    aliases: tuple[str, ...] = ()
    """Names that the host is an alias for; the last is that of whoever runs the server."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names that led to the address."""
        return (self.host, *self.aliases)


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How to fetch; times in seconds."""

    user_agent: str
    """Who we are, and where those who wonder find out."""
    scope: Scope = Scope.PUBLIC
    connect: float = 10.0
    tls: float = 20.0
    total: float = 60.0
    """A whole fetch; a minute is what RFC 8461 section 3.3 suggests."""


def client_context() -> ssl.SSLContext:
    """A context to share among all fetches.

    It speaks what senders of mail speak today, and believes any certificate: certs judges later.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


class Fetcher:
    """Fetches policies; holds no connection between fetches."""

    def __init__(self, settings: FetchSettings, tls_context: ssl.SSLContext) -> None:
        self._settings = settings
        self._tls_context = tls_context

    async def __call__(self, item: PolicyHost, /) -> Fetched:
        """One connection to one address, however it ends."""
        if not self._settings.scope.permits(item.address):
            return self.left_alone(item, "not an address that this run may contact")
        client = _Client(self._settings, self._tls_context, item)
        began, fetched = time.monotonic(), time.time_ns() // 1000
        try:
            await client.run(began)
        finally:
            client.hang_up()
        return client.record(fetched, _ms_since(began))

    def left_alone(self, item: PolicyHost, why: str, /) -> Fetched:
        """The record of a host that is not contacted, and why."""
        return Fetched(item.address, time.time_ns() // 1000, Step.NONE, End.ANSWERED, why)

    def outcome(self, result: Fetched, /) -> FetchOutcome:
        """How it ended."""
        return outcome(result)


class _Client(asyncio.Protocol):
    """One connection: bytes that come over TLS go to the exchange."""

    def __init__(
        self, settings: FetchSettings, tls_context: ssl.SSLContext, target: PolicyHost
    ) -> None:
        self._settings = settings
        self._tls_context = tls_context
        self._target = target
        self._exchange = Exchange(target.host, target.port, settings.user_agent)
        self._patience = Patience()
        self._tcp: asyncio.Transport | None = None
        self._secure = False
        self._lost: Exception | None = None
        self._handshake: Handshake | None = None
        self._stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ms: dict[Step, float] = {}
        self._step, self._end = Step.NONE, End.ANSWERED
        self._detail: str | None = None

    async def run(self, began: float) -> None:
        """The steps, each once the one before has ended well."""
        limits = self._settings
        steps = (
            (Step.CONNECT, self._connect, limits.connect),
            (Step.TLS, self._begin_tls, limits.tls),
            (Step.ANSWER, self._ask, limits.total),
        )
        for step, act, limit in steps:
            left = began + limits.total + self._patience.held_up - time.monotonic()
            start = time.monotonic()
            self._step = step
            self._end, self._detail = await self._end_of(act(), min(limit, left))
            if self._end is not End.ANSWERED:
                return
            self._ms[step] = _ms_since(start)

    async def _end_of(self, act: Awaitable[None], limit: float) -> tuple[End, str | None]:
        try:
            async with self._patience.limit(limit):
                await act
        except OSError as error:
            return ending(error)
        return End.ANSWERED, None

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, self._target.address, self._target.port)

    async def _begin_tls(self) -> None:
        if self._tcp is None or self._tcp.is_closing():
            raise ConnectionResetError("closed before the handshake")
        loop = asyncio.get_running_loop()
        name = server_name(self._target.host)
        self._secure = True
        tls = await loop.start_tls(self._tcp, self, self._tls_context, server_hostname=name)
        if tls is None:  # asyncio's way to say that the peer went away meanwhile
            raise ConnectionResetError("closed during the handshake")
        self._handshake = handshake_of(tls.get_extra_info("ssl_object"))
        tls.write(self._exchange.request)

    async def _ask(self) -> None:
        await self._stopped
        if self._exchange.stop is Stop.CLOSED and self._lost is not None:
            raise self._lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP is up, or TLS over it."""
        if self._tcp is None:
            self._tcp = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Have the exchange read it; what comes before TLS is nobody's."""
        if self._secure and self._exchange.feed(data):
            self._stop()

    def eof_received(self) -> bool:
        """Nothing more will come."""
        self._exchange.feed(b"")
        self._stop()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone: an answer may have its end by that."""
        self._lost = exc
        self._exchange.feed(b"")
        self._stop()

    def _stop(self) -> None:
        if not self._stopped.done():
            self._stopped.set_result(None)

    def hang_up(self) -> None:
        """Leave nothing open."""
        if self._tcp is not None:
            self._tcp.abort()

    def record(self, fetched: int, total_ms: float) -> Fetched:
        """What came of it."""
        return Fetched(
            self._target.address,
            fetched,
            self._step,
            self._end,
            self._detail,
            self._exchange.stop if self._step is Step.ANSWER else None,
            self._exchange.answer,
            self._handshake,
            self._ms.get(Step.CONNECT),
            self._ms.get(Step.TLS),
            total_ms,
        )


def _ms_since(start: float) -> float:
    return (time.monotonic() - start) * 1000
