"""Other ways to an answer than UDP: TCP after truncation, and the second opinion.

Each is a task that holds its look-up until it ends. What they send counts against the rate caps of
the servers like any datagram: a question takes a token on credit and waits until it is earned,
and meanwhile UDP has none. The second opinion chooses its server itself, so it takes one of each.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Protocol

from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.answer import Answer, Question, RRType
from stages.dns.entropy import Entropy
from stages.dns.fleet import Fleet
from stages.dns.flight import Lookup
from stages.dns.message import echoes, encode_query, truncated
from stages.dns.server import Server
from stages.dns.settings import UdpSettings
from stages.dns.tcp import exchange

_DOUBTED = frozenset({Outcome.SERVFAIL, Outcome.TIMEOUT, Outcome.MALFORMED})

Pace = Callable[[], Awaitable[None]]
"""To be awaited before each exchange, as often as it takes."""


class SecondOpinion(Protocol):
    """A resolver of other make, asked when the attempts of the first are used up."""

    @property
    def types(self) -> frozenset[RRType]:
        """The types it can be asked for."""
        ...

    async def consult(self, question: Question, pace: Pace) -> Answer:
        """Its answer; attempts says how many exchanges it took."""
        ...


class Detours:
    """The tasks under way."""

    def __init__(
        self,
        fleet: Fleet,
        entropy: Entropy,
        settings: UdpSettings,
        second_opinion: SecondOpinion | None,
    ) -> None:
        self._fleet = fleet
        self._entropy = entropy
        self._settings = settings
        self._second_opinion = second_opinion
        self._tasks: dict[asyncio.Task[None], Lookup] = {}

    def start(self, ended: Callable[[], None]) -> None:
        """Begin to work on the running loop; ended is called after each task."""
        self._tcp_slots = asyncio.Semaphore(self._settings.tcp_in_flight)
        self._ended = ended

    async def close(self) -> None:
        """Wait for the tasks, which whoever abandons their look-ups has cancelled."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def __iter__(self) -> Iterator[Lookup]:
        return iter(self._tasks.values())

    def hand_over(self, lookup: Lookup, work: Coroutine[object, object, None]) -> None:
        """Let a task bring the answer; its bugs reach whoever asked."""
        lookup.task = asyncio.get_running_loop().create_task(work)
        self._tasks[lookup.task] = lookup
        lookup.task.add_done_callback(self._handed_back)

    def _handed_back(self, task: asyncio.Task[None]) -> None:
        lookup = self._tasks.pop(task)
        lookup.task = None if lookup.task is task else lookup.task
        if not task.cancelled() and (bug := task.exception()):
            lookup.batch.fail(bug)
        self._ended()

    async def by_tcp(self, lookup: Lookup, server: Server) -> tuple[bytes, float] | Query:
        """What the server says over TCP and the seconds it took, or how the attempt failed."""
        query = encode_query(self._entropy.take(2), lookup.section)
        async with self._tcp_slots:
            await _pace((server,))
            lookup.attempts += 1
            try:
                data, rtt = await exchange(server.address, query, self._settings.timeout)
            except TimeoutError:
                return lookup.query(Outcome.TIMEOUT)
            except (OSError, EOFError):
                return lookup.query(Outcome.UNREACHABLE)
        if data[:2] == query[:2] and echoes(data, lookup.section) and not truncated(data):
            return data, rtt
        return lookup.query(Outcome.MALFORMED, tcp=True)

    def doubts(self, lookup: Lookup) -> bool:
        """Whether there is a second opinion to be had on a question that failed."""
        other = self._second_opinion
        return (
            other is not None
            and lookup.surrender().outcome in _DOUBTED
            and lookup.question.type in other.types
        )

    async def opinion(self, lookup: Lookup) -> Answer:
        """The second opinion if it is definite, else how the question failed before.

        "No records" is not, where what came could not be read: c-ares passes over such records.
        """
        assert self._second_opinion is not None
        answer = await self._second_opinion.consult(
            lookup.question, lambda: _pace(self._fleet.servers)
        )
        lookup.attempts += answer.query.attempts
        unreadable = lookup.surrender().outcome is Outcome.MALFORMED
        if not answer.outcome.answered or (unreadable and answer.outcome is Outcome.NODATA):
            return lookup.surrender()
        query = answer.query._replace(attempts=lookup.attempts)
        return answer._replace(asked=lookup.asked, query=query)


async def _pace(servers: Iterable[Server]) -> None:
    """Wait until the rate caps of all these servers permit another question."""
    delay = max(server.reserve() for server in servers)
    if delay > 0:
        await asyncio.sleep(delay)
