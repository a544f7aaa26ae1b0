"""The codec, by transcripts and against dnspython."""

import dns.flags
import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.dns.answer import CaaData, MxData, Question, Rdata, RRType, SoaData, SrvData, TlsaData
from stages.dns.message import (
    AA,
    QR,
    RA,
    RD,
    TC,
    UDP_SIZE,
    Edns,
    Entry,
    Record,
    authenticated,
    decode,
    echoes,
    encode_query,
    encode_question,
    prepare,
    truncated,
)
from stages.dns.name import MalformedMessage
from tests.stages.dns.wire import messages, mutated, reference, without_foreign_data

QUESTION = Question("example.com", RRType.MX)
SECTION = b"\7example\3com\0\0\x0f\0\1"


def test_a_query_on_the_wire() -> None:
    query = encode_query(b"\xab\xcd", SECTION)
    assert query == (
        b"\xab\xcd"  # id
        b"\1\x20"  # a query, recursion desired, and word of validation (AD)
        b"\0\1\0\0\0\0\0\1" + SECTION + b"\0\0\x29\x04\xd0\0\0\0\0\0\0"  # OPT: 1232 bytes
    )
    assert dns.message.from_wire(query).payload == UDP_SIZE


def test_whether_an_answer_was_validated() -> None:
    query = encode_query(b"\xab\xcd", SECTION)
    assert authenticated(query)
    assert not authenticated(query[:3] + b"\0" + query[4:])


@given(
    st.sampled_from(RRType), st.from_regex(r"[a-z0-9_-]{1,20}(\.[a-z]{2,9}){0,4}", fullmatch=True)
)
def test_dnspython_reads_our_queries(rrtype: RRType, name: str) -> None:
    section = encode_question(prepare(name, mix_case=False), rrtype, bytes(90))
    read = dns.message.from_wire(encode_query(b"\0\7", section))
    (entry,) = read.question
    assert (read.id, entry.name.to_text(omit_final_dot=True), int(entry.rdtype)) == (
        7,
        name,
        int(rrtype),
    )
    assert read.flags == dns.flags.RD | dns.flags.AD


@given(st.binary(min_size=20, max_size=40))
def test_noise_changes_the_case_of_letters_only(noise: bytes) -> None:
    section = encode_question(prepare("a-9.example_x.com"), RRType.A, noise)
    assert section.lower() == b"\3a-9\x09example_x\3com\0\0\1\0\1"


def test_each_bit_of_noise_decides_over_a_letter() -> None:
    noise = bytes((0xFF, 0, 0x20, 0xDF, 0xFF, 0))  # what goes beyond the name's size is for an id
    assert encode_question(prepare("abc"), RRType.A, noise) == b"\3AbC\0\0\1\0\1"
    plain = prepare("abc", mix_case=False)
    assert encode_question(plain, RRType.A, noise) == b"\3abc\0\0\1\0\1"


def answer(flags: int, *records: bytes, authority: int = 0, additional: int = 0) -> bytes:
    counts = (1, len(records) - authority - additional, authority, additional)
    head = b"\0\7" + flags.to_bytes(2) + b"".join(count.to_bytes(2) for count in counts)
    return head + SECTION + b"".join(records)


def record(rrtype: int, data: bytes, owner: bytes = b"\xc0\x0c", ttl: int = 300) -> bytes:
    return owner + rrtype.to_bytes(2) + b"\0\1" + ttl.to_bytes(4) + len(data).to_bytes(2) + data


@pytest.mark.parametrize(
    ("rrtype", "wire", "data"),
    [
        (RRType.A, b"\xc0\0\2\1", "192.0.2.1"),
        (RRType.AAAA, b"\x20\1\x0d\xb8" + bytes(11) + b"\1", "2001:db8::1"),
        (RRType.NS, b"\2ns\xc0\x0c", "ns.example.com"),
        (RRType.CNAME, b"\xc0\x0c", "example.com"),
        (RRType.PTR, b"\0", "."),
        (RRType.MX, b"\0\x0a\2mx\xc0\x0c", MxData(10, "mx.example.com")),
        (RRType.MX, b"\0\0\0", MxData(0, ".")),
        (RRType.TXT, b"\6v=spf1\5 -all", b"v=spf1 -all"),
        (RRType.TXT, b"\3\xff\0\n", b"\xff\0\n"),
        (RRType.TXT, b"\0", b""),
        (RRType.TXT, b"", b""),
        (
            RRType.SOA,
            b"\2ns\xc0\x0c\xc0\x0c" + b"".join(n.to_bytes(4) for n in range(1, 6)),
            SoaData("ns.example.com", "example.com", 1, 2, 3, 4, 5),
        ),
        (RRType.SRV, b"\0\1\0\2\1\xbb\2ad\xc0\x0c", SrvData(1, 2, 443, "ad.example.com")),
        (RRType.SRV, bytes(7), SrvData(0, 0, 0, ".")),
        (RRType.TLSA, b"\3\1\1\xaa\xbb", TlsaData(3, 1, 1, b"\xaa\xbb")),
        (RRType.CAA, b"\x80\5issueca.example", CaaData(0x80, "issue", b"ca.example")),
        (99, b"\1\2\3", b"\1\2\3"),
    ],
)
def test_record_data_by_type(rrtype: int, wire: bytes, data: Rdata) -> None:
    message = decode(answer(QR | RD | RA, record(rrtype, wire)))
    assert message.flags == QR | RD | RA
    assert message.questions == (Entry("example.com", RRType.MX, 1),)
    assert message.answer == (Record("example.com", rrtype, 1, 300, data),)


@pytest.mark.parametrize(
    ("rrtype", "wire"),
    [
        (RRType.A, b"\1\2\3"),
        (RRType.A, b"\1\2\3\4\5"),
        (RRType.AAAA, bytes(15)),
        (RRType.NS, b"\2ns\xc0\x0c\0"),
        (RRType.NS, b"\2ns"),
        (RRType.CNAME, b""),
        (RRType.MX, b"\0\x0a"),
        (RRType.TXT, b"\5abc"),
        (RRType.SOA, b"\0\0" + bytes(19)),
        (RRType.SRV, bytes(6)),
        (RRType.SRV, bytes(8)),
        (RRType.SRV, b"\0\1\0"),
        (RRType.TLSA, b"\3\1"),
        (RRType.CAA, b"\0\x09issue"),
        (RRType.CAA, b"\0\0value"),
        (RRType.CAA, b"\0\4is ue"),
    ],
)
def test_broken_record_data_is_malformed(rrtype: int, wire: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode(answer(QR, record(rrtype, wire)))


def test_a_ttl_with_its_highest_bit_set_is_zero() -> None:
    message = decode(answer(QR, record(RRType.A, bytes(4), ttl=0x80000001)))
    assert message.answer[0].ttl == 0


def test_edns_adds_to_the_response_code() -> None:
    opt = record(41, b"", owner=b"\0", ttl=0x01000000 | 0x8000).replace(
        b"\0\x29\0\1", b"\0\x29\4\xd0"
    )
    message = decode(answer(QR | AA | 7, opt, additional=1))
    assert (message.rcode, message.flags) == (23, QR | AA)
    assert message.edns == Edns(1232, 0, dnssec_ok=True, options=b"")
    assert message.additional == ()


@pytest.mark.parametrize(
    "opts",
    [
        pytest.param([record(41, b"", owner=b"\0")] * 2, id="twice"),
        pytest.param([record(41, b"")], id="not at the root"),
    ],
)
def test_opt_stands_once_and_at_the_root(opts: list[bytes]) -> None:
    with pytest.raises(MalformedMessage):
        decode(answer(QR, *opts, additional=len(opts)))


def test_every_cut_of_a_message_is_malformed() -> None:
    whole = answer(QR, record(RRType.MX, b"\0\x0a\2mx\xc0\x0c"), record(RRType.TXT, b"\1a"))
    decode(whole)
    for size in range(len(whole)):
        with pytest.raises(MalformedMessage):
            decode(whole[:size])
    with pytest.raises(MalformedMessage):
        decode(whole + b"\0")


def test_an_answer_echoes_the_question_to_the_letter() -> None:
    good = answer(QR)
    assert echoes(good, SECTION)
    assert not echoes(good, SECTION.replace(b"ex", b"eX"))
    assert not echoes(good, SECTION.replace(b"\x0f\0\1", b"\x10\0\1"))
    assert not echoes(answer(0), SECTION)
    assert not echoes(answer(QR | 0x2000), SECTION)  # another opcode
    assert not echoes(good[:4] + b"\0\2" + good[6:], SECTION)
    assert not echoes(b"\0\7", SECTION)


def test_truncation_is_a_flag() -> None:
    assert truncated(answer(QR | TC))
    assert not truncated(answer(QR | AA | RD | RA))


@given(messages())
def test_dnspython_reads_the_same_in_sound_messages(data: bytes) -> None:
    expected = reference(data)
    assert expected is not None
    assert decode(data) == expected


@settings(max_examples=300)
@given(mutated())
def test_dnspython_reads_the_same_in_broken_messages(data: bytes) -> None:
    expected = reference(data)
    try:
        message = decode(data)
    except MalformedMessage:
        return
    if expected is not None:
        assert without_foreign_data(message) == without_foreign_data(expected)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: answer(QR)[:12] + tail))
def test_any_bytes_are_a_message_or_malformed(data: bytes) -> None:
    try:
        decode(data)
    except MalformedMessage:
        return
