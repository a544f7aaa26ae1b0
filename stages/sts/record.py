"""The row of sts_policies that a policy host and what came of asking it make. Pure."""

import hashlib

from certs.host import check
from certs.trust import TrustStore
from schemas.hosts import Host
from schemas.outcomes import FetchOutcome, HostStatus
from schemas.query import NOT_ASKED, Text
from schemas.sts_policies import FetchTimings, PolicyFetch
from stages.policy.transport import policy_host
from stages.sts.exchange import Answer
from stages.sts.fetched import Fetched, Step
from stages.sts.judgement import detail, outcome

_LONGEST_FIELD = 1000
"""Characters of a header field that are kept."""
_KEPT = (FetchOutcome.OK, FetchOutcome.BAD_TYPE)
_WITHOUT = {
    HostStatus.RESERVED: FetchOutcome.RESERVED,
    HostStatus.NO_ADDRESS: FetchOutcome.NO_ADDRESS,
    HostStatus.NXDOMAIN: FetchOutcome.NO_ADDRESS,
    HostStatus.BUG: FetchOutcome.BUG,
}
"""How it ends where no address may be contacted, by where the host leads."""


def row_of(
    domain: str, host: Host, port: int, fetches: tuple[Fetched, ...], trust: TrustStore
) -> PolicyFetch:
    """The row of a domain; of several connections the last one tells."""
    row = _row(domain, host, port)
    if not fetches:
        return row
    last = fetches[-1]
    if last.answer:
        row = _with_answer(row, last.answer, outcome(last))
    if last.handshake:
        row = _with_tls(row, last, trust)
    return row._replace(
        outcome=outcome(last),
        detail=detail(last),
        address=None if last.step is Step.NONE else last.address,
        attempts=sum(each.step is not Step.NONE for each in fetches),
        timings=FetchTimings(last.connect_ms, last.tls_ms, last.total_ms),
    )


def not_asked(domain: str, asked: int) -> PolicyFetch:
    """The row of a domain that is left alone."""
    name = policy_host(domain)
    host = Host(name, None, asked, HostStatus.FAILED, (), (), (), NOT_ASKED, NOT_ASKED)
    row = _row(domain, host, port=0)
    return row._replace(outcome=FetchOutcome.NOT_FETCHED, detail="opted out")


def _row(domain: str, host: Host, port: int) -> PolicyFetch:
    """Of a host that was not connected to."""
    return PolicyFetch(
        domain=domain,
        asked=host.asked,
        host=host.host,
        cname_chain=host.cname_chain,
        a=host.a,
        aaaa=host.aaaa,
        a_query=host.a_query,
        aaaa_query=host.aaaa_query,
        outcome=_WITHOUT.get(host.status, FetchOutcome.DNS_FAILED),
        detail=str(host.status),
        address=None,
        port=port,
        attempts=0,
        status=None,
        media_type=None,
        location=None,
        file=None,
        file_raw=None,
        tls_version=None,
        cipher=None,
        chain=(),
        verdict=None,
        verdict_reason=None,
        host_check=None,
        timings=FetchTimings(None, None, None),
    )


def _with_answer(row: PolicyFetch, answer: Answer, found: FetchOutcome) -> PolicyFetch:
    """What the server said; the file only where it came whole."""
    file = Text.of(answer.body) if found in _KEPT else None
    return row._replace(
        status=answer.status,
        media_type=_field(answer, "content-type"),
        location=_field(answer, "location"),
        file=file and file.text,
        file_raw=file and file.raw,
    )


def _with_tls(row: PolicyFetch, fetched: Fetched, trust: TrustStore) -> PolicyFetch:
    """What was shown, and whether it proves that the host is who it says."""
    handshake = fetched.handshake
    assert handshake is not None
    row = row._replace(
        tls_version=handshake.version,
        cipher=handshake.cipher,
        chain=tuple(hashlib.sha256(der).hexdigest() for der in handshake.chain),
    )
    if not handshake.chain:
        return row
    leaf = handshake.chain[0]
    verdict, reason = trust.judge(leaf, handshake.chain, fetched.fetched)
    return row._replace(verdict=verdict, verdict_reason=reason, host_check=check(leaf, row.host))


def _field(answer: Answer, name: str) -> str | None:
    value = answer.header(name)
    return None if value is None else value[:_LONGEST_FIELD]
