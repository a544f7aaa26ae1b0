"""The servers of a bulk resolver: who is asked next, who is benched, and their sockets.

The sockets have a selector of their own, and the event loop watches that: libuv stops to watch
a socket for good once it shows an error, and an ICMP error is nothing unusual here.
"""

import contextlib
import errno
import selectors
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from time import perf_counter

from stages.dns.channel import Channel
from stages.dns.flight import Lookup
from stages.dns.public import rate_cap
from stages.dns.server import Server, ServerHealth
from stages.dns.settings import UdpSettings
from stages.dns.window import FIRST

_PROBATION = 1  # questions at a time to a server that was benched
_STILL = 0.1  # seconds that the loop may be late before a silence is taken for its own


class Fleet:
    """Servers in the order given, each with sockets that are renewed now and then."""

    def __init__(self, servers: Sequence[tuple[str, int]], settings: UdpSettings) -> None:
        if not servers:
            raise ValueError("a resolver needs a server")
        self._settings = settings
        self.servers = tuple(
            Server(
                address, settings.per_server, rate_cap(address[0], settings.rate, settings.sharers)
            )
            for address in servers
        )
        self._healthy = list(self.servers)
        self._turn = 0
        self._channels: dict[Server, list[Channel]] = {server: [] for server in self.servers}
        self._retired: list[Channel] = []
        self._stills: deque[tuple[float, float]] = deque(maxlen=64)
        """When the loop stood still last, to the end of it, and for how long."""
        self._sparing = False

    def start(self, loop: AbstractEventLoop, readable: Callable[[], None]) -> None:
        """Open the sockets; OSError if there are not enough open files for them."""
        self._loop = loop
        self._selector = selectors.DefaultSelector()
        loop.add_reader(self._selector, readable)
        for server in self.servers:
            for _ in range(self._settings.sockets):
                try:
                    self._open(server)
                except OSError as error:
                    if error.errno in (errno.EMFILE, errno.ENFILE):
                        raise
                    break  # no route; tried again at each question

    def close(self) -> None:
        """Close the sockets."""
        for channel in self._every_channel():
            self._shut(channel)
        self._retired.clear()
        for channels in self._channels.values():
            channels.clear()
        self._loop.remove_reader(self._selector)
        self._selector.close()

    def health(self) -> tuple[ServerHealth, ...]:
        """How each server does, in the order given."""
        return tuple(server.health() for server in self.servers)

    def in_flight(self) -> list[Lookup]:
        """Every look-up in flight."""
        return [lookup for channel in self._every_channel() for lookup in channel.pending.values()]

    def ready(self) -> list[Channel]:
        """The sockets that have an answer or an error to tell of."""
        return [key.data for key, _ in self._selector.select(0)]

    @property
    def paced(self) -> bool:
        """Whether a server has a rate cap."""
        return any(server.rate is not None for server in self.servers)

    def choose(self, avoided: Server | None) -> Server | None:
        """The server with room that has fewest in flight; not the avoided one if there is another.

        So each gets as much as it answers. Among equals they take turns.
        """
        healthy = self._healthy
        count = len(healthy)
        if count == 1:
            server = healthy[0]
            if server.in_flight < server.room and server.tokens >= 1.0:
                return server
            avoided = None
        best = None
        self._turn += 1
        for place in range(self._turn, self._turn + count):
            server = healthy[place % count]
            if server.in_flight >= server.room:
                server.full = True
            elif (
                (best is None or server.in_flight < best.in_flight)
                and server.tokens >= 1.0
                and server is not avoided
            ):
                best = server
        return best

    def channel(self, server: Server) -> Channel:
        """The server's socket whose turn it is; OSError if there is no route to it."""
        channels = self._channels[server]
        if not channels:
            self._open(server)
        return channels[server.sent % len(channels)]

    def failed(self, server: Server) -> None:
        """After a failure: bench a server that had many in a row if there is another one.

        The only one is treated as if it was new. One that is known to answer is given half a
        timeout longer: what was in flight may have been lame domains and nothing else. While we
        stood still, nobody could have answered.
        """
        healthy = self._healthy
        if server.failed_in_row < self._settings.bench_after or server not in healthy:
            return
        now = perf_counter()
        stood = sum(seconds for end, seconds in self._stills if end > server.silent_from)
        if server.answers and now - server.silent_from - stood < 1.5 * self._settings.timeout:
            return
        if len(healthy) == 1:
            server.restart(FIRST)
        else:
            server.benched_until = now + self._settings.bench_time
            healthy.remove(server)

    def overdue(self, planned: float) -> Iterator[tuple[Lookup, Server]]:
        """Take out what has waited longer than the timeout; planned: when to look for it.

        Much later than planned the loop stood still. Answers may lie unread: nothing, that once.
        """
        now = perf_counter()
        stood = now - planned
        if stood > _STILL:
            self._stills.append((now, stood))
        self._sparing = stood > _STILL and not self._sparing
        if self._sparing:
            return
        before = now - self._settings.timeout
        for channel in self._every_channel():
            for lookup in channel.overdue(before):
                yield lookup, channel.server

    def review(self) -> None:
        """Adapt the windows and refill the rate caps; unbench servers whose time has come."""
        now = perf_counter()
        for server in self.servers:
            server.review(now)
            if 0 < server.benched_until <= now:
                server.benched_until = 0.0
                server.failed_in_row = self._settings.bench_after - 1
                server.restart(_PROBATION)
                self._healthy.append(server)

    def renew(self) -> None:
        """Replace sockets that are used up.

        A replaced socket closes when nothing is in flight by it any more.
        """
        for server, channels in self._channels.items():
            for channel in [c for c in channels if c.sent >= self._settings.port_uses]:
                channels.remove(channel)
                self._retired.append(channel)
                with contextlib.suppress(OSError):  # the others serve, or one opened when needed
                    self._open(server)
        for channel in [c for c in self._retired if not c.pending]:
            self._retired.remove(channel)
            self._shut(channel)

    def _every_channel(self) -> list[Channel]:
        return [*self._retired, *chain.from_iterable(self._channels.values())]

    def _open(self, server: Server) -> None:
        channel = Channel.open(server)
        self._channels[server].append(channel)
        self._selector.register(channel.socket, selectors.EVENT_READ, channel)

    def _shut(self, channel: Channel) -> None:
        self._selector.unregister(channel.socket)
        channel.socket.close()
