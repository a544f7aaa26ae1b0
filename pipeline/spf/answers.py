"""A finished run as a source of DNS answers: what it asked is answered, the rest was not asked."""

from ipaddress import IPv4Address, IPv6Address

from pipeline.rows import Rows
from schemas import ADDRESSES, DOMAINS, HOSTS, MX, SPF
from schemas.addresses import Address
from schemas.domains import Domain
from schemas.hosts import Host
from schemas.mx import Exchange, Mx
from schemas.outcomes import Outcome
from schemas.query import Query, Text
from schemas.spf import Spf
from stages.dns.answer import Answer, MxData, Question, Rdata, RRType

_NOT_ASKED = Query(Outcome.NOT_ASKED, None, None, None, None, 0, tcp=False)


class Answers:
    """Answers to what SPF asks about one client. Of TXT a run keeps SPF records by name."""

    def __init__(self, rows: Rows, client: IPv4Address | IPv6Address) -> None:
        self._rows = rows
        self._client = client

    def __call__(self, question: Question) -> Answer:
        """The run's answer; NOT_ASKED where it has none."""
        name = question.name
        match question.type:
            case RRType.TXT:
                spf = self._rows.by_key(SPF, Spf, [name]).get(name)
                found = spf and _answer(question, spf.query, tuple(map(_raw, spf.records)))
            case RRType.A | RRType.AAAA:
                host = self._rows.by_key(HOSTS, Host, [name]).get(name)
                found = host and _addresses(question, host)
            case RRType.MX:
                found = self._mx(question)
            case RRType.PTR if name == self._client.reverse_pointer:
                found = self._ptr(question)
            case _:
                found = None
        return found or _answer(question, _NOT_ASKED, ())

    def _mx(self, question: Question) -> Answer | None:
        name = question.name
        domain = self._rows.by_key(DOMAINS, Domain, [name]).get(name)
        row = domain or self._rows.by_key(MX, Mx, [name]).get(name)
        return row and _answer(question, row.mx_query, tuple(map(_record, row.mx)))

    def _ptr(self, question: Question) -> Answer | None:
        text = str(self._client)
        row = self._rows.by_key(ADDRESSES, Address, [text]).get(text)
        if row is None or row.ptr_query is None:
            return None
        return _answer(question, row.ptr_query, row.ptr)


def _addresses(question: Question, host: Host) -> Answer:
    if question.type is RRType.A:
        return _answer(question, host.a_query, host.a)
    return _answer(question, host.aaaa_query, host.aaaa)


def _answer(question: Question, query: Query, records: tuple[Rdata, ...]) -> Answer:
    return Answer(question, 0, query, records)


def _raw(text: Text) -> bytes:
    return text.text.encode() if text.raw is None else text.raw


def _record(exchange: Exchange) -> MxData:
    return MxData(exchange.preference, exchange.exchange)
