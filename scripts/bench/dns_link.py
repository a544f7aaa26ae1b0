"""A slow link in front of a DNS server: answers come late, and over UDP some never come.

    with link(port, delay=0.03, loss=0.01) as near_port: …
    python -m scripts.bench.dns_link PORT SERVER_PORT [--delay 0.03] [--loss 0.01]

One process on the servers' core, both ports on 127.0.0.1. Every client port gets an upstream
port of its own, the least recently used ones being closed. What TCP says comes late, too.
Ends with its standard input.
"""

import argparse
import asyncio
import random
import socket
import sys
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager

import uvloop

from scripts.bench.machine import beside, theirs
from scripts.world.nsd import free_port

_BURST = 256
_TICK = 0.001
_PORTS = 256
_BUFFER = 1 << 23
Client = tuple[str, int]


class Link:
    """The UDP side: what is under way, and to whom."""

    def __init__(self, near: socket.socket, server: Client, delay: float, loss: float) -> None:
        self._near = near
        self._server = server
        self._delay = delay
        self._loss = loss
        self._dice = random.Random(1)
        self._far: OrderedDict[Client, socket.socket] = OrderedDict()
        self._due: deque[tuple[float, bytes, Client]] = deque()
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Carry packets until cancelled."""
        self._loop.add_reader(self._near, self._ask)
        while True:
            await asyncio.sleep(_TICK)
            now = self._loop.time()
            while self._due and self._due[0][0] <= now:
                _, response, client = self._due.popleft()
                self._near.sendto(response, client)

    def _ask(self) -> None:
        for _ in range(_BURST):
            try:
                query, client = self._near.recvfrom(4096)
            except BlockingIOError:
                return
            self._upstream(client).send(query)

    def _upstream(self, client: Client) -> socket.socket:
        far = self._far.get(client)
        if far is None:
            far = _udp()
            far.connect(self._server)
            self._far[client] = far
            self._loop.add_reader(far, self._answer, far, client)
            if len(self._far) > _PORTS:
                _, oldest = self._far.popitem(last=False)
                self._loop.remove_reader(oldest)
                oldest.close()
        return far

    def _answer(self, far: socket.socket, client: Client) -> None:
        late = self._loop.time() + self._delay
        for _ in range(_BURST):
            try:
                response = far.recv(4096)
            except BlockingIOError:
                return
            if not self._delay and not self._loss:
                self._near.sendto(response, client)
            elif self._dice.random() >= self._loss:
                self._due.append((late, response, client))


def _udp() -> socket.socket:
    sock = socket.socket(type=socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    sock.setblocking(False)  # noqa: FBT003
    return sock


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    try:
        while data := await reader.read(1 << 16):
            await asyncio.sleep(delay)
            if writer.is_closing():
                return
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # a peer that went away: so does the other side
    finally:
        writer.close()


async def serve(port: int, server: Client, delay: float, loss: float) -> None:
    """Carry UDP and TCP until standard input ends."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*server)
        await asyncio.gather(_carry(reader, far_writer, 0.0), _carry(far_reader, writer, delay))

    with _udp() as near:
        near.bind(("127.0.0.1", port))
        async with await asyncio.start_server(connected, "127.0.0.1", port):
            carrying = asyncio.create_task(Link(near, server, delay, loss).run())
            print("ready", flush=True)
            ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
            await asyncio.wait({carrying, ended}, return_when=asyncio.FIRST_COMPLETED)
            carrying.cancel()


@contextmanager
def link(server_port: int, delay: float, loss: float) -> Iterator[int]:
    """The near port of a link in a process of its own."""
    port = free_port()
    words = ("scripts.bench.dns_link", port, server_port, "--delay", delay, "--loss", loss)
    with beside(theirs(), *words):
        yield port


def main() -> None:
    """Serve between two ports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("server_port", type=int)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds")
    parser.add_argument("--loss", type=float, default=0.0, help="share of the answers")
    options = parser.parse_args()
    server = ("127.0.0.1", options.server_port)
    uvloop.run(serve(options.port, server, options.delay, options.loss))


if __name__ == "__main__":
    main()
