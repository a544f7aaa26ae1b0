"""A gate before an address, a network or a provider: few pass at once, none while it is shut.

Whoever needs several gates open waits at the first that is not, and takes none before it can
take all: so nobody holds a place at one gate while waiting at another.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager


class GivenUp(Exception):  # noqa: N818  (it names what happened)
    """A gate that does not open again in this run."""


class Gate:
    """One gate. Times are those of the running loop, in seconds."""

    def __init__(self, name: str, width: int, forget: Callable[["Gate"], None]) -> None:
        """Forget: what to call when a new gate in its place would be the same."""
        self.name = name
        self.blocks = 0
        """Blocks in a row; while there are any, one at a time passes."""
        self.blocked_at = float("-inf")
        self.given_up = False
        self._width = width
        self._forget = forget
        self._users = 0
        self._inside = 0
        self._shut_until: float | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def shut(self) -> bool:
        """Whether nobody passes, now or ever again."""
        return self.given_up or self._shut_until is not None

    @property
    def open(self) -> bool:
        """Whether one more may pass now."""
        return self._inside < (1 if self.blocks else self._width) and not self.shut

    def claim(self) -> None:
        """Have it kept: somebody is on the way to it."""
        self._users += 1

    def release(self) -> None:
        """Undo a claim."""
        self._users -= 1
        self._forget_if_idle()

    def _forget_if_idle(self) -> None:
        if not (self._users or self.blocks or self.shut):
            self._forget(self)

    def enter(self) -> None:
        """Take a place, which must be free."""
        self._inside += 1

    def leave(self) -> None:
        """Give the place back."""
        self._inside -= 1
        self.wake()

    def shut_for(self, seconds: float) -> None:
        """Let nobody pass for so long; a pause under way is never shortened."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if self._shut_until is None or self._shut_until < until:
            self._shut_until = until
            loop.call_at(until, self._reopen, until)

    def _reopen(self, until: float) -> None:
        # A timer may come a trifle early by the clock: it counts, not the clock.
        if self._shut_until == until:
            self._shut_until = None
            self.wake()
            self._forget_if_idle()

    def give_up(self) -> None:
        """Send away all who wait or will come."""
        self.given_up = True
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    def wake(self) -> None:
        """Call the first who waits, if it may pass."""
        while self._waiting and self.open:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def wait(self, *, again: bool) -> None:
        """Wait to be called; who was called in vain (again) keeps the first place."""
        waiter = asyncio.get_running_loop().create_future()
        if again:
            self._waiting.appendleft(waiter)
        else:
            self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled():
                self.wake()  # the call is another's
            raise


@asynccontextmanager
async def inside(gates: Sequence[Gate]) -> AsyncIterator[None]:
    """Have a place at every gate, once all are open; GivenUp where one will not be."""
    await _enter(gates)
    try:
        yield
    finally:
        for gate in gates:
            gate.leave()


async def _enter(gates: Sequence[Gate]) -> None:
    called: Gate | None = None
    while closed := next((gate for gate in gates if not gate.open), None):
        if called is not None and called is not closed:
            called.wake()  # a place there is no use to us
        if closed.given_up:
            raise GivenUp(f"{closed.name} blocked us {closed.blocks} times in a row")
        await closed.wait(again=called is closed)
        called = closed
    for gate in gates:
        gate.enter()
    if called is not None:
        called.wake()  # there may be room for one more
