"""DMARC records: every tag, every mistake, and any bytes."""

import gzip
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.mail_policies import Disposition
from schemas.policy_class import PolicyClass
from stages.policy.dmarc import Dmarc, choose, is_dmarc, parse

RECORDED = Path(__file__).parents[4] / "shared" / "data" / "mail-dns" / "recorded.jsonl.gz"
PIECES = [
    "v=DMARC1", "p=none", "p=reject", "P=Quarantine", "sp=reject", "sp=nothing", "np=reject",
    "rua=mailto:a@b.example", "rua=mailto:a@b.example!10m,https://c.example/x", "ruf=a@b", "pct=50",
    "pct=200", "pct=", "fo=1:d", "fo=2", "adkim=s", "aspf=x", "ri=3600", "rf=afrf", "t=y", "psd=n",
    "psd=q", "junk", "=", "v=DMARC2", " ", "\u00fc=1", "p", "rua=", "rua=mailto:%zz@[::1",
    "sp=none",
]  # fmt: skip


def classes(record: str) -> dict[str, str]:
    """Findings of a record, and the words they are about."""
    return {str(each.finding): each.term for each in parse(record.encode()).faults}


@pytest.mark.parametrize(
    ("record", "policy", "below", "absent"),
    [
        ("v=DMARC1; p=reject", "reject", "reject", "reject"),
        ("v=DMARC1;p=Quarantine; SP=None", "quarantine", "none", "none"),
        ("v=DMARC1; p=none; np=reject; rua=mailto:a@b.example", "none", "none", "reject"),
        ("v=DMARC1; p=reject; sp=quarantine; np=none", "reject", "quarantine", "none"),
        ("v=DMARC1; p=monitor", None, None, None),
        ("v=DMARC1; p=monitor; rua=mailto:a@b.example", "none", "none", "none"),
        ("v=DMARC1; p=reject; sp=all", None, None, None),
        ("v=DMARC1; p=reject; sp=all; rua=mailto:a@b.example", "none", "none", "none"),
        ("v=DMARC1", None, None, None),
        ("v=DMARC1; rua=mailto:a@b.example", "none", "none", "none"),
        ("v=DMARC1; rua=a@b.example", None, None, None),
        ("v = DMARC1 ; p = reject ;", "reject", "reject", "reject"),
    ],
)
def test_what_a_record_asks_for(
    record: str, policy: str | None, below: str | None, absent: str | None
) -> None:
    read = parse(record.encode())
    assert (read.policy, read.subdomains, read.nonexistent) == (policy, below, absent)


@pytest.mark.parametrize(
    ("record", "finding", "term"),
    [
        ("v=DMARC1; p=none", "no_reports", ""),
        ("v=DMARC1; p=reject; sp=none", "weaker_subdomains", "sp=none"),
        ("v=DMARC1; p=reject; pct=50", "obsolete_tag", "pct=50"),
        ("v=DMARC1; p=reject; pct=101", "bad_value", "pct=101"),
        ("v=DMARC1; p=reject; pct=" + "9" * 5000, "bad_value", "pct=" + "9" * 95 + "…"),
        ("v=DMARC1; p=reject; adkim=strict", "bad_value", "adkim=strict"),
        ("v=DMARC1; p=reject; fo=1:x", "bad_value", "fo=1:x"),
        ("v=DMARC1; p=reject; t=1", "bad_value", "t=1"),
        ("v=DMARC1; p=reject; policy=x", "unknown_tag", "policy=x"),
        ("v=DMARC1; p=reject; p=none", "duplicate_tag", "p=none"),
        ("v=DMARC1; p=reject; oops", "syntax", "oops"),
        ("v=DMARC1; sp=reject; p=reject", "misplaced_tag", "p=reject"),
        ("v=DMARC1; p=block", "bad_policy", "p=block"),
        ("v=DMARC1; rua=mailto:a@b.example", "missing_tag", "p"),
        ("v=DMARC1; p=reject; rua=me@b.example", "bad_uri", "me@b.example"),
        ("v=DMARC1; p=reject; rua=mailto:a@b.example, mailto:", "bad_uri", "mailto:"),
        ("v=DMARC1; p=reject; rua=mailto:a@localhost", "bad_uri", "mailto:a@localhost"),
        ("v=DMARC1; p=reject; rua=https://b.example", "unusual_scheme", "https://b.example"),
        ("v=DMARC1; p=reject; rua=mailto:a@b.example!9m", "size_limit", "mailto:a@b.example!9m"),
    ],
)
def test_what_is_wrong_with_a_record(record: str, finding: str, term: str) -> None:
    assert classes(record)[finding] == term


def test_a_good_record_has_no_fault_and_all_its_tags() -> None:
    record = (
        b"v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s; t=y; psd=n; fo=0:1:d:s; "
        b"rua=mailto:a@B.example,mailto:c%2Bd@e.example; ruf=mailto:f@b.example;"
    )
    read = parse(record)
    assert read.faults == ()
    assert (read.strict_dkim, read.strict_spf, read.testing, read.psd) == (True, True, True, "n")
    assert [each.domain for each in read.rua] == ["b.example", "e.example"]
    assert [each.uri for each in read.ruf] == ["mailto:f@b.example"]


def test_which_of_the_texts_of_a_name_is_the_record() -> None:
    good, other = b"v=DMARC1; p=none", b"v=spf1 -all"
    assert choose([other, good]).record == good
    assert [str(each.finding) for each in choose([other, good]).faults] == ["foreign_text"]
    several = choose([good, b"v=DMARC1; p=reject"])
    assert (several.record, several.found) == (None, 2)
    assert several.faults[0].finding is PolicyClass.MULTIPLE_RECORDS
    for almost in (b"v=DMARC1 p=none", b"p=none; v=DMARC1", b"v=dmarc1; p=none", b'"v=DMARC1"'):
        assert choose([almost]).record is None
        assert choose([almost]).faults[0].finding is PolicyClass.BAD_VERSION
    assert is_dmarc(b"v=DMARC1")
    assert is_dmarc(b" v = DMARC1 ;")


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_read(record: bytes) -> None:
    check(parse(record))
    choose([record])


@given(
    st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from([";", "; ", " ;", ";;", " "])
)
def test_any_mixture_of_tags_is_read(pieces: list[str], between: str) -> None:
    check(parse(between.join(pieces).encode()))


def check(read: Dmarc) -> None:
    """What holds for every record that was read."""
    assert (read.policy is None) == (read.subdomains is None) == (read.nonexistent is None)
    assert 0 <= read.percent <= 100
    assert all(len(each.term) <= 100 for each in read.faults)
    if read.policy is None:
        assert any(each.fatal for each in read.faults)
    for each in (*read.rua, *read.ruf):
        assert each.domain == each.domain.lower()
        assert "." in each.domain


def test_a_record_for_each_recorded_domain_mutated_has_a_verdict() -> None:
    """The recorded answers have no DMARC, so each domain gets one made of tags, and damaged."""
    if not RECORDED.exists():
        pytest.skip("no recorded answers (shared/data/mail-dns)")
    pick, found = random.Random(7), Counter[str]()
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        domains = [json.loads(line)["domain"] for line in lines]
    for domain in domains:
        tags = pick.choices(PIECES, k=pick.randrange(5))
        text = "; ".join(["v=DMARC1", f"rua=mailto:dmarc@{domain}", *tags])
        data = bytearray(text.encode())
        for _ in range(pick.randrange(3)):
            data[pick.randrange(len(data))] = pick.randrange(256)
        choice = choose([bytes(data)])
        faults = {each.finding for each in choice.faults}
        if choice.record is None:
            assert faults
        else:
            read = parse(choice.record)
            faults |= {each.finding for each in read.faults}
            assert read.policy in (None, *Disposition)
        found.update(map(str, faults))
    print(f"\n{len(domains):,} mutated records of DMARC")
    for word, count in found.most_common():
        print(f"{word:20}{count:8,}{count / len(domains):8.1%}")
    assert found["bad_version"] > 1000
    assert found["bad_policy"] > 1000
