"""How gently mail servers are approached: a rate over all, few at once per network.

Loopback is exempt. Waiting happens before a connection is opened, in the lane's own workers.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address, ip_network

from stages.smtp.stage import Target
from stages.stage import Emit, Stage


class Limits:
    """New connections a second overall, and connections at once per /24 or /64."""

    def __init__(self, *, rate: float, per_network: int) -> None:
        self._interval = 1 / rate
        self._per_network = per_network
        self._next = 0.0
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._users: Counter[str] = Counter()

    @asynccontextmanager
    async def slot(self, address: str) -> AsyncIterator[None]:
        """Hold a place at the address' network; entered when it may be contacted."""
        if ip_address(address).is_loopback:
            yield
            return
        network = _network(address)
        slot = self._slots.setdefault(network, asyncio.Semaphore(self._per_network))
        self._users[network] += 1
        try:
            async with slot:
                await self._pace()
                yield
        finally:
            self._users[network] -= 1
            if not self._users[network]:
                del self._users[network], self._slots[network]

    async def _pace(self) -> None:
        now = time.monotonic()
        at = max(now, self._next)
        self._next = at + self._interval
        await asyncio.sleep(at - now)


class Polite:
    """A probing stage that keeps to limits."""

    def __init__(self, stage: Stage[Target], limits: Limits) -> None:
        self._stage = stage
        self._limits = limits

    async def __call__(self, item: Target, /) -> Emit:
        """Probe once the limits allow it."""
        async with self._limits.slot(item.address):
            return await self._stage(item)


def _network(address: str) -> str:
    length = 64 if ":" in address else 24
    return str(ip_network(f"{address}/{length}", strict=False))
