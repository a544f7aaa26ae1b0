from collections.abc import Sequence

import pytest

from schemas.outcomes import Outcome
from schemas.query import Query, Text
from schemas.spf import SPF, Spf, SpfError, SpfFault
from stages.dns.answer import Answer, Question, RRType
from stages.spf.stage import SpfStage, spf_row

_OK = Query(Outcome.OK, 0, 300, 1.5, "127.0.0.1:53", 1, tcp=False)


def _answer(*records: bytes, name: str = "example.com", query: Query = _OK) -> Answer:
    return Answer(Question(name, RRType.TXT), 1_700_000_000_000_000, query, records)


class Recorded:
    """A resolver that knows the answers beforehand, and what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = {answer.question: answer for answer in answers}
        self.asked: list[Question] = []

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        self.asked.extend(questions)
        return [self.answers[question] for question in questions]


async def _row(stage: SpfStage, item: str | Answer) -> Spf:
    emit = await stage(item)
    (row,) = emit.rows
    assert emit.next == ()
    assert isinstance(row, Spf)
    return row


async def test_name_is_asked_and_answer_in_hand_is_not() -> None:
    answer = _answer(b"v=spf1 -all", name="a.example")
    resolver = Recorded(answer)
    stage = SpfStage(resolver)
    assert await _row(stage, "a.example") == await _row(stage, answer)
    assert resolver.asked == [Question("a.example", RRType.TXT)]


def test_references_in_order_distinct_and_canonical() -> None:
    row = spf_row(
        _answer(
            b"v=spf1 include:B.Example.net. a mx redirect=R.example a:Web.example include:a.example"
            b" include:b.example.NET mx:mx.example a:%{h} include:%{i}.x.example mx:%{d}"
            b" a=modifier.example include=modifier.example a:p%%c.example exists:e.example"
            b" ptr:p.example exp=e.example a:x%_y.example a/24 -all"
        )
    )
    assert row.faults == ()
    assert row.includes == ("b.example.net", "r.example", "a.example")
    assert row.a_names == ("example.com", "web.example", "p%c.example", "e.example")
    assert row.mx_names == ("example.com", "mx.example")


def test_names_that_cannot_be_asked_stay_references() -> None:
    long = "a" * 64 + ".example"
    row = spf_row(_answer(f"v=spf1 include:{long} a:b..example".encode()))
    assert row.faults == ()
    assert row.includes == (long,)
    assert row.a_names == ("b..example",)


def test_faulty_record_still_leads_on() -> None:
    row = spf_row(_answer(b"v=spf1 include:a.example foo include:b.example\xe4 -all"))
    assert row.record == "v=spf1 include:a.example foo include:b.example\\xe4 -all"
    assert row.records == (
        Text(row.record, b"v=spf1 include:a.example foo include:b.example\xe4 -all"),
    )
    assert [fault.error for fault in row.faults] == [SpfError.UNKNOWN_MECHANISM, SpfError.NOT_ASCII]
    assert [term.name for term in row.terms] == ["include", "all"]
    assert row.includes == ("a.example",)


def test_several_records_are_one_fault_and_no_terms() -> None:
    row = spf_row(_answer(b"V=SPF1 include:b.example", b"other", b"v=spf1 a", b"v=spf10"))
    assert row.record is None
    assert [text.text for text in row.records] == ["V=SPF1 include:b.example", "v=spf1 a"]
    assert row.faults == (SpfFault(SpfError.MULTIPLE_RECORDS, "", -1),)
    assert (row.terms, row.includes, row.a_names, row.mx_names) == ((), (), (), ())


def test_order_of_the_answer_does_not_matter() -> None:
    assert spf_row(_answer(b"v=spf1 a", b"v=spf1 mx")) == spf_row(
        _answer(b"v=spf1 mx", b"v=spf1 a")
    )


@pytest.mark.parametrize("outcome", [Outcome.NXDOMAIN, Outcome.TIMEOUT, Outcome.INVALID_NAME])
def test_failure_is_a_row(outcome: Outcome) -> None:
    query = Query(outcome, None, None, None, None, 3, tcp=False)
    row = spf_row(_answer(query=query))
    assert row.query.outcome is outcome
    assert (row.record, row.records, row.terms, row.faults) == (None, (), (), ())


def test_rows_fit_their_table() -> None:
    rows = [
        spf_row(_answer(b"v=spf1 mx a/24//64 ip6:2001:db8::1/32 include:%{d} exp=a.b x=%{l}")),
        spf_row(_answer(b"v=spf1 \xff\x00 a:\x00")),
        spf_row(_answer(b"v=spf1" + b" a" * 32_700)),
    ]
    batch = SPF.batch(rows)
    batch.validate(full=True)
    assert batch.num_rows == 3
    assert [len(terms) for terms in batch.column("terms").to_pylist()] == [6, 0, 32_700]
