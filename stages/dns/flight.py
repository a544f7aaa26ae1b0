"""Questions on their way: the batch they came in, the look-up of each, the socket it went by."""

import asyncio
import socket
import time
from collections.abc import Sequence
from time import perf_counter

from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.answer import Answer, Question
from stages.dns.entropy import Entropy
from stages.dns.message import encode_query, encode_question
from stages.dns.reply import Reply
from stages.dns.server import Server

_BUFFER = 1 << 20  # bytes that the kernel may hold for us, so that no burst of answers is lost
_TELLING = (Outcome.UNREACHABLE, Outcome.TIMEOUT, Outcome.MALFORMED)
"""Failures that say less than any response code does, the one that says least first."""


class Batch:
    """The questions of one ask and the future that ends it."""

    __slots__ = ("answers", "future", "live", "missing", "questions", "started")

    def __init__(self, questions: Sequence[Question], future: asyncio.Future[None]) -> None:
        self.questions = questions
        self.future = future
        self.answers: list[Answer | None] = [None] * len(questions)
        self.missing = len(questions)
        self.started = 0
        self.live: set[Lookup] = set()

    def settle(self, index: int, answer: Answer) -> None:
        """Take an answer; the last one ends the batch."""
        self.answers[index] = answer
        self.missing -= 1
        if not self.missing and not self.future.done():
            self.future.set_result(None)

    def fail(self, bug: BaseException) -> None:
        """End the batch with an error of ours."""
        if not self.future.done():
            self.future.set_exception(bug)


class Lookup:
    """One question, from its first sending to its answer.

    It is in exactly one place: in flight by a channel, in the hands of a task (TCP, second
    opinion), or waiting to be sent again.
    """

    __slots__ = (
        "asked",
        "attempts",
        "batch",
        "channel",
        "failure",
        "index",
        "message_id",
        "question",
        "section",
        "sent",
        "server",
        "task",
    )

    def __init__(self, batch: Batch, index: int) -> None:
        self.batch = batch
        self.index = index
        self.question = batch.questions[index]
        self.asked = time.time_ns() // 1000
        self.attempts = 0
        self.server: Server | None = None
        self.channel: Channel | None = None
        self.task: asyncio.Task[None] | None = None
        self.failure: Query | None = None
        self.message_id = self.section = b""
        self.sent = 0.0

    def query(self, outcome: Outcome, *, tcp: bool = False) -> Query:
        """The account so far, of an attempt that no readable reply came of."""
        answerer = self.server if outcome is Outcome.MALFORMED else None
        label = answerer.label if answerer else None
        return Query(outcome, None, None, None, label, self.attempts, tcp)

    def answer(self, reply: Reply, rtt: float, *, tcp: bool) -> Answer:
        """The answer that a server's reply, after rtt seconds, makes."""
        assert self.server is not None
        outcome, rcode, ttl, records, chain = reply
        query = Query(outcome, rcode, ttl, rtt * 1000, self.server.label, self.attempts, tcp)
        return Answer(self.question, self.asked, query, records, chain)

    def remember(self, failure: Query) -> None:
        """Keep the failure that says most, the later one of equals."""
        if self.failure is None or _telling(failure) >= _telling(self.failure):
            self.failure = failure

    def surrender(self) -> Answer:
        """The answer when no attempt brought a better one."""
        assert self.failure is not None
        return self.conclude(self.failure)

    def conclude(self, query: Query) -> Answer:
        """The answer without records that an account of its last attempt makes."""
        return Answer(self.question, self.asked, query._replace(attempts=self.attempts))


def _telling(query: Query) -> int:
    return _TELLING.index(query.outcome) if query.outcome in _TELLING else len(_TELLING)


class Channel:
    """A UDP socket connected to a server, and what is in flight by it, oldest first.

    Being connected, it gets a random port of the kernel, no datagrams of others, and the ICMP
    errors that its own datagrams cause.
    """

    __slots__ = ("pending", "receive", "sent", "server", "socket")

    def __init__(self, server: Server, connected: socket.socket) -> None:
        self.server = server
        self.socket = connected
        self.receive = connected.recv
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
        noise = entropy.take(len(lookup.question.name) + 2) if mix_case else None
        lookup.section = encode_question(lookup.question, noise)
        message_id = entropy.take(2)
        while message_id in self.pending:
            message_id = entropy.take(2)
        self.socket.send(encode_query(message_id, lookup.section))
        lookup.message_id = message_id
        lookup.channel = self
        lookup.server = self.server
        lookup.sent = perf_counter()
        lookup.attempts += 1
        self.pending[message_id] = lookup
        self.sent += 1
        self.server.sent += 1
        self.server.in_flight += 1

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
