"""A UDP socket to a server, and the questions in flight by it."""

import socket
from time import perf_counter

from stages.dns.entropy import Entropy
from stages.dns.flight import Lookup
from stages.dns.message import QUERY_HEAD, QUERY_OPT, encode_question, prepare
from stages.dns.server import Server

_BUFFER = 1 << 20  # bytes that the kernel may hold for us, so that no burst of answers is lost


class Channel:
    """A UDP socket connected to a server, and what is in flight by it, oldest first.

    Being connected, it gets a random port of the kernel, no datagrams of others, and the ICMP
    errors that its own datagrams cause.
    """

    __slots__ = ("_send", "pending", "receive", "sent", "server", "socket")

    def __init__(self, server: Server, connected: socket.socket) -> None:
        self.server = server
        self.socket = connected
        self.receive = connected.recv
        self._send = connected.send
        self.pending: dict[bytes, Lookup] = {}
        self.sent = 0

    @classmethod
    def open(cls, server: Server) -> "Channel":
        """A new socket to the server; OSError if there is no socket to have, or no route."""
        family = socket.AF_INET6 if ":" in server.address[0] else socket.AF_INET
        connected = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            connected.connect(server.address)
        except OSError:
            connected.close()
            raise
        return cls(server, connected)

    def send(self, lookup: Lookup, entropy: Entropy, *, mix_case: bool) -> None:
        """Send a question under a fresh id; InvalidName or OSError if it cannot be sent."""
        name, rrtype = lookup.question
        batch = lookup.batch
        if name != batch.name:
            batch.qname = prepare(name, mix_case=mix_case)
            batch.name = name
        qname = batch.qname
        noise = entropy.take(qname.size + 2)
        lookup.section = section = encode_question(qname, rrtype, noise)
        pending = self.pending
        message_id = noise[:2]  # bytes that no case is mixed with
        while message_id in pending:
            message_id = entropy.take(2)
        self._send(message_id + QUERY_HEAD + section + QUERY_OPT)
        lookup.sent = perf_counter()
        lookup.message_id = message_id
        lookup.channel = self
        lookup.server = server = self.server
        lookup.attempts += 1
        pending[message_id] = lookup
        self.sent += 1
        server.sent += 1
        server.in_flight += 1
        server.tokens -= 1.0

    def overdue(self, before: float) -> list[Lookup]:
        """Take out what was sent before a moment and never answered."""
        late = []
        for lookup in self.pending.values():
            if lookup.sent >= before:
                break
            late.append(lookup)
        for lookup in late:
            self.take(lookup)
        return late

    def take(self, lookup: Lookup) -> None:
        """Take a look-up out: it is no longer in flight here."""
        del self.pending[lookup.message_id]
        lookup.channel = None
        self.server.in_flight -= 1
