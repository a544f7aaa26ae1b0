"""When a server of others may be contacted: by address, network and provider, and over all.

A target waits for what it needs itself and for nothing else, so that targets of a crowded
network do not hold up others; see pipeline.limits.gate. Who may pass then waits, in order, for
one of the connections at once over all and for its moment in the rate of new ones.

A server that blocks us is a word from its network and its provider: both are left alone for a
pause that doubles with each further block in a row, then approached by one at a time, and given
up for the rest of the run where that goes on.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Protocol

from certs.registered import registered_domain
from pipeline.limits.gate import Gate, GivenUp, inside

__all__ = ["Caps", "GivenUp", "Limits", "Reception", "Turn", "Visited"]

_LOG = logging.getLogger(__name__)
_ALL = {4: 32, 6: 128}
_NETWORK = {4: 24, 6: 64}


class Visited(Protocol):
    """Who is to be contacted."""

    @property
    def address(self) -> str:
        """An IP address in text."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Names that led to it; the last is the nearest to whoever runs the server."""
        ...


class Reception(Protocol):
    """How a server took a visit."""

    @property
    def blocks(self) -> bool:
        """Whether it does not want us."""
        ...

    @property
    def answers(self) -> bool:
        """Whether it spoke with us, willing or not."""
        ...


@dataclass(frozen=True)
class Caps:
    """How much at most; times in seconds."""

    rate: float = 100.0
    """New connections a second."""
    in_flight: int = 200
    """Connections at once."""
    per_network: int = 2
    """Connections at once to one /24 or /64; to one address it is always one."""
    per_provider: int = 5
    """Connections at once to the servers under one registered domain."""
    spacing: float = 60.0
    """From the end of a connection to the next one to the same address."""
    pause: float = 600.0
    """After a block; twice as long after each further one in a row."""
    longest_pause: float = 3600.0
    patience: int = 4
    """Blocks in a row after which a network or provider is given up."""


class Turn:
    """A target's leave to be contacted."""

    def __init__(self, gates: Sequence[Gate], caps: Caps) -> None:
        self._gates = gates
        self._caps = caps
        self._began = asyncio.get_running_loop().time()

    def heard(self, outcome: Reception) -> None:
        """Tell how the server took it."""
        for gate in self._gates:
            if self._began < gate.blocked_at:
                continue  # under way when the last block came: it says nothing new
            if outcome.blocks:
                self._blocked(gate)
            elif outcome.answers and gate.blocks:
                gate.blocks = 0
                gate.wake()

    def _blocked(self, gate: Gate) -> None:
        gate.blocks += 1
        gate.blocked_at = asyncio.get_running_loop().time()
        if gate.blocks >= self._caps.patience:
            _LOG.warning("%s blocked us %d times in a row: given up", gate.name, gate.blocks)
            gate.give_up()
            return
        pause = min(self._caps.pause * 2 ** (gate.blocks - 1), self._caps.longest_pause)
        _LOG.warning("%s blocked us: left alone for %.0f s", gate.name, pause)
        gate.shut_for(pause)


class Limits:
    """Keeps to caps; exempt from all but the number of connections at once if told so."""

    def __init__(self, caps: Caps, *, exempt: bool = False) -> None:
        self._caps = caps
        self._exempt = exempt
        self._gates: dict[str, Gate] = {}
        self._places = asyncio.Semaphore(caps.in_flight)
        self._next = float("-inf")
        self._waiting: set[asyncio.Task[object]] = set()

    def let_go(self) -> None:
        """Cancel the tasks that wait for a turn; who has one keeps it."""
        for task in self._waiting:
            task.cancel()

    @asynccontextmanager
    async def turn(self, target: Visited) -> AsyncIterator[Turn]:
        """Entered when the target may be contacted; GivenUp if it may not in this run."""
        task = asyncio.current_task()
        assert task is not None
        self._waiting.add(task)
        try:
            async with self._places if self._exempt else self._admitted(target) as gates:
                self._waiting.discard(task)
                yield Turn(gates or (), self._caps)
        finally:
            self._waiting.discard(task)

    @asynccontextmanager
    async def _admitted(self, target: Visited) -> AsyncIterator[Sequence[Gate]]:
        """Inside its gates, with a place over all, at our moment; those that hear of the visit."""
        gates = self._gates_of(target)
        for gate in gates:
            gate.claim()
        try:
            while True:
                async with inside(gates), self._places:
                    await self._pace()
                    if not any(gate.shut for gate in gates):  # else it was shut meanwhile
                        try:
                            yield gates[1:]
                        finally:
                            gates[0].shut_for(self._caps.spacing)
                        return
        finally:
            for gate in gates:
                gate.release()

    def _gates_of(self, target: Visited) -> list[Gate]:
        """Of the address, its network and, where known, its provider."""
        caps, version = self._caps, 6 if ":" in target.address else 4
        gates = [
            self._gate(_prefix(target.address, _ALL[version]), 1),
            self._gate(_prefix(target.address, _NETWORK[version]), caps.per_network),
        ]
        if provider := _provider(target):
            gates.append(self._gate(provider, caps.per_provider))
        return gates

    def _gate(self, name: str, width: int) -> Gate:
        return self._gates.setdefault(name, Gate(name, width, self._forget))

    def _forget(self, gate: Gate) -> None:
        del self._gates[gate.name]

    async def _pace(self) -> None:
        now = asyncio.get_running_loop().time()
        at = max(now, self._next)
        self._next = at + 1 / self._caps.rate
        await asyncio.sleep(at - now)


def _prefix(address: str, length: int) -> str:
    return str(ip_network(f"{address}/{length}", strict=False))


def _provider(target: Visited) -> str | None:
    """The registered domain of the host that led there, as far as that is known beforehand."""
    name = target.names[-1] if target.names else None
    return registered_domain(name) or name if name else None
