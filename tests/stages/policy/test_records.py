"""The stages of single questions: what they ask, and the rows that come of any answer."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from schemas import DMARC, DMARC_CONSENTS, TLSA
from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.answer import Answer, Question, Rdata, RRType, TlsaData
from stages.policy.records import (
    ConsentStage,
    DmarcStage,
    TlsaStage,
    consent_not_asked,
    dmarc_not_asked,
)
from stages.stage import Emit

OK = Query(Outcome.OK, 0, 300, 1.0, None, 1, tcp=False, secure=True)


class Echo:
    """A resolver that gives everybody the same records and keeps the questions."""

    def __init__(self, *records: Rdata) -> None:
        self._records = records
        self.asked: list[Question] = []

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        self.asked += questions
        return [Answer(question, 7, OK, self._records) for question in questions]


def done(stage: TlsaStage | DmarcStage | ConsentStage, item: str) -> Emit:
    return asyncio.run(stage(item))


def test_tlsa_of_a_host() -> None:
    one, two = TlsaData(3, 1, 1, b"\1" * 32), TlsaData(2, 0, 2, b"\2" * 64)
    resolver = Echo(one, two, one)
    (row,) = done(TlsaStage(resolver), "mx.example.com").rows
    assert resolver.asked == [Question("_25._tcp.mx.example.com", RRType.TLSA)]
    assert row == ("mx.example.com", 7, (two, one), OK)
    assert TLSA.batch([row]).num_rows == 1


def test_dmarc_above_seeds_and_who_takes_its_reports() -> None:
    resolver = Echo(b"v=DMARC1; p=none; rua=mailto:a@reports.example")
    (row,) = done(DmarcStage(resolver), "example.com").rows
    assert resolver.asked == [Question("_dmarc.example.com", RRType.TXT)]
    assert row[3] == ("example.com._report._dmarc.reports.example",)
    assert DMARC.batch([row, dmarc_not_asked("example.net", 5)]).num_rows == 2


@given(st.lists(st.binary(max_size=40), max_size=3))
def test_consent_is_kept_as_it_is(records: list[bytes]) -> None:
    resolver = Echo(*records)
    (row,) = done(ConsentStage(resolver), "a.example._report._dmarc.b.example").rows
    assert resolver.asked == [Question("a.example._report._dmarc.b.example", RRType.TXT)]
    assert len(row[2]) == len(set(records))
    assert DMARC_CONSENTS.batch([row, consent_not_asked("x", 5)]).num_rows == 2
