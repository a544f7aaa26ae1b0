"""The bulk resolver: questions by the million to a few recursive servers, over UDP.

A question goes to the server with fewest in flight. No answer in time, an ICMP error, an answer
that cannot be read, SERVFAIL and REFUSED are failed attempts: the next one goes to another server
if there is one, under a new id. A truncated answer is fetched over TCP from the same server. When
the attempts are used up by SERVFAIL, silence or unreadable answers, a second opinion, if there
is one, decides. An answer counts only if it comes to the socket that asked, from the address
asked, with the id, name (its letters' case too), type and class asked for.

Two caps hold the load: questions begun and not answered, over all servers, and questions in
flight at each server, of which window finds out how many it can take. Batches beyond them wait,
and each in turn gets to send a question. A question that failed at one server and got an answer
later is held against that server; one that fails everywhere speaks of its own domain.
Nothing is kept per question that is not in flight; one sweeper finds what is overdue.
"""

import asyncio
import errno
from collections import deque
from collections.abc import Iterable, Sequence
from time import perf_counter, time

from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.answer import Answer, Question
from stages.dns.channel import Channel
from stages.dns.detour import Detours, SecondOpinion
from stages.dns.entropy import Entropy
from stages.dns.fleet import Fleet
from stages.dns.flight import Batch, Fault, Lookup, Retries
from stages.dns.message import HEADER, authenticated, echoes, truncated
from stages.dns.name import InvalidName, MalformedMessage
from stages.dns.reply import read_reply
from stages.dns.server import Server, ServerHealth
from stages.dns.settings import UdpSettings

_MAX_DATAGRAM = 4096
_BURST = 64  # datagrams read from one socket before the others get their turn
_NO_ROOM = (errno.EAGAIN, errno.ENOBUFS)
_HEADER_SIZE = HEADER.size
_PACE = 0.02  # seconds between two helpings under a rate cap
_FAILURES = frozenset(outcome for outcome in Outcome if outcome.transient)


class UdpResolver:
    """A Resolver over UDP; to be used as an async context manager, or with start and close."""

    def __init__(
        self,
        servers: Sequence[tuple[str, int]],
        settings: UdpSettings = UdpSettings(),  # noqa: B008  (frozen)
        second_opinion: SecondOpinion | None = None,
    ) -> None:
        self._settings = settings
        self._fleet = Fleet(servers, settings)
        self._waiting: deque[Batch] = deque()
        self._retries = Retries()
        self._active = 0
        self._due = False
        """Whether the loop will see to it that what waits is sent."""
        self._entropy = Entropy()
        self._detours = Detours(self._fleet, self._entropy, settings, second_opinion)
        self._mix_case = settings.mix_case
        self._epoch = time() - perf_counter()
        """What makes a moment of perf_counter one since 1970; the wall clock may be set."""

    async def start(self) -> None:
        """Begin to work on the running loop; OSError if there are not enough open files."""
        self._loop = asyncio.get_running_loop()
        self._detours.start(self._fill)
        interval = min(max(self._settings.timeout / 20, 0.005), 0.1)
        self._sweep_interval = min(interval, _PACE) if self._fleet.paced else interval
        self._fleet.start(self._loop, self._readable)
        self._await_sweep()

    async def close(self) -> None:
        """Let go of everything; an ask that still waits is cancelled."""
        self._timer.cancel()
        lookups = [*self._retries, *self._detours, *self._fleet.in_flight()]
        for batch in {*self._waiting, *(lookup.batch for lookup in lookups)}:
            batch.future.cancel()
            self._abandon(batch)
        self._fleet.close()
        await self._detours.close()

    async def __aenter__(self) -> "UdpResolver":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers, in the order of the questions; every one has an outcome."""
        if not questions:
            return []
        batch = Batch(questions, self._loop.create_future())
        self._waiting.append(batch)
        if not self._due:
            self._due = True
            self._loop.call_soon(self._fill)  # once for all who ask in this turn of the loop
        try:
            return await batch.future
        except BaseException:  # cancelled, or a bug
            self._abandon(batch)
            raise

    def health(self) -> tuple[ServerHealth, ...]:
        """How each server does, in the order given."""
        return self._fleet.health()

    # Sending

    def _fill(self) -> None:
        """Send what the caps permit: what is sent again and what is new, by turns."""
        waiting, limit, choose = self._waiting, self._settings.max_in_flight, self._fleet.choose
        retries = self._retries
        self._due = False
        while True:
            again = retries.queues and self._send_again()
            if waiting and self._active < limit and (server := choose(None)):
                lookup = self._begin(waiting)
                if not self._send(lookup, server):
                    retries.put_back(lookup)
                    return
            elif not again:
                return

    def _send_again(self) -> bool:
        """Send one question again, to another server than last time; False if none can be."""
        for avoided in list(self._retries.queues):
            if server := self._fleet.choose(avoided):
                lookup = self._retries.pop(avoided)
                if self._send(lookup, server):
                    return True
                self._retries.put_back(lookup)
        return False

    def _begin(self, waiting: deque[Batch]) -> Lookup:
        """The next question of the batch whose turn it is."""
        batch = waiting[0]
        index = batch.started
        asked = int((perf_counter() + self._epoch) * 1e6)
        batch.places[index] = lookup = Lookup(batch, index, asked)
        batch.started = index + 1
        self._active += 1
        if index + 1 == batch.size:
            waiting.popleft()
        else:
            waiting.rotate(-1)
        return lookup

    def _send(self, lookup: Lookup, server: Server) -> bool:
        """Send a question; False if the socket has no room for it now."""
        try:
            channel = self._fleet.channel(server)
            try:
                channel.send(lookup, self._entropy, mix_case=self._mix_case)
            except ConnectionRefusedError:  # speaks of datagrams before this one
                self._refused(channel)
                channel.send(lookup, self._entropy, mix_case=self._mix_case)
        except InvalidName:
            self._finish(lookup, lookup.conclude(lookup.query(Outcome.INVALID_NAME)))
        except OSError as error:
            if error.errno in _NO_ROOM:
                return False
            lookup.attempts += 1
            lookup.server = server
            lookup.sent = perf_counter()
            self._lost(lookup, server, Outcome.UNREACHABLE)
        except Exception as bug:  # noqa: BLE001  (whoever asked gets it, not who asks now)
            lookup.batch.fail(bug)
        return True

    # Receiving

    def _readable(self) -> None:
        for channel in self._fleet.ready():
            receive, received = channel.receive, self._received
            try:
                for _ in range(_BURST):
                    received(channel, receive(_MAX_DATAGRAM))
            except BlockingIOError:
                pass
            except OSError:
                self._refused(channel)
        self._fill()

    def _received(self, channel: Channel, data: bytes) -> None:
        lookup = channel.pending.get(data[:2])
        server = channel.server
        if lookup is None:
            server.strays += 1
        elif not echoes(data, lookup.section):
            server.mismatches += 1
        else:
            now = perf_counter()
            rtt = now - lookup.sent
            channel.take(lookup)
            server.answered(rtt, now)
            if truncated(data):
                self._detours.hand_over(lookup, self._ask_tcp(lookup, server))
            else:
                self._read(lookup, data, rtt)

    def _read(self, lookup: Lookup, data: bytes, rtt: float, *, tcp: bool = False) -> None:
        """Take a reply that echoes the question."""
        try:
            reply = read_reply(data, lookup.question, _HEADER_SIZE + len(lookup.section))
        except MalformedMessage:
            self._failed(lookup, lookup.query(Outcome.MALFORMED, tcp=tcp))
            return
        except Exception as bug:  # noqa: BLE001  (whoever asked gets it)
            lookup.batch.fail(bug)
            return
        answer = lookup.answer(reply, rtt, tcp=tcp, secure=authenticated(data))
        if reply.outcome in _FAILURES:
            self._failed(lookup, answer.query)
        else:
            assert lookup.server is not None
            lookup.server.failed_in_row = 0
            self._finish(lookup, answer)

    def _finish(self, lookup: Lookup, answer: Answer) -> None:
        self._active -= 1
        if lookup.faults and answer.outcome not in _FAILURES:
            self._blame(lookup.faults)
        lookup.batch.settle(lookup.index, answer)

    # Failing

    def _refused(self, channel: Channel) -> None:
        """An ICMP error: nobody takes what this socket sends."""
        for lookup in list(channel.pending.values()):
            channel.take(lookup)
            self._lost(lookup, channel.server, Outcome.UNREACHABLE)

    def _lost(self, lookup: Lookup, server: Server, outcome: Outcome) -> None:
        server.lost(lookup.sent)
        self._fleet.failed(server)
        self._failed(lookup, lookup.query(outcome))

    def _failed(self, lookup: Lookup, failure: Query) -> None:
        """After an attempt that failed: another one, a second opinion, or the end."""
        lookup.remember(failure)
        if lookup.server is not None:
            lookup.faults += ((lookup.server, lookup.sent, failure.rcode is not None),)
        if lookup.attempts < self._settings.attempts:
            self._retries.add(lookup)
        elif self._detours.doubts(lookup):
            self._detours.hand_over(lookup, self._ask_other(lookup))
        else:
            self._finish(lookup, lookup.surrender())

    def _blame(self, faults: Iterable[Fault]) -> None:
        """Tell servers that a question failed there that has an answer."""
        now = perf_counter()
        for server, sent, refused in faults:
            server.blame(sent, now, refused=refused)
            self._fleet.failed(server)

    def _sweep(self) -> None:
        """Find what is overdue, over and over."""
        for lookup, server in self._fleet.overdue(self._sweep_at):
            self._lost(lookup, server, Outcome.TIMEOUT)
        self._fleet.review()
        self._fleet.renew()
        self._epoch = time() - perf_counter()
        self._await_sweep()
        self._fill()

    def _await_sweep(self) -> None:
        self._sweep_at = perf_counter() + self._sweep_interval
        self._timer = self._loop.call_later(self._sweep_interval, self._sweep)

    # Other ways to an answer

    async def _ask_tcp(self, lookup: Lookup, server: Server) -> None:
        """Ask the server again over TCP; what fails there is a failed attempt."""
        came = await self._detours.by_tcp(lookup, server)
        if isinstance(came, Query):
            self._failed(lookup, came)
        else:
            self._read(lookup, *came, tcp=True)

    async def _ask_other(self, lookup: Lookup) -> None:
        """Ask for a second opinion, the last word."""
        self._finish(lookup, await self._detours.opinion(lookup))

    def _abandon(self, batch: Batch) -> None:
        """Forget what is left of a batch: nobody waits for it."""
        if batch in self._waiting:
            self._waiting.remove(batch)
        for lookup in batch.clear():
            self._active -= 1
            if lookup.channel is not None:
                lookup.channel.take(lookup)
            elif lookup.task is not None:
                lookup.task.cancel()
            else:
                self._retries.discard(lookup)
        self._loop.call_soon(self._fill)
