"""Mail servers at all loopback addresses, one port, that note who came and for how long."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

WELCOME = b"220 mx.example.net ESMTP\r\n"
BLOCKED = b"554 5.7.1 Your address is blocked using zen.spamhaus.org\r\n"


class Visit(NamedTuple):
    address: str
    came: float
    left: float


class Town:
    """The servers' log."""

    def __init__(self, greeting: Callable[[str], bytes], hold: float) -> None:
        self.port = 0
        self.visits: list[Visit] = []
        """By when they left."""
        self._greeting = greeting
        self._hold = hold

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0]
        came = asyncio.get_running_loop().time()
        try:
            await asyncio.sleep(self._hold)
            writer.write(self._greeting(address))
            while line := await reader.readline():
                writer.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 mx\r\n")
        except ConnectionError:
            pass
        finally:
            self.visits.append(Visit(address, came, asyncio.get_running_loop().time()))
            writer.close()

    @property
    def addresses(self) -> Counter[str]:
        """How often each was visited."""
        return Counter(visit.address for visit in self.visits)

    def peaks(self, of: Callable[[str], str]) -> dict[str, int]:
        """The most visitors at once, by group of addresses."""
        found = {}
        for group in {of(visit.address) for visit in self.visits}:
            steps = sorted(
                step
                for visit in self.visits
                if of(visit.address) == group
                for step in ((visit.came, 1), (visit.left, -1))
            )
            now = most = 0
            for _, change in steps:
                now += change
                most = max(most, now)
            found[group] = most
        return found


@asynccontextmanager
async def town(
    greeting: Callable[[str], bytes] = lambda _: WELCOME, hold: float = 0.05
) -> AsyncIterator[Town]:
    """Serve until the end of the block, then see the last visitors out."""
    built = Town(greeting, hold)
    server = await asyncio.start_server(built.serve, "0.0.0.0", 0, backlog=1000)
    built.port = server.sockets[0].getsockname()[1]
    try:
        yield built
    finally:
        server.close()
        await server.wait_closed()
        for _ in range(100):
            if len(asyncio.all_tasks()) == 1:
                break
            await asyncio.sleep(0.01)
