"""The client: connects and speaks, and records what comes. The only IO of the stage.

It never sends MAIL, RCPT or AUTH, never an address that its scope does not permit a packet, and
never waits or reads beyond its limits. What the network does becomes a turn of the dialogue.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiosmtplib import SMTPServerDisconnected

from stages.connection import End, ending
from stages.enrich.special import Scope
from stages.smtp.dialogue import Dialogue, Move, Target, Turn
from stages.smtp.patience import Patience
from stages.smtp.script import next_move
from stages.smtp.tls import Handshake, server_name
from stages.smtp.wire import FloodError, Wire


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """How to probe; times in seconds."""

    ehlo_name: str
    """Name to greet with; against the public Internet one that leads back to us."""
    scope: Scope = Scope.PUBLIC
    connect: float = 10.0
    banner: float = 30.0
    ehlo: float = 30.0
    """For the reply to EHLO, HELO and STARTTLS each."""
    tls: float = 20.0
    quit: float = 5.0
    total: float = 60.0
    allowance: int = 96 * 1024
    """Bytes read in all, TLS records not counted."""


class Prober:
    """Probes addresses; holds no connection between probes."""

    def __init__(self, settings: ProbeSettings, tls_context: ssl.SSLContext) -> None:
        self._settings = settings
        self._tls_context = tls_context

    async def probe(self, target: Target) -> Dialogue:
        """One dialogue with one address, however it ends."""
        probed = time.time_ns() // 1000
        if not self._settings.scope.permits(target.address):
            return Dialogue(target, probed, ())
        client = _Client(self._settings, self._tls_context, target)
        turns: tuple[Turn, ...] = ()
        start = time.monotonic()
        try:
            while (move := next_move(turns)) is not None:
                end = start + self._settings.total + client.patience.held_up
                left = end - time.monotonic()
                turns += (await client.turn(move, _limit(self._settings, turns, move, left)),)
        finally:
            client.hang_up()
        return Dialogue(target, probed, turns, client.handshake, _ms_since(start))


def _limit(settings: ProbeSettings, turns: tuple[Turn, ...], move: Move, left: float) -> float:
    """Seconds for a move. A peer that kept us waiting is told QUIT and not listened to."""
    limits = {
        Move.CONNECT: settings.connect,
        Move.BANNER: settings.banner,
        Move.TLS: settings.tls,
        Move.QUIT: 0.0 if turns and turns[-1].end is End.TIMEOUT else settings.quit,
    }
    return min(limits.get(move, settings.ehlo), left)


class _Client:
    """One connection and the moves on it."""

    def __init__(
        self, settings: ProbeSettings, tls_context: ssl.SSLContext, target: Target
    ) -> None:
        self.handshake: Handshake | None = None
        self.patience = Patience()
        self._wire = Wire(settings.allowance)
        self._target = target
        self._tls_context = tls_context
        name = settings.ehlo_name.encode("ascii")
        self._acts: dict[Move, Callable[[], Awaitable[object]]] = {
            Move.CONNECT: self._connect,
            Move.BANNER: self._wire.read_response,
            Move.EHLO: lambda: self._wire.execute_command(b"EHLO", name),
            Move.HELO: lambda: self._wire.execute_command(b"HELO", name),
            Move.STARTTLS: lambda: self._wire.execute_command(b"STARTTLS"),
            Move.TLS: self._begin_tls,
            Move.EHLO_TLS: lambda: self._wire.execute_command(b"EHLO", name),
            Move.QUIT: lambda: self._wire.execute_command(b"QUIT"),
        }

    async def turn(self, move: Move, limit: float) -> Turn:
        """Make a move and wait for what comes of it, so many seconds."""
        start = time.monotonic()
        end, detail = await self._end_of(move, limit)
        # A greeting may be here before we learn that the connection is: it is the next turn's.
        came = b"" if move is Move.CONNECT else self._wire.take()
        return Turn(move, end, came, _ms_since(start), detail)

    async def _end_of(self, move: Move, limit: float) -> tuple[End, str | None]:
        """The one place where foreign exceptions become ends."""
        try:
            async with self.patience.limit(limit):
                await self._acts[move]()
        except FloodError:
            return End.FLOODED, None
        except SMTPServerDisconnected as gone:
            return End.CLOSED, str(gone)
        except OSError as error:
            return ending(error)
        return End.ANSWERED, None

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        target = self._target
        await loop.create_connection(lambda: self._wire, target.address, target.port)

    async def _begin_tls(self) -> None:
        name = server_name(self._target.server_name)
        self.handshake = await self._wire.upgrade(self._tls_context, name)

    def hang_up(self) -> None:
        """Leave nothing open."""
        self._wire.hang_up()


def _ms_since(start: float) -> float:
    return (time.monotonic() - start) * 1000
