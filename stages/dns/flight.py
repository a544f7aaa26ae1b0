"""Questions on their way: the batch they came in, the look-up of each, what waits for a turn."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.answer import Answer, Question
from stages.dns.message import QName
from stages.dns.reply import Reply
from stages.dns.server import Server

if TYPE_CHECKING:
    from stages.dns.channel import Channel

_tuple = tuple.__new__  # makes a named tuple at half the price of calling its class
_TELLING = (Outcome.UNREACHABLE, Outcome.TIMEOUT, Outcome.MALFORMED)
"""Failures that say less than any response code does, the one that says least first."""


Fault = tuple[Server, float, bool]
"""An attempt that failed: where, when it was sent, and whether an answer said so."""


class Batch:
    """The questions of one ask and the future that ends it."""

    __slots__ = ("future", "missing", "name", "places", "qname", "questions", "size", "started")

    qname: QName

    def __init__(self, questions: Sequence[Question], future: asyncio.Future[list[Answer]]) -> None:
        self.questions = questions
        self.future = future
        self.size = self.missing = len(questions)
        self.places: list[Answer | Lookup | None] = [None] * self.size
        """For each question, in order: nothing yet, its look-up while that lives, its answer."""
        self.started = 0
        self.name: str | None = None
        """The name that qname is of, the last that was asked for: several types are, mostly."""

    def clear(self) -> list["Lookup"]:
        """Take out the look-ups that have begun and not ended."""
        live = [place for place in self.places if isinstance(place, Lookup)]
        self.places = [None] * self.size
        return live

    def settle(self, index: int, answer: Answer) -> None:
        """Take an answer; the last one ends the batch."""
        self.places[index] = answer
        self.missing -= 1
        if not self.missing and not self.future.done():
            self.future.set_result(self.places)  # type: ignore[arg-type]  # answers, all of them

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
        "faults",
        "index",
        "message_id",
        "question",
        "section",
        "sent",
        "server",
        "task",
    )

    message_id: bytes
    section: bytes
    sent: float
    """By time.perf_counter, of the last attempt."""

    def __init__(self, batch: Batch, index: int, asked: int) -> None:
        self.batch = batch
        self.index = index
        self.question = batch.questions[index]
        self.asked = asked
        self.attempts = 0
        self.server: Server | None = None
        self.channel: Channel | None = None
        self.task: asyncio.Task[None] | None = None
        self.failure: Query | None = None
        self.faults: tuple[Fault, ...] = ()

    def query(self, outcome: Outcome, *, tcp: bool = False) -> Query:
        """The account so far, of an attempt that no readable reply came of."""
        answerer = self.server if outcome is Outcome.MALFORMED else None
        label = answerer.label if answerer else None
        return Query(outcome, None, None, None, label, self.attempts, tcp)

    def answer(self, reply: Reply, rtt: float, *, tcp: bool, secure: bool) -> Answer:
        """The answer that a server's reply, after rtt seconds, makes."""
        assert self.server is not None
        outcome, rcode, ttl, records, chain = reply
        label = self.server.label
        account = (outcome, rcode, ttl, rtt * 1000, label, self.attempts, tcp, secure)
        return _tuple(Answer, (self.question, self.asked, _tuple(Query, account), records, chain))

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


class Retries:
    """Look-ups to be sent again, by the server that failed them last.

    Queues of their own, so that one that waits for another server holds up nobody else.
    """

    def __init__(self) -> None:
        self.queues: dict[Server | None, deque[Lookup]] = {}
        """None of them empty."""

    def __len__(self) -> int:
        return sum(map(len, self.queues.values()))

    def __iter__(self) -> Iterator[Lookup]:
        return (lookup for queue in self.queues.values() for lookup in queue)

    def add(self, lookup: Lookup) -> None:
        """Let it wait."""
        self.queues.setdefault(lookup.server, deque()).append(lookup)

    def pop(self, avoided: Server | None) -> Lookup:
        """Take out the one that waits longest of those that avoid a server."""
        queue = self.queues[avoided]
        lookup = queue.popleft()
        if not queue:
            del self.queues[avoided]
        return lookup

    def put_back(self, lookup: Lookup) -> None:
        """Let it wait in front of the others."""
        self.queues.setdefault(lookup.server, deque()).appendleft(lookup)

    def discard(self, lookup: Lookup) -> None:
        """Take one out, wherever it is."""
        queue = self.queues.get(lookup.server)
        if queue is not None and lookup in queue:
            queue.remove(lookup)
            if not queue:
                del self.queues[lookup.server]
