"""An SMTP dialogue as recorded: what the client did, what came of it, when.

The record alone, without judgement: :mod:`stages.smtp.script` says how a dialogue goes on,
:mod:`stages.smtp.judgement` how it ended, :mod:`stages.smtp.record` makes its row.
"""

import enum
from collections.abc import Iterable
from typing import NamedTuple

from schemas.outcomes import ProbeStep
from stages.connection import End
from stages.smtp.reply import Reply, ReplyError, read
from stages.smtp.tls import Handshake


class Target(NamedTuple):
    """What to probe."""

    address: str
    """Canonical text form of an IP address."""
    port: int
    server_name: str | None
    """The host name that led to the address, for SNI; None if unknown."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names that led to the address, as far as they are known."""
        return (self.server_name,) if self.server_name else ()


class Move(enum.Enum):
    """What the client can do; the value is the step it belongs to and a number to tell apart."""

    CONNECT = (ProbeStep.CONNECT, 0)
    BANNER = (ProbeStep.BANNER, 0)
    EHLO = (ProbeStep.EHLO, 0)
    HELO = (ProbeStep.EHLO, 1)
    STARTTLS = (ProbeStep.STARTTLS, 0)
    TLS = (ProbeStep.TLS, 0)
    EHLO_TLS = (ProbeStep.EHLO_TLS, 0)
    QUIT = (ProbeStep.QUIT, 0)

    @property
    def step(self) -> ProbeStep:
        """The step of the dialogue."""
        return self.value[0]


class Turn(NamedTuple):
    """One move and what came of it."""

    move: Move
    end: End
    raw: bytes = b""
    """All that came from the move until the next."""
    ms: float = 0.0
    """Milliseconds it took."""
    detail: str | None = None
    """What the system says of a failure."""


class Dialogue(NamedTuple):
    """One probe, as recorded."""

    target: Target
    probed: int
    """When the connection was opened, microseconds since 1970 UTC."""
    turns: tuple[Turn, ...]
    """None at all if the address was not to be probed."""
    handshake: Handshake | None = None
    total_ms: float = 0.0


def reply_of(turn: Turn | None) -> Reply | None:
    """The whole reply of a turn, if it has one."""
    try:
        return read(turn.raw)[0] if turn else None
    except ReplyError:
        return None


def last(turns: Iterable[Turn], *moves: Move) -> Turn | None:
    """The last turn of these moves."""
    return next((turn for turn in reversed(tuple(turns)) if turn.move in moves), None)
