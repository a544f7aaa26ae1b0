"""Blacklists of every form: what their lines say, and that no bytes break a parser."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.labels.entry import Entry, Form, Reason, Reject
from stages.labels.parse import form_of, parse
from stages.labels.snapshot import Stand, snapshot

PLAIN = b"""\xef\xbb\xbf# a list
bad.example
*.wild.example ; names below alone
.both.example
B\xc3\xbccher.example.
two words.example
localhost
192.0.2.1
\xff.example
"""
HOSTS = b"""127.0.0.1 localhost
0.0.0.0 bad.example www.bad.example # both
::1 ip6-loopback
fe80::1%lo0 localhost
bad.example
0.0.0.0 _
"""
DNSET = b"""$SOA 0 ns.bl.example admin.bl.example 0 1h 1h 1w 1h
$TIMESTAMP 2026:11:20:00:00:00 +3d
#$NS 1w ns.bl.example
:127.0.0.2:Listed, see https://bl.example/?$
test
.bad.example
!good.bad.example
*.wild.example :127.0.0.3:only below
!.customer.bad.example
"""
RPZ = b"""$TTL 300
$ORIGIN rpz.example.
@ IN SOA ns.rpz.example. admin.rpz.example. (
    2026112001 ; serial
    1h 15m 1w 5m )
  IN NS ns.rpz.example.
bad.example 300 IN CNAME .
*.bad.example CNAME .
good.bad.example CNAME rpz-passthru.
nodata.example.rpz.example. CNAME *.
old.example CNAME old.example.
walled.example A 192.0.2.80
               TXT "a ; b" "c"
drop.example CNAME rpz-drop.
tcp.example CNAME rpz-tcp-only.
24.0.2.0.192.rpz-ip CNAME .
ns.bad.example.rpz-nsdname CNAME .
$ORIGIN org.rpz.example.
spam CNAME .
lonely
"""
CSV = b"""first_listed;domain
2026-01-02;bad.example
2026-01-03T10:00:00Z;"worse.example"
1767398400;worst.example
2026-02-30;never.example
;undated.example
2026-01-02
"""


def parsed(data: bytes, form: Form | None = None) -> list[Entry | Reject]:
    lines = data.splitlines(keepends=True)
    return list(parse(lines, form or form_of(lines)))


def said(data: bytes) -> dict[str, tuple[bool, bool]]:
    entries = [entry for entry in parsed(data) if isinstance(entry, Entry)]
    return {stand.name: (stand.itself, stand.below) for stand in snapshot(entries)}


def refused(data: bytes) -> list[tuple[int, Reason]]:
    return [(each.line, each.reason) for each in parsed(data) if isinstance(each, Reject)]


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (PLAIN, Form.PLAIN), (HOSTS, Form.HOSTS), (DNSET, Form.DNSET), (RPZ, Form.RPZ),
        (CSV, Form.CSV), (b"", Form.PLAIN),
        (b"bad.example :127.0.0.2:x\n", Form.DNSET),
        (b"!good.example\n", Form.DNSET),
        (b"bad.example\tCNAME\t.\n", Form.RPZ),
        (b"bad.example\t2026-01-01\n", Form.CSV),
        (b"a.example ; a comment\n", Form.PLAIN),
        (b"; made for RPZ\n$TTL 60\n@ SOA a. b. 1 2 3 4 5\n", Form.RPZ),
    ],
)  # fmt: skip
def test_the_form_is_told_by_the_content(data: bytes, form: Form) -> None:
    assert form_of(data.splitlines()) is form


def test_a_plain_list() -> None:
    assert said(PLAIN) == {
        "bad.example": (True, False),
        "wild.example": (False, True),
        "both.example": (True, True),
        "xn--bcher-kva.example": (True, False),
    }
    assert refused(PLAIN) == [
        (6, Reason.SYNTAX), (7, Reason.BARE_LABEL), (8, Reason.ADDRESS), (9, Reason.NOT_UTF8),
    ]  # fmt: skip


def test_a_hosts_file() -> None:
    assert said(HOSTS) == {"bad.example": (True, False), "www.bad.example": (True, False)}
    assert refused(HOSTS) == [
        (1, Reason.LOCAL), (3, Reason.LOCAL), (4, Reason.LOCAL),
        (5, Reason.SYNTAX), (6, Reason.BARE_LABEL),
    ]  # fmt: skip


def test_a_dnset_of_rbldnsd() -> None:
    assert said(DNSET) == {
        "bad.example": (True, True),
        "good.bad.example": (False, True),
        "wild.example": (False, True),
        "customer.bad.example": (False, False),
    }
    assert refused(DNSET) == [(5, Reason.BARE_LABEL)]


def test_a_response_policy_zone() -> None:
    assert said(RPZ) == {
        "bad.example": (True, True),
        "good.bad.example": (False, True),
        "nodata.example": (True, False),
        "walled.example": (True, False),
        "drop.example": (True, False),
        "spam.org": (True, False),
    }
    assert refused(RPZ) == [
        (15, Reason.ACTION), (16, Reason.TRIGGER), (17, Reason.TRIGGER), (20, Reason.SYNTAX),
    ]  # fmt: skip


def test_a_parenthesis_that_never_closes_costs_no_more_than_a_few_lines() -> None:
    zone = b"@ SOA a. b. (\n" + b"bad.example CNAME .\n" * 40
    assert refused(zone)[0][1] is Reason.SYNTAX
    assert said(zone) == {"bad.example": (True, False)}


def test_csv_with_days() -> None:
    entries = [each for each in parsed(CSV) if isinstance(each, Entry)]
    assert [(each.name, each.since) for each in entries] == [
        ("bad.example", dt.date(2026, 1, 2)),
        ("worse.example", dt.date(2026, 1, 3)),
        ("worst.example", dt.date(2026, 1, 3)),
        ("undated.example", None),
    ]
    assert refused(CSV) == [(5, Reason.BAD_DATE), (7, Reason.SYNTAX)]


def test_csv_without_a_header() -> None:
    (entry,) = parsed(b"17,bad.example,high,2026-01-02\n")
    assert entry == Entry(1, "bad.example", itself=True, below=None, since=dt.date(2026, 1, 2))


def test_an_exception_beats_a_listing_and_the_earliest_day_counts() -> None:
    day, later = dt.date(2026, 1, 1), dt.date(2026, 2, 1)
    listed = Entry(1, "a.example", itself=True, below=True, since=later)
    again = Entry(2, "a.example", itself=False, below=None, since=day)
    below = Entry(3, "b.a.example", itself=None, below=False)
    assert snapshot([listed, again, below]) == snapshot([below, again, listed]) == [
        Stand("a.example", itself=False, below=True, since=day),
        Stand("b.a.example", itself=True, below=False, since=None),
    ]  # fmt: skip


PIECES = st.sampled_from(
    [
        *(
            b".",
            b"*",
            b"!",
            b":",
            b"$ORIGIN ",
            b"$",
            b"@",
            b"(",
            b")",
            b'"',
            b";",
            b"#",
            b",",
            b"\t",
        ),
        *(b" ", b"\n", b"CNAME", b"SOA", b"TXT", b"a.example", b"\xff", b"\0", b"127.0.0.2", b"\\"),
        *(b"2026-01-01", b"xn--", b"rpz-ip", b"domain", b"IN", b"300", "ü.example".encode()),
    ]
)
ANYTHING = st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=40).map(b"".join))


@given(ANYTHING, st.sampled_from(Form))
def test_no_bytes_break_a_parser(data: bytes, form: Form) -> None:
    lines = data.splitlines(keepends=True)
    assert form_of(lines) in Form
    for each in parse(lines, form):
        assert 1 <= each.line <= len(lines)
        if isinstance(each, Entry):
            assert each.name == each.name.lower()
            assert each.name.isascii()
            assert each.itself is not None or each.below is not None


@given(st.lists(ANYTHING, max_size=4).map(b"\n".join), st.sampled_from(Form))
def test_a_snapshot_has_a_name_once_whatever_the_list(data: bytes, form: Form) -> None:
    entries = [each for each in parsed(data, form) if isinstance(each, Entry)]
    names = [stand.name for stand in snapshot(entries)]
    assert names == sorted(set(names))
