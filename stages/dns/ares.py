"""One c-ares channel by way of aiodns: a question in, a Reply out, over TCP.

What c-ares keeps to itself stays unknown here: response codes without an error of its own, the
TTL of negative answers, which of several servers answered, and how often it asked. It passes over
records that it cannot read.

Foreign errors become outcomes in this module and nowhere else.
"""

import socket
import weakref
from collections.abc import Sequence
from typing import Any

import aiodns
import pycares
from aiodns import error as ares

from schemas.outcomes import Outcome
from stages.dns.answer import MxData, Question, Rdata, SoaData, SrvData
from stages.dns.message import Record
from stages.dns.name import MalformedMessage, read_name, to_wire
from stages.dns.rdata import ipv6_text
from stages.dns.reply import Reply, follow

_CACHE_LIMIT = 250  # questions; c-ares keeps answers for their TTL, and only this empties it
_FLAGS = pycares.ARES_FLAG_USEVC | pycares.ARES_FLAG_EDNS
_FAILURES: dict[int, tuple[Outcome, int | None]] = {
    ares.ARES_ENODATA: (Outcome.NODATA, 0),
    ares.ARES_EFORMERR: (Outcome.RCODE, 1),
    ares.ARES_ESERVFAIL: (Outcome.SERVFAIL, 2),
    ares.ARES_ENOTFOUND: (Outcome.NXDOMAIN, 3),
    ares.ARES_ENOTIMP: (Outcome.RCODE, 4),
    ares.ARES_EREFUSED: (Outcome.REFUSED, 5),
    ares.ARES_EBADRESP: (Outcome.MALFORMED, None),
    ares.ARES_EBADNAME: (Outcome.INVALID_NAME, None),  # c-ares asks for host names only
    ares.ARES_ETIMEOUT: (Outcome.TIMEOUT, None),
    ares.ARES_ECONNREFUSED: (Outcome.UNREACHABLE, None),
    ares.ARES_ECANCELLED: (Outcome.TIMEOUT, None),  # closed while it waited
    ares.ARES_EDESTRUCTION: (Outcome.TIMEOUT, None),
}


_GLANCES = 10
"""Times in a timeout that c-ares may look whether something is overdue."""


class _OnLoop(aiodns.DNSResolver):
    """aiodns as it works where c-ares has no thread: the loop watches the sockets.

    A channel with a thread keeps four descriptors more (epoll, a pipe, inotify) for as long as it
    lives, and the thread a part of the heap of its own.
    """

    def _make_channel(self, **options: Any) -> tuple[bool, pycares.Channel]:
        this = weakref.ref(self)

        def changed(descriptor: int, readable: bool, writable: bool) -> None:  # noqa: FBT001
            resolver = this()
            if resolver is not None:
                resolver._sock_state_cb(descriptor, readable, writable)  # noqa: SLF001

        return False, pycares.Channel(sock_state_cb=changed, timeout=self._timeout, **options)

    def _start_timer(self) -> None:
        assert self._timeout is not None
        self._timer = self.loop.call_later(self._timeout / _GLANCES, self._timer_cb)

    def _timer_cb(self) -> None:
        # A loop that was held up may run timers before it looks at what has come meanwhile.
        for descriptor in tuple(self._read_fds):
            self._channel.process_fd(descriptor, pycares.ARES_SOCKET_BAD)
        super()._timer_cb()


class Ares:
    """A channel on the running loop."""

    def __init__(self, servers: Sequence[str], timeout: float) -> None:
        self._resolver = _OnLoop(servers, timeout=timeout, tries=1, flags=_FLAGS)
        self._asked = 0

    async def close(self) -> None:
        """End what still runs."""
        await self._resolver.close()

    async def exchange(self, question: Question) -> Reply:
        """What comes of a question that c-ares does not answer by itself."""
        self._asked += 1
        if self._asked % _CACHE_LIMIT == 0:
            self._resolver._channel.reinit()  # noqa: SLF001  (aiodns has no word for it)
        try:
            result = await self._resolver.query_dns(question.name, question.type.name)
            answer = [_record(record) for record in result.answer]
            name = _name(question.name)
        except aiodns.error.DNSError as error:
            if error.args[0] not in _FAILURES:
                raise
            return Reply(*_FAILURES[error.args[0]])
        except MalformedMessage:
            return Reply(Outcome.MALFORMED, None)
        if not answer:  # a response code that c-ares has no error for
            return Reply(Outcome.RCODE, None)
        records, chain, ttls = follow(name, question.type, answer)
        outcome = Outcome.OK if records else Outcome.NODATA
        return Reply(outcome, 0, min(ttls, default=None), records, chain)


def _record(record: pycares.DNSRecord) -> Record:
    return Record(
        _name(record.name), record.type, record.record_class, record.ttl, _rdata(record.data)
    )


def _rdata(data: object) -> Rdata:  # noqa: PLR0911  (one a type)
    match data:
        case pycares.ARecordData(addr=address):
            return address
        case pycares.AAAARecordData(addr=address):
            return ipv6_text(socket.inet_pton(socket.AF_INET6, address))
        case pycares.MXRecordData(priority=preference, exchange=exchange):
            return MxData(preference, _name(exchange))
        case pycares.TXTRecordData(data=text):
            return text
        case pycares.SOARecordData():
            times = (data.serial, data.refresh, data.retry, data.expire, data.minimum)
            return SoaData(_name(data.mname), _name(data.rname), *times)
        case pycares.SRVRecordData():
            return SrvData(data.priority, data.weight, data.port, _name(data.target))
        case pycares.NSRecordData(nsdname=name) | pycares.CNAMERecordData(cname=name):
            return _name(name)
        case pycares.PTRRecordData(dname=name):
            return _name(name)
        case _:
            return b""  # of a type that was not asked for


def _name(text: str) -> str:
    """A name of c-ares, which writes the root as nothing and spaces as they are, as ours."""
    return read_name(to_wire(text.replace(" ", r"\032") or "."), 0)[0]
