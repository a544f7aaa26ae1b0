"""The record of a fetch: how far it got and what came. Without judgement."""

import enum
from typing import NamedTuple

from stages.connection import End
from stages.smtp.tls import Handshake
from stages.sts.exchange import Answer, Stop


class Step(enum.Enum):
    """The last step begun."""

    NONE = 0
    CONNECT = 1
    TLS = 2
    ANSWER = 3


class Fetched(NamedTuple):
    """One connection to a policy host, as recorded."""

    address: str
    fetched: int
    """When it was opened, microseconds since 1970 UTC."""
    step: Step
    """NONE: nobody was contacted, and detail says why."""
    end: End
    """How that step ended."""
    detail: str | None = None
    stop: Stop | None = None
    """Why the answer was read no further; None where none was waited for to the end."""
    answer: Answer | None = None
    """As far as it came."""
    handshake: Handshake | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    total_ms: float | None = None
