"""Time limits for a peer, less the time in which we were held up ourselves.

A process that was stopped, or busy for long, finds its timers overdue before it has looked at
what came meanwhile, and would blame the peer. Then the limit begins anew.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_HELD_UP = 0.5
"""Seconds that a timer may be late on a loop that merely has much to do."""


class Patience:
    """The limits of one dialogue."""

    def __init__(self) -> None:
        self.held_up = 0.0
        """Seconds given again so far."""

    @asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[None]:
        """TimeoutError once the block has had so many seconds in which we were at work."""
        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []

        def begin() -> None:
            timers[:] = [loop.call_later(seconds, overdue, time.monotonic())]

        def overdue(begun: float) -> None:
            taken = time.monotonic() - begun
            if taken < seconds + _HELD_UP:
                timeout.reschedule(loop.time())
            else:
                self.held_up += taken
                begin()

        async with asyncio.timeout(None) as timeout:
            begin()
            try:
                yield
            finally:
                timers.pop().cancel()
