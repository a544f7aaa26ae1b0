"""Tables of what answers say about mail and hosts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.mx import Exchange
from schemas.outcomes import ExchangeKind, HostStatus, Mail, Outcome
from schemas.query import Query
from stages.dns.answer import Answer, MxData, Question, Rdata, RRType
from stages.dns.mail import exchange_kind, exchanges, host_status, mail, mail_hosts
from stages.enrich.special import Scope


def answer(rrtype: RRType, outcome: Outcome, *records: Rdata) -> Answer:
    query = Query(outcome, None, None, None, None, 1, tcp=False)
    return Answer(Question("d.example", rrtype), 0, query, records)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (ExchangeKind.NULL, ["."]),
        (
            ExchangeKind.HOST,
            ["mx.example.com", "a", "1.mx.example", "xn--mnchen-3ya.de", "_mx.example", "a-b.c9",
             "mx.1e", "1.2.3.4.example", "x" * 63 + ".example", "nolocalhost", "localhost.example"],
        ),
        (
            ExchangeKind.IP_LITERAL,
            ["192.0.2.1", "2001:db8::1", "::1", "[192.0.2.1]", "[ipv6:2001:db8::1]"],
        ),
        (
            ExchangeKind.LOCALHOST,
            ["localhost", "localdomain", "mail.localhost", "localhost.localdomain"],
        ),
        (
            ExchangeKind.INVALID,
            ["10.mx.1", "1.2.3", "300.1.1.1", "-a.example", "a-.example", r"a\.b.example",
             r"a\032b.example", "*.example", "http://mx.example", r"mx\255.example", "mx.example/",
             ".".join(["x" * 50] * 5)],
        ),
    ],
)  # fmt: skip
def test_an_exchange_is_judged_by_its_text(kind: ExchangeKind, texts: list[str]) -> None:
    assert {text: exchange_kind(text) for text in texts} == dict.fromkeys(texts, kind)


@given(st.text(max_size=30))
def test_every_text_has_a_kind(text: str) -> None:
    assert exchange_kind(text) in ExchangeKind


NULL = MxData(0, ".")
ONE = MxData(10, "one.example")
TWO = MxData(10, "two.example")
LITERAL = MxData(5, "192.0.2.1")


@pytest.mark.parametrize(
    ("outcome", "records", "expected", "hosts"),
    [
        (Outcome.OK, [TWO, ONE], Mail.MX, ("one.example", "two.example")),
        (Outcome.OK, [ONE, MxData(1, "one.example")], Mail.MX, ("one.example",)),
        (Outcome.OK, [TWO, MxData(20, "a.example")], Mail.MX, ("two.example", "a.example")),
        (Outcome.OK, [NULL], Mail.NULL_MX, ()),
        (Outcome.OK, [NULL, NULL], Mail.NULL_MX, ()),  # one record, sent twice
        (Outcome.OK, [MxData(10, ".")], Mail.NULL_MX, ()),
        (Outcome.OK, [NULL, ONE], Mail.MX, ("one.example",)),
        (Outcome.OK, [LITERAL], Mail.MX, ()),
        (Outcome.NODATA, [], Mail.NO_MX, ()),
        (Outcome.NXDOMAIN, [], Mail.NXDOMAIN, ()),
        (Outcome.BUG, [], Mail.BUG, ()),
        (Outcome.SERVFAIL, [], Mail.FAILED, ()),
        (Outcome.TIMEOUT, [], Mail.FAILED, ()),
        (Outcome.RCODE, [], Mail.FAILED, ()),
        (Outcome.INVALID_NAME, [], Mail.FAILED, ()),
    ],
)
def test_mail_and_its_hosts(
    outcome: Outcome, records: list[Rdata], expected: Mail, hosts: tuple[str, ...]
) -> None:
    found = exchanges(answer(RRType.MX, outcome, *records))
    assert mail(outcome, found) is expected
    assert mail_hosts(found) == hosts


def test_exchanges_are_sorted_by_preference_then_name() -> None:
    found = exchanges(answer(RRType.MX, Outcome.OK, TWO, ONE, TWO, LITERAL))
    assert found == (
        Exchange(5, "192.0.2.1", ExchangeKind.IP_LITERAL),
        Exchange(10, "one.example", ExchangeKind.HOST),
        Exchange(10, "two.example", ExchangeKind.HOST),
    )


@pytest.mark.parametrize(
    ("a", "aaaa", "status"),
    [
        (["8.8.8.8"], Outcome.NODATA, HostStatus.RESOLVED),
        (["10.0.0.1", "8.8.8.8"], Outcome.SERVFAIL, HostStatus.RESOLVED),
        (Outcome.TIMEOUT, ["2a00:1450::1"], HostStatus.RESOLVED),
        (["127.0.0.1"], Outcome.NODATA, HostStatus.RESERVED),
        (["10.0.0.1"], ["::1"], HostStatus.RESERVED),
        (["10.0.0.1"], Outcome.TIMEOUT, HostStatus.RESERVED),
        (Outcome.NODATA, Outcome.NODATA, HostStatus.NO_ADDRESS),
        (Outcome.NODATA, Outcome.NXDOMAIN, HostStatus.NO_ADDRESS),
        (Outcome.NXDOMAIN, Outcome.NXDOMAIN, HostStatus.NXDOMAIN),
        (Outcome.NXDOMAIN, Outcome.SERVFAIL, HostStatus.NXDOMAIN),
        (Outcome.NODATA, Outcome.SERVFAIL, HostStatus.FAILED),
        (Outcome.TIMEOUT, Outcome.TIMEOUT, HostStatus.FAILED),
        (Outcome.BUG, Outcome.NODATA, HostStatus.BUG),
    ],
)
def test_where_a_host_leads(
    a: list[str] | Outcome, aaaa: list[str] | Outcome, status: HostStatus
) -> None:
    def given_answer(rrtype: RRType, given: list[str] | Outcome) -> Answer:
        if isinstance(given, Outcome):
            return answer(rrtype, given)
        return answer(rrtype, Outcome.OK, *given)

    first, second = given_answer(RRType.A, a), given_answer(RRType.AAAA, aaaa)
    assert host_status(first, second, Scope.PUBLIC) is status


def test_scope_decides_what_may_be_contacted() -> None:
    loopback = answer(RRType.A, Outcome.OK, "127.0.0.2")
    none = answer(RRType.AAAA, Outcome.NODATA)
    assert host_status(loopback, none, Scope.LOOPBACK) is HostStatus.RESOLVED
    assert host_status(loopback, none, Scope.PUBLIC) is HostStatus.RESERVED
