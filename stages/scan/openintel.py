"""Records of a run from what OpenINTEL's published files say of one name. Pure.

Their `status_code` is the DNS response code, or a number above any of those where no answer came.
Text is in presentation form (RFC 1035 section 5.1): quoted strings, with escapes.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Any, NamedTuple

from certs.registered import registered_domain
from schemas.apex import Apex, Soa
from schemas.domains import Domain, SeedRank
from schemas.hosts import Host
from schemas.mx import Exchange
from schemas.outcomes import HostStatus, Mail, Outcome
from schemas.query import NOT_ASKED, Query, Text
from schemas.spf import Spf
from stages.dns.answer import Answer, Question, RRType
from stages.dns.apex import hosts_of
from stages.dns.mail import exchange_kind, mail, mail_hosts
from stages.enrich.special import special_purpose
from stages.spf.stage import spf_row

_RCODES = 1 << 12  # RFC 6895: with EDNS, 12 bits
_OUTCOMES = {0: Outcome.NODATA, 2: Outcome.SERVFAIL, 3: Outcome.NXDOMAIN, 5: Outcome.REFUSED}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-9]{3}|.)", re.DOTALL)


class Found(NamedTuple):
    """What came of a question."""

    records: Sequence[Any] | None
    """As the files have them, each once."""
    status: int | None
    """Code; None where nobody asked it."""
    ttl: int | None
    """The least of the records."""

    def query(self, records: object) -> Query:
        """The account of it; ``records`` are what could be read."""
        if self.status is None:
            return NOT_ASKED
        if records:
            return _query(Outcome.OK, 0, self.ttl)
        if not 0 <= self.status < _RCODES:
            return _query(Outcome.TIMEOUT, None, None)
        return _query(_OUTCOMES.get(self.status, Outcome.RCODE), self.status, None)


def _query(outcome: Outcome, rcode: int | None, ttl: int | None) -> Query:
    return Query(outcome, rcode, ttl, None, None, 1, tcp=False)


def text_bytes(text: str) -> bytes:
    """The bytes of a TXT record from its presentation form; text without quotes stands for itself.

    A number above 255 in an escape is no byte, and stays as written.
    """
    strings = _STRING.findall(text)
    if not strings or not text.lstrip().startswith('"'):
        return text.encode("utf-8", "surrogateescape")
    return b"".join(_ESCAPE.sub(_unescaped, s.encode("utf-8", "surrogateescape")) for s in strings)


def _unescaped(match: re.Match[bytes]) -> bytes:
    digits = match[1]
    if len(digits) == 1:
        return digits
    return bytes((int(digits),)) if int(digits) < 1 << 8 else match[0]


def domain_record(domain: str, asked: int, mx: Found, txt: Found, list_name: str) -> Domain:
    """A domain with its MX and TXT; `_dmarc` was not asked."""
    records = sorted({(each["preference"], each["exchange"]) for each in mx.records or ()})
    found = tuple(Exchange(*record, exchange_kind(record[1])) for record in records)
    query = mx.query(found)
    said = mail(query.outcome, found)
    raw = _texts(txt)
    return Domain(
        domain=domain,
        registered_domain=registered_domain(domain),
        asked=asked,
        seeds=(SeedRank(list_name, None),),
        mail=said,
        mx=found,
        mail_hosts=(domain,) if said is Mail.NO_MX else mail_hosts(found),
        mx_query=query,
        txt=tuple(map(Text.of, raw)),
        txt_query=txt.query(raw),
        dmarc=(),
        dmarc_query=NOT_ASKED,
    )


def spf_record(domain: str, asked: int, txt: Found) -> Spf:
    """What the TXT answer says of SPF."""
    raw = _texts(txt)
    return spf_row(Answer(Question(domain, RRType.TXT), asked, txt.query(raw), raw))


def _texts(txt: Found) -> tuple[bytes, ...]:
    return tuple(sorted(set(map(text_bytes, txt.records or ()))))


def apex_record(domain: str, asked: int, ns: Found, soa: Found) -> Apex:
    """A domain's name servers and SOA."""
    servers = tuple(sorted(set(ns.records or ())))
    first = min((Soa(**each) for each in soa.records or ()), default=None)
    return Apex(
        domain,
        asked,
        hosts_of(domain, servers),
        servers,
        ns.query(servers),
        first,
        soa.query(first),
    )


def host_record(host: str, asked: int, a: Found, aaaa: Found) -> Host:
    """A name with its addresses; of CNAMEs only that they were followed is known."""
    four, six = (
        tuple(sorted(set(each.records or ()), key=lambda text: ip_address(text).packed))
        for each in (a, aaaa)
    )
    queries = a.query(four), aaaa.query(six)
    return Host(
        host, registered_domain(host), asked, _status(four + six, queries), four, six, (), *queries
    )


def _status(addresses: tuple[str, ...], queries: Iterable[Query]) -> HostStatus:
    if addresses:
        reserved = all(special_purpose(address) for address in addresses)
        return HostStatus.RESERVED if reserved else HostStatus.RESOLVED
    outcomes = {query.outcome for query in queries} - {Outcome.NOT_ASKED}
    if Outcome.NXDOMAIN in outcomes and Outcome.NODATA not in outcomes:
        return HostStatus.NXDOMAIN
    definite = outcomes and all(outcome.answered for outcome in outcomes)
    return HostStatus.NO_ADDRESS if definite else HostStatus.FAILED
