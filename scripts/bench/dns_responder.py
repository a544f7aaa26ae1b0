"""A name server that answers any question with one MX record, late, and sometimes not at all.

    python -m scripts.bench.dns_responder PORT [--delay 0.03] [--loss 0.01]

One process, one socket, a queue: no server, but quick enough to measure how a client bears
delay and loss. Ends with its standard input.
"""

import argparse
import random
import select
import socket
import sys
import time
from collections import deque

_FLAGS_AND_COUNTS = b"\x81\x80\0\1\0\1\0\0\0\0"
_MX = b"\xc0\x0c\0\x0f\0\1\0\0\1\x2c\0\x08\0\x0a\3mx1\xc0\x0c"
_BURST = 64


def answer(query: bytes) -> bytes:
    """A response to a query of one question."""
    behind = query.index(b"\0", 12) + 5
    return query[:2] + _FLAGS_AND_COUNTS + query[12:behind] + _MX


def serve(sock: socket.socket, delay: float, loss: float, dice: random.Random) -> None:
    """Answer until standard input ends."""
    due: deque[tuple[float, bytes, tuple[str, int]]] = deque()
    while True:
        patience = max(0.0, due[0][0] - time.monotonic()) if due else 1.0
        readable, _, _ = select.select([sock, sys.stdin], [], [], patience)
        if sys.stdin in readable:
            return
        for _ in range(_BURST if readable else 0):
            try:
                query, client = sock.recvfrom(512)
            except BlockingIOError:
                break
            if dice.random() >= loss:
                due.append((time.monotonic() + delay, answer(query), client))
        now = time.monotonic()
        while due and due[0][0] <= now:
            _, response, client = due.popleft()
            sock.sendto(response, client)


def main() -> None:
    """Bind, tell so, serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds")
    parser.add_argument("--loss", type=float, default=0.0, help="share of the answers")
    options = parser.parse_args()
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.setblocking(False)  # noqa: FBT003
        sock.bind(("127.0.0.1", options.port))
        print("ready", flush=True)
        serve(sock, options.delay, options.loss, random.Random(1))


if __name__ == "__main__":
    main()
