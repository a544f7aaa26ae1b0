"""Messages of the world's name server, against dnspython."""

import dns.flags
import dns.message
import dns.opcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.world.lookup import Entry
from scripts.world.message import TC, pack, parse, refusal
from scripts.world.model import Record
from scripts.world.names import wire
from scripts.world.rdata import encode


def entry(name: str, kind: int, record: Record) -> Entry:
    return Entry(wire(name), kind, 300, encode(record))


@given(st.binary(max_size=80))
def test_any_bytes_are_a_query_or_none(data: bytes) -> None:
    query = parse(data)
    if query is not None:
        assert dns.message.from_wire(pack(query, 0), one_rr_per_rrset=True).id == query.id
    refused = refusal(data, 1)
    assert refused is None or refused[:2] == data[:2]


@given(st.integers(0, 80), st.integers(0, 255))
def test_a_damaged_query_does_no_harm(place: int, byte: int) -> None:
    data = bytearray(dns.message.make_query("Mail.Example.com", "MX", use_edns=0).to_wire())
    data[place % len(data)] = byte
    parse(bytes(data))
    parse(bytes(data[:place]))


def test_a_question_is_read_without_case_and_sent_back_with_it() -> None:
    asked = dns.message.make_query("MaIl.eXample.com", "MX", payload=4096, use_edns=0)
    query = parse(asked.to_wire())
    assert query is not None
    assert (query.name, query.type, query.payload) == (wire("mail.example.com"), 15, 4096)
    answer = dns.message.from_wire(pack(query, 0))
    assert asked.is_response(answer)
    assert answer.question[0].name.to_text() == "MaIl.eXample.com."


def test_answers_are_what_dnspython_reads() -> None:
    asked = dns.message.make_query("alias.example", "A")
    query = parse(asked.to_wire())
    assert query is not None
    answers = [
        entry("alias.example", 5, Record("", "CNAME", "host.example")),
        entry("host.example", 1, Record("", "A", "127.1.0.1")),
    ]
    read = dns.message.from_wire(pack(query, 0, answers))
    assert [rrset.to_text() for rrset in read.answer] == [
        "alias.example. 300 IN CNAME host.example.",
        "host.example. 300 IN A 127.1.0.1",
    ]
    assert read.flags & dns.flags.RA


@pytest.mark.parametrize(
    ("payload", "tcp", "limit"),
    [(None, False, 512), (100, False, 512), (900, False, 900), (4096, False, 1232),
     (None, True, 65535)],
)  # fmt: skip
def test_an_answer_may_have_as_many_bytes(payload: int | None, tcp: bool, limit: int) -> None:  # noqa: FBT001
    edns = {} if payload is None else {"use_edns": 0, "payload": payload}
    query = parse(dns.message.make_query("a.example", "A", **edns).to_wire())  # type: ignore[arg-type]
    assert query is not None
    assert query.limit(tcp=tcp) == limit


def test_truncation_is_a_flag() -> None:
    query = parse(dns.message.make_query("a.example", "A").to_wire())
    assert query is not None
    assert dns.message.from_wire(pack(query, TC)).flags & dns.flags.TC


def test_what_is_no_query_for_one_name_is_refused_by_its_header() -> None:
    update = dns.message.make_query("a.example", "A")
    update.set_opcode(dns.opcode.NOTIFY)
    query = parse(update.to_wire())
    assert query is not None
    assert not query.standard
    assert refusal(b"\x12\x34\x00\x00" + bytes(8), 1) == b"\x12\x34\x80\x81" + bytes(8)
    assert refusal(b"\x12\x34\x80\x00" + bytes(8), 1) is None
    assert refusal(b"short", 1) is None
