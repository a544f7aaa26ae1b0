"""Names that DMARC is looked for at."""

import doctest
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stages.policy import discovery
from stages.policy.discovery import LONGEST_WALK, above, consents, walk

LABEL = st.text("abz0-", min_size=1, max_size=5)


def test_the_examples() -> None:
    assert doctest.testmod(discovery).failed == 0


def test_a_walk_is_cut_to_eight_names() -> None:
    """RFC 9989 section 4.10: of more than seven labels above, seven are left."""
    deep = "a.b.c.d.e.f.g.h.i.j.mail.example.com"
    assert walk(deep) == (deep, *(deep.split(".", n)[n] for n in range(6, 13)))
    assert walk("com") == ("com",)


def test_the_names_above() -> None:
    assert above("example.com") == ("com",)
    assert above("example.co.uk") == ("co.uk", "uk")
    assert above("a.b.example.org") == ("b.example.org", "example.org", "org")
    deep = "a.b.c.d.e.f.g.h.i.city.kawasaki.jp"
    assert len(above(deep)) <= LONGEST_WALK


@given(st.lists(LABEL, min_size=1, max_size=20))
def test_a_walk_ends_at_the_top_in_eight_steps(labels: list[str]) -> None:
    domain = ".".join(labels)
    names = walk(domain)
    assert len(names) <= LONGEST_WALK
    assert names[0] == domain
    assert names[-1] == labels[-1]
    assert len(names) == min(len(labels), LONGEST_WALK)
    for longer, shorter in pairwise(names[1:]):
        assert longer.partition(".")[2] == shorter


def test_who_must_agree_to_take_reports() -> None:
    def asked(record: str) -> tuple[str, ...]:
        return consents("mail.example.com", [record.encode()])

    own = "v=DMARC1; p=none; rua=mailto:a@example.com, mailto:b@x.mail.example.com"
    assert asked(own) == ()
    both = (
        "v=DMARC1; p=none; rua=mailto:a@Reports.example!9m,mailto:b@r.other.org; "
        "ruf=mailto:c@reports.example"
    )
    assert asked(both) == (
        "mail.example.com._report._dmarc.reports.example",
        "mail.example.com._report._dmarc.r.other.org",
    )
    assert asked("v=DMARC1; p=none; rua=https://r.other.org/x") == (
        "mail.example.com._report._dmarc.r.other.org",
    )
    assert asked("v=spf1 include:a@other.org") == ()
    many = ",".join(f"mailto:a@t{n}.example" for n in range(50))
    assert len(asked(f"v=DMARC1; p=none; rua={many}")) == discovery.MOST_CONSENTS


@given(
    st.lists(
        st.binary(max_size=80).map(lambda raw: b"v=DMARC1; p=none; rua=mailto:a@" + raw), max_size=3
    )
)
def test_any_record_leads_to_names_that_can_be_asked(records: list[bytes]) -> None:
    for name in consents("example.com", records):
        assert len(name) <= 253
        assert name.startswith("example.com._report._dmarc.")
