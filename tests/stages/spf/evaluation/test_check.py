from collections import Counter
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outcomes import Outcome
from stages.dns.answer import Answer, Question, RRType
from stages.spf.evaluation.check import check_host, evaluate
from stages.spf.evaluation.verdict import Result, Verdict
from tests.stages.spf.suite import Case, Zone, cases

CLIENT = "192.0.2.1"


def verdict(zone: Zone, domain: str = "example.com", ip: str = CLIENT) -> Verdict:
    check = check_host(ip_address(ip), domain, f"joe@{domain}", "mx.example.net")
    return evaluate(check, zone)


def zone(**records: object) -> Zone:
    """A zone whose names end in example.com; ``at`` is the domain itself."""
    names = {
        "example.com" if name == "at" else f"{name}.example.com": value
        for name, value in records.items()
    }
    return Zone({name: v if isinstance(v, list) else [{"TXT": v}] for name, v in names.items()})


def test_rfc7208_suite() -> None:
    """All 203 cases: the result, and what a fail says."""
    suite = cases()
    assert [case for case in suite if not _as_expected(case)] == []
    assert len(suite) == 203


def _as_expected(case: Case) -> bool:
    check = check_host(ip_address(case.ip), case.domain, case.sender, case.helo)
    found = evaluate(check, case.zone)
    says = "DEFAULT" if found.explanation is None else found.explanation
    return str(found.result) in case.results and case.explanation in (None, says)


def test_path_leads_through_includes_to_the_term_that_matched() -> None:
    found = verdict(
        zone(
            at="v=spf1 ip4:198.51.100.0/24 include:wrong.example.com include:a.example.com -all",
            wrong="v=spf1 ip4:192.0.2.2 -all",
            a="v=spf1 redirect=b.example.com",
            b="v=spf1 ip4:192.0.2.0/28 ?all",
        )
    )
    assert found.result is Result.PASS
    assert [(step.depth, step.domain, step.term) for step in found.path] == [
        (0, "example.com", "include:a.example.com"),
        (1, "a.example.com", "redirect=b.example.com"),
        (2, "b.example.com", "ip4:192.0.2.0/28"),
    ]
    assert len(found.steps) == 7
    assert found.lookups == 3


def test_address_of_other_family_is_never_asked_for() -> None:
    asked: list[Question] = []
    source = zone(at="v=spf1 a mx -all", mx=[{"A": CLIENT}])

    def listening(question: Question) -> Answer:
        asked.append(question)
        return source(question)

    check = check_host(ip_address("2001:db8::1"), "example.com", "joe@example.com", "h.example")
    assert evaluate(check, listening).result is Result.FAIL
    assert {question.type for question in asked} == {RRType.TXT, RRType.AAAA, RRType.MX}


def test_mapped_address_is_an_ipv4_address() -> None:
    assert verdict(zone(at="v=spf1 ip4:192.0.2.1 -all"), ip="::ffff:192.0.2.1").result == "pass"


def test_question_that_was_never_put_is_named() -> None:
    def source(question: Question) -> Answer:
        answer = zone(at="v=spf1 exists:%{i}.list.example.com -all")(question)
        if question.type is RRType.TXT:
            return answer
        return answer._replace(query=answer.query._replace(outcome=Outcome.NOT_ASKED))

    check = check_host(ip_address(CLIENT), "example.com", "joe@example.com", "h.example")
    found = evaluate(check, source)
    assert found.result is Result.TEMPERROR
    assert found.unasked == Question("192.0.2.1.list.example.com", RRType.A)


@pytest.mark.parametrize("qualifier", ["+", "-", "~", "?"])
def test_include_passes_on_nothing_but_pass(qualifier: str) -> None:
    found = verdict(zone(at="v=spf1 include:a.example.com ?all", a=f"v=spf1 {qualifier}all"))
    assert found.result is (Result.PASS if qualifier == "+" else Result.NEUTRAL)


_WORDS = st.sampled_from(
    [
        "all",
        "-all",
        "?mx",
        "a",
        "mx",
        "ptr",
        "a:b.example.com",
        "mx:c.example.com/8",
        "redirect=c.example.com",
        "include:b.example.com",
        "include:example.com",
        "exists:%{ir}.%{v}.%{p}.b.example.com",
        "exp=c.example.com",
        "ip4:192.0.2.0/24",
        "ip6:2001:db8::/32",
        "a:%{l}..%{o}",
        "include:%{d1r}.%{h}",
        "bad:term",
        "ip4:1.2.3",
    ]
)
_RECORDS = st.lists(_WORDS, max_size=8).map(lambda words: " ".join(["v=spf1", *words]))
_OUTCOMES = st.sampled_from([Outcome.OK, Outcome.NODATA, Outcome.NXDOMAIN, Outcome.SERVFAIL])


@given(_RECORDS, _RECORDS, _RECORDS, st.text(max_size=8), st.data())
def test_any_records_end_in_bounded_work(
    at: str, b: str, c: str, local: str, data: st.DataObject
) -> None:
    """Whatever the DNS holds or fails to give, there is a result after few questions."""
    answers = Zone(
        {
            "example.com": [{"TXT": at}, {"A": CLIENT}, {"MX": [1, "b.example.com"]}],
            "b.example.com": [{"TXT": b}, {"A": "192.0.2.9"}],
            "c.example.com": [{"TXT": c}, {"MX": [1, "nowhere.example.com"]}],
            "1.2.0.192.in-addr.arpa": [{"PTR": "example.com"}, {"PTR": "b.example.com"}],
        }
    )
    asked: Counter[RRType] = Counter()

    def source(question: Question) -> Answer:
        asked[question.type] += 1
        outcome = data.draw(_OUTCOMES)
        if outcome is Outcome.OK:
            return answers(question)
        return Answer(question, 0, answers(question).query._replace(outcome=outcome))

    check = check_host(ip_address(CLIENT), "example.com", f"{local}@example.com", "h.example")
    found = evaluate(check, source)
    assert found.lookups <= 11
    assert found.voids <= 3
    assert asked[RRType.TXT] <= 13
    assert asked.total() <= 250
