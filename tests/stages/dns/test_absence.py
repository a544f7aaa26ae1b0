"""What is asked after a name that does not exist."""

import pytest

from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.absence import registered_above
from stages.dns.answer import Answer, Question, RRType


@pytest.mark.parametrize(
    ("name", "aliases", "outcome", "asked"),
    [
        ("mx.lost.com", (), Outcome.NXDOMAIN, ("lost.com",)),
        ("a.b.lost.co.uk", (), Outcome.NXDOMAIN, ("lost.co.uk",)),
        ("lost.com", (), Outcome.NXDOMAIN, ()),
        ("mx.here.org", ("a.gone.net", "b.lost.com"), Outcome.NXDOMAIN, ("lost.com",)),
        ("here.org", ("lost.com",), Outcome.NXDOMAIN, ("lost.com",)),
        ("mail.lan", (), Outcome.NXDOMAIN, ()),
        ("co.uk", (), Outcome.NXDOMAIN, ()),
        ("mx.lost.com", (), Outcome.NODATA, ()),
        ("mx.lost.com", (), Outcome.SERVFAIL, ()),
        ("mx.lost.com", (), Outcome.TIMEOUT, ()),
        ("mx.lost.com", (), Outcome.REFUSED, ()),
    ],
)
def test_the_registered_domain_of_what_does_not_exist(
    name: str, aliases: tuple[str, ...], outcome: Outcome, asked: tuple[str, ...]
) -> None:
    query = Query(outcome, None, None, None, None, 1, tcp=False)
    answer = Answer(Question(name, RRType.A), 0, query, (), aliases)
    assert registered_above(answer) == asked
