"""MTA-STS and TLSRPT records, the file of an MTA-STS policy, and BIMI records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.mail_policies import StsMode
from stages.policy.bimi import parse as bimi
from stages.policy.fault import Fault
from stages.policy.transport import mta_sts, sts_policy, tls_rpt

FILE = (
    "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmx: *.Example.net\r\n"
    "max_age: 604800\r\n"
)
LOGO = "https://e.example/a.svg"
TEXTS = st.lists(st.binary(max_size=80) | st.text(max_size=80).map(str.encode), max_size=4)


def words(faults: tuple[Fault, ...]) -> list[str]:
    return [str(each.finding) for each in faults]


@pytest.mark.parametrize(
    ("records", "id_", "findings"),
    [
        (["v=STSv1; id=20260101T000000;"], "20260101T000000", []),
        (["v=STSv1;id=1"], "1", []),
        (["v=STSv1; id=1", "v=spf1 -all"], "1", ["foreign_text"]),
        (["v=STSv1; id=2026-01-01"], None, ["bad_id"]),
        (["v=STSv1; id=" + "1" * 33], None, ["bad_id"]),
        (["v=STSv1;"], None, ["missing_tag"]),
        (["v=STSv1; id=1", "v=STSv1; id=2"], None, ["multiple_records"]),
        (["v=STSv1 id=1"], None, ["bad_version"]),
        (["v=STS1; id=1"], None, ["bad_version"]),
        ([], None, []),
    ],
)
def test_the_record_of_mta_sts(records: list[str], id_: str | None, findings: list[str]) -> None:
    read = mta_sts([text.encode() for text in records])
    assert (read.id, words(read.faults)) == (id_, findings)


@pytest.mark.parametrize(
    ("records", "hosts", "findings"),
    [
        (["v=TLSRPTv1; rua=mailto:tls@example.com"], ["example.com"], []),
        (["v=TLSRPTv1;rua=https://r.example/x,mailto:a@b.example"], ["r.example", "b.example"], []),
        (["v=TLSRPTv1; rua=tls@example.com"], [], ["bad_uri", "missing_tag"]),
        (["v=TLSRPTv1;"], [], ["missing_tag"]),
        (["v=TLSRPT1; rua=mailto:a@b.example"], [], ["bad_version"]),
        (["v=TLSRPTv1; rua=ftp://b.example/"], ["b.example"], ["unusual_scheme"]),
    ],
)
def test_the_record_of_tlsrpt(records: list[str], hosts: list[str], findings: list[str]) -> None:
    read = tls_rpt([text.encode() for text in records])
    assert ([each.domain for each in read.uris], words(read.faults)) == (hosts, findings)


def test_a_good_policy_file() -> None:
    read = sts_policy(FILE.encode())
    assert read == (StsMode.ENFORCE, ("mx.example.com", "*.example.net"), 604800, ())
    assert sts_policy(FILE.replace("\r\n", "\n").encode()) == read
    assert words(sts_policy(b"version: STSv1\nmode: none\nmax_age: 0\n").faults) == []


@pytest.mark.parametrize(
    ("change", "to", "finding"),
    [
        ("STSv1", "STSv2", "bad_version"),
        ("version: STSv1\r\n", "", "bad_version"),
        ("mode: enforce\r\n", "", "missing_tag"),
        ("enforce", "strict", "bad_policy"),
        ("604800", "forever", "bad_max_age"),
        ("604800", "31557601", "bad_max_age"),
        ("max_age: 604800\r\n", "", "missing_tag"),
        ("mx.example.com", "mx.*.example.com", "bad_mx_pattern"),
        ("mx.example.com", "https://mx", "bad_mx_pattern"),
        ("mode: enforce", "mode: enforce\r\nmode: none", "duplicate_tag"),
        ("mode: enforce", "mode: enforce\r\n<html>", "bad_line"),
        ("version", "x: " + "y" * 70_000 + "\r\nversion", "too_long"),
    ],
)
def test_what_is_wrong_with_a_policy_file(change: str, to: str, finding: str) -> None:
    assert finding in words(sts_policy(FILE.replace(change, to).encode()).faults)


def test_a_file_without_mx_needs_mode_none() -> None:
    assert words(sts_policy(b"version: STSv1\nmode: testing\nmax_age: 1\n").faults) == [
        "missing_tag"
    ]


@pytest.mark.parametrize(
    ("record", "logo", "declined", "findings"),
    [
        ("v=BIMI1; l=https://e.example/a.svg; a=", LOGO, False, []),
        (f"v=BIMI1; l={LOGO}; a=https://e.example/c.pem", LOGO, False, []),
        ("v=BIMI1; l=; a=;", None, True, []),
        ("v=BIMI1; l=http://e.example/a.svg", None, False, ["not_https"]),
        ("v=BIMI1; l=https://e.example/a.png", "https://e.example/a.png", False, ["not_svg"]),
        ("v=BIMI1; l=https:///a.svg", None, False, ["bad_uri"]),
        ("v=BIMI1; a=https://e.example/c.pem", None, False, ["missing_tag"]),
        ("v=BIMI1; l=; x=1", None, True, ["unknown_tag"]),
        ("v=BIMI2; l=", None, False, ["bad_version"]),
    ],
)  # fmt: skip
def test_the_record_of_bimi(
    record: str,
    logo: str | None,
    declined: bool,  # noqa: FBT001
    findings: list[str],
) -> None:
    read = bimi([record.encode()])
    assert (read.logo, read.declined, words(read.faults)) == (logo, declined, findings)


@given(TEXTS, st.sampled_from([b"", b"v=STSv1; id=", b"v=TLSRPTv1; rua=", b"v=BIMI1; l=https://"]))
def test_any_bytes_are_read(texts: list[bytes], before: bytes) -> None:
    records = [before + text for text in texts]
    assert (mta_sts(records).id is None) or len(records) > 0
    for uri in tls_rpt(records).uris:
        assert uri.domain
    bimi(records)


LINES = st.lists(
    st.sampled_from(["version: STSv1", "mode: none", "mx: *.", "mx: a.b", "max_age: 1", ":", "x"])
)


@given(st.binary(max_size=400) | LINES.map(lambda lines: b"\n".join(map(str.encode, lines))))
def test_any_file_is_read(data: bytes) -> None:
    read = sts_policy(data)
    if read.mode is None or read.max_age is None:
        assert any(each.fatal for each in read.faults)
