"""The second opinion, and look-ups of low volume: aiodns, which is c-ares, over TCP.

Another implementation than the bulk client's, by the transport that neither loses nor cuts
answers. Each question has a channel of c-ares, and so a connection, to itself while it is asked:
on a shared one, an answer that c-ares cannot read, or a server that hangs up, ends everybody's.
A channel is used again as long as it gets answers; it then also guesses how long to wait, down
to a quarter of a second, so a question that it gave up early is asked again by a new one.

See ares for what c-ares does not tell; attempts counts an exchange as one.
"""

import asyncio
import time
from collections.abc import Sequence
from time import perf_counter

from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.answer import Answer, Question, RRType
from stages.dns.ares import Ares
from stages.dns.detour import Pace
from stages.dns.name import InvalidName, to_wire
from stages.dns.reply import Reply
from stages.dns.server import label

_CHANNELS = 64  # at once; idle ones hold no connection
_PATIENCE = 4  # timeouts to wait for a channel
_EARLY = 0.9  # of the timeout
_BROKEN = frozenset({Outcome.MALFORMED, Outcome.UNREACHABLE, Outcome.TIMEOUT})
_ONION = Reply(Outcome.NXDOMAIN, None)  # never asked for (RFC 7686 section 2)
_UNHEARD = Reply(Outcome.TIMEOUT, None)


async def _no_pace() -> None:
    """There is no rate to keep."""


class AiodnsResolver:
    """A Resolver for few questions; an async context manager, to be entered after any fork.

    Where more wait for a channel than can be served in a while, in a wave of silence, the
    rest end as time-outs that were never sent.
    """

    types = frozenset(RRType) - {RRType.TLSA, RRType.CAA}
    """What aiodns can be asked for; it has no TLSA, and cuts the value of CAA at a zero byte."""

    def __init__(self, servers: Sequence[tuple[str, int]], timeout: float = 5.0) -> None:
        self._servers = [label(server) for server in servers]
        self._timeout = timeout
        self._idle: list[Ares] = []
        self._busy: set[Ares] = set()

    async def start(self) -> None:
        """Begin to work on the running loop."""
        self._places = asyncio.Semaphore(_CHANNELS)
        self._closed = False

    async def close(self) -> None:
        """End what still runs."""
        self._closed = True
        for ares in (*self._idle, *self._busy):
            await ares.close()
        self._idle.clear()

    async def __aenter__(self) -> "AiodnsResolver":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers, in the order of the questions; ValueError for a type it does not do."""
        return list(await asyncio.gather(*(self.consult(question) for question in questions)))

    async def consult(self, question: Question, pace: Pace = _no_pace) -> Answer:
        """One answer; pace is awaited before each exchange."""
        if question.type not in self.types:
            raise ValueError(f"aiodns cannot be asked for {question.type.name}")
        asked = time.time_ns() // 1000
        reply, seconds, attempts = _unasked(question.name), 0.0, 0
        if reply is None:
            reply, seconds, attempts = await self._in_turn(question, pace)
        outcome, rcode, ttl, records, chain = reply
        answered = attempts > 0 and (rcode is not None or outcome is Outcome.MALFORMED)
        rtt = seconds * 1000 if answered else None
        server = self._servers[0] if answered and len(self._servers) == 1 else None
        query = Query(outcome, rcode, ttl, rtt, server, attempts, tcp=answered)
        return Answer(question, asked, query, records, chain)

    async def _in_turn(self, question: Question, pace: Pace) -> tuple[Reply, float, int]:
        """A reply, the seconds it took, and how many exchanges it took."""
        try:
            async with asyncio.timeout(_PATIENCE * self._timeout):
                await self._places.acquire()
        except TimeoutError:
            return _UNHEARD, 0.0, 0
        try:
            await pace()
            reply, seconds = await self._exchange(
                question, self._idle.pop() if self._idle else None
            )
            if reply.outcome is Outcome.INVALID_NAME:
                return reply, 0.0, 0
            early = reply.outcome is Outcome.TIMEOUT and seconds < _EARLY * self._timeout
            if not early or self._closed:
                return reply, seconds, 1
            await pace()
            return *await self._exchange(question, None), 2
        finally:
            self._places.release()

    async def _exchange(self, question: Question, ares: Ares | None) -> tuple[Reply, float]:
        """A reply by a channel, or a new one, and the seconds it took."""
        ares = ares or Ares(self._servers, self._timeout)
        reply = _UNHEARD
        self._busy.add(ares)
        sent = perf_counter()
        try:
            reply = await ares.exchange(question)
        finally:  # one that was cancelled goes on asking, so nobody else may have it
            seconds = perf_counter() - sent
            self._busy.discard(ares)
            if reply.outcome in _BROKEN:
                await ares.close()
            else:
                self._idle.append(ares)
        return reply, seconds


def _unasked(name: str) -> Reply | None:
    """How a question ends that c-ares would answer or refuse by itself."""
    try:
        to_wire(name)
    except InvalidName:
        return Reply(Outcome.INVALID_NAME, None)
    return _ONION if name.rpartition(".")[2] == "onion" else None
