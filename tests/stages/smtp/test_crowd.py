"""Many probes on a busy loop: what the peer says may be there before we know we are connected."""

import asyncio
import socket
import threading
import time
from collections import Counter

import uvloop

from schemas.smtp import Smtp
from stages.enrich.special import Scope
from stages.smtp.probe import Prober, ProbeSettings
from stages.smtp.stage import SmtpStage, Target
from stages.smtp.tls import client_context

CLIENTS = 100
SETTINGS = ProbeSettings("census.example.org", scope=Scope.LOOPBACK, banner=2, ehlo=2, quit=0.1)


def greet(server: socket.socket, clients: list[socket.socket]) -> None:
    """Greet every client at once, then say no more."""
    for _ in range(CLIENTS):
        client, _ = server.accept()
        client.sendall(b"220 mx.example.net ESMTP\r\n")
        clients.append(client)


async def probe_all(port: int) -> Counter[str]:
    stage = SmtpStage(Prober(SETTINGS, client_context()))
    probes = [asyncio.create_task(stage(Target("127.0.0.1", port, None))) for _ in range(CLIENTS)]
    for _ in range(20):
        await asyncio.sleep(0)
        time.sleep(0.01)  # the loop is busy with others while greetings arrive
    rows = [emit.rows[0] for emit in await asyncio.gather(*probes)]
    return Counter(row.step for row in rows if isinstance(row, Smtp) and row.banner)


def test_a_greeting_that_comes_with_the_connection_is_kept() -> None:
    clients: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=CLIENTS) as server:
        thread = threading.Thread(target=greet, args=(server, clients))
        thread.start()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            steps = runner.run(probe_all(server.getsockname()[1]))
        thread.join()
    for client in clients:
        client.close()
    assert steps == {"ehlo": CLIENTS}
