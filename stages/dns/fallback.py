"""The second opinion, and look-ups of low volume: aiodns, which is c-ares, over TCP.

Another implementation than the bulk client's, by the transport that neither loses nor cuts
answers. What c-ares keeps to itself stays unknown here: response codes without an error of its
own, the TTL of negative answers, which of several servers answered, and how often it asked, so
that attempts counts an exchange as one. It passes over records that it cannot read.

Foreign errors become outcomes in this module and nowhere else.
"""

import asyncio
import socket
import time
from collections.abc import Sequence
from time import perf_counter

import aiodns
import pycares
from aiodns import error as ares

from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.answer import Answer, MxData, Question, Rdata, RRType, SoaData, SrvData
from stages.dns.message import Record
from stages.dns.name import InvalidName, MalformedMessage, read_name, to_wire
from stages.dns.rdata import ipv6_text
from stages.dns.reply import Reply, follow
from stages.dns.server import label

_CACHE_LIMIT = 4000  # questions; c-ares keeps each answer for its TTL, and only this empties it
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
_ONION = Reply(Outcome.NXDOMAIN, None)  # never asked for (RFC 7686 section 2)


class AiodnsResolver:
    """A Resolver for few questions; an async context manager, to be entered after any fork."""

    types = frozenset(RRType) - {RRType.TLSA, RRType.CAA}
    """What aiodns can be asked for; it has no TLSA, and cuts the value of CAA at a zero byte."""

    def __init__(self, servers: Sequence[tuple[str, int]], timeout: float = 5.0) -> None:
        self._servers = [label(server) for server in servers]
        self._timeout = timeout
        self._asked = 0

    async def start(self) -> None:
        """Start c-ares on the running loop, with a thread of its own."""
        self._resolver = aiodns.DNSResolver(
            self._servers, timeout=self._timeout, tries=1, flags=_FLAGS
        )

    async def close(self) -> None:
        """End what still runs, questions included whose asker was cancelled."""
        await self._resolver.close()

    async def __aenter__(self) -> "AiodnsResolver":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers, in the order of the questions; ValueError for a type it does not do."""
        return list(await asyncio.gather(*map(self._ask, questions)))

    async def _ask(self, question: Question) -> Answer:
        if question.type not in self.types:
            raise ValueError(f"aiodns cannot be asked for {question.type.name}")
        asked = time.time_ns() // 1000
        reply = _unasked(question.name)
        sent = perf_counter()
        if reply is None:
            self._asked += 1
            if self._asked % _CACHE_LIMIT == 0:
                self._resolver._channel.reinit()  # noqa: SLF001  (aiodns has no word for it)
            reply = await self._exchange(question)
        outcome, rcode, ttl, records, chain = reply
        answered = rcode is not None or outcome is Outcome.MALFORMED
        rtt = (perf_counter() - sent) * 1000 if answered else None
        server = self._servers[0] if answered and len(self._servers) == 1 else None
        attempts = 0 if outcome is Outcome.INVALID_NAME or reply is _ONION else 1
        query = Query(outcome, rcode, ttl, rtt, server, attempts, tcp=answered)
        return Answer(question, asked, query, records, chain)

    async def _exchange(self, question: Question) -> Reply:
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


def _unasked(name: str) -> Reply | None:
    """How a question ends that c-ares would answer or refuse by itself."""
    try:
        to_wire(name)
    except InvalidName:
        return Reply(Outcome.INVALID_NAME, None)
    return _ONION if name.rpartition(".")[2] == "onion" else None


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
