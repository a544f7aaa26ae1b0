"""What an answer says about its question."""

import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.outcomes import Outcome
from stages.dns.answer import MxData, Question, RRType
from stages.dns.message import HEADER, decode
from stages.dns.name import MalformedMessage, to_wire
from stages.dns.reply import Reply, read_any, read_reply
from tests.stages.dns.wire import RDATA, messages, mutated

SOA = "example. 900 IN SOA ns.example. hostmaster.example. 1 2 3 4 60"


def message(question: str, *lines: str, rcode: str = "NOERROR") -> bytes:
    """A response in dnspython's text form; lines may name sections with ;AUTHORITY."""
    sections = (
        "\n".join(lines) if lines and lines[0].startswith(";") else "\n".join((";ANSWER", *lines))
    )
    text = f"id 7\nopcode QUERY\nrcode {rcode}\nflags QR RD RA\n;QUESTION\n{question}\n{sections}\n"
    return dns.message.from_text(text, one_rr_per_rrset=True).to_wire()


def read(data: bytes, name: str, rrtype: RRType) -> Reply:
    question = Question(name, rrtype)
    return read_reply(data, question, HEADER.size + len(to_wire(question.name)) + 4)


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        pytest.param(
            ["d.example. 300 IN MX 10 b.example.", "d.example. 60 IN MX 5 a.example."],
            Reply(Outcome.OK, 0, 60, (MxData(10, "b.example"), MxData(5, "a.example"))),
            id="records in the order of the answer, least TTL",
        ),
        pytest.param(
            ["D.EXAMPLE. 300 IN MX 10 B.Example."],
            Reply(Outcome.OK, 0, 300, (MxData(10, "b.example"),)),
            id="names have no case",
        ),
        pytest.param(
            ["d.example. 300 IN CNAME e.example.", "e.example. 20 IN CNAME f.example.",
             "f.example. 100 IN MX 0 ."],
            Reply(Outcome.OK, 0, 20, (MxData(0, "."),), ("e.example", "f.example")),
            id="chain",
        ),
        pytest.param(
            ["f.example. 100 IN MX 0 .", "e.example. 200 IN CNAME f.example.",
             "d.example. 300 IN CNAME e.example."],
            Reply(Outcome.OK, 0, 100, (MxData(0, "."),), ("e.example", "f.example")),
            id="chain in reverse",
        ),
        pytest.param(
            ["d.example. 300 IN CNAME e.example.", "e.example. 20 IN CNAME d.example."],
            Reply(Outcome.NODATA, 0, 20, (), ("e.example", "d.example")),
            id="loop",
        ),
        pytest.param(
            ["d.example. 300 IN CNAME e.example.", "d.example. 300 IN CNAME f.example.",
             "e.example. 100 IN MX 1 x.example.", "f.example. 100 IN MX 2 x.example."],
            Reply(Outcome.OK, 0, 100, (MxData(1, "x.example"),), ("e.example",)),
            id="of two aliases the first",
        ),
        pytest.param(
            ["d.example. 300 IN CNAME d.example."],
            Reply(Outcome.NODATA, 0, 300, (), ("d.example",)),
            id="alias for itself",
        ),
        pytest.param(
            ["d.example. 300 IN CNAME e.example.", ";AUTHORITY", SOA],
            Reply(Outcome.NODATA, 0, 60, (), ("e.example",)),
            id="chain without end",
        ),
        pytest.param(
            ["d.example. 300 IN A 192.0.2.1", "e.example. 300 IN MX 1 x.example."],
            Reply(Outcome.NODATA, 0),
            id="records of another type or name",
        ),
        pytest.param([";AUTHORITY", SOA], Reply(Outcome.NODATA, 0, 60), id="SOA: minimum"),
        pytest.param(
            [";AUTHORITY", SOA.replace("900", "30")], Reply(Outcome.NODATA, 0, 30), id="SOA: TTL"
        ),
        pytest.param([], Reply(Outcome.NODATA, 0), id="nothing"),
    ],
)  # fmt: skip
def test_replies_without_error(lines: list[str], reply: Reply) -> None:
    assert read(message("d.example. IN MX", *lines), "d.example", RRType.MX) == reply


@pytest.mark.parametrize(
    ("rcode", "reply"),
    [
        ("NXDOMAIN", Reply(Outcome.NXDOMAIN, 3, 60, (), ("e.example",))),
        ("SERVFAIL", Reply(Outcome.SERVFAIL, 2, 60, (), ("e.example",))),
        ("REFUSED", Reply(Outcome.REFUSED, 5, 60, (), ("e.example",))),
        ("NOTIMP", Reply(Outcome.RCODE, 4, 60, (), ("e.example",))),
        ("BADVERS", Reply(Outcome.RCODE, 16, 60, (), ("e.example",))),
    ],
)
def test_response_codes(rcode: str, reply: Reply) -> None:
    lines = ["d.example. 300 IN CNAME e.example.", ";AUTHORITY", SOA]
    data = message("d.example. IN MX", *lines, rcode=rcode)
    assert read(data, "d.example", RRType.MX) == reply


def test_a_question_for_the_alias_itself() -> None:
    data = message(
        "d.example. IN CNAME",
        "d.example. 9 IN CNAME e.example.",
        "e.example. 9 IN CNAME f.example.",
    )
    assert read(data, "d.example", RRType.CNAME) == Reply(Outcome.OK, 0, 9, ("e.example",))


def test_records_of_another_class_do_not_count() -> None:
    data = message(
        "d.example. IN TXT", 'd.example. 9 CH TXT "version"', 'd.example. 8 IN TXT "v=spf1"'
    )
    assert read(data, "d.example", RRType.TXT) == Reply(Outcome.OK, 0, 8, (b"v=spf1",))


def test_a_zero_ttl_stays_zero() -> None:
    data = message("d.example. IN A", "d.example. 0 IN A 192.0.2.1")
    assert read(data, "d.example", RRType.A).ttl == 0


_pool = st.sampled_from([f"{letter}.example." for letter in "abcde"])
_lines = st.builds("{} {} IN CNAME {}".format, _pool, st.integers(1, 900), _pool) | st.builds(
    "{} {} IN MX {} {}".format, _pool, st.integers(1, 900), st.integers(0, 99), _pool
)


@given(st.lists(_lines, max_size=8, unique_by=lambda line: tuple(line.split()[::3])), st.booleans())
def test_chains_end_where_dnspython_ends_them(lines: list[str], soa: bool) -> None:  # noqa: FBT001
    aliased = {line.split()[0] for line in lines if "CNAME" in line}
    lines = [line for line in lines if "CNAME" in line or line.split()[0] not in aliased]
    data = message("a.example. IN MX", *lines, *([";AUTHORITY", SOA] if soa else []))
    reply = read(data, "a.example", RRType.MX)
    parsed = dns.message.from_wire(data)
    assert isinstance(parsed, dns.message.QueryMessage)
    try:
        chaining = parsed.resolve_chaining()
    except dns.message.ChainTooLong:
        assert reply.outcome is Outcome.NODATA
        return
    assert reply.cname_chain == tuple(
        rdata.target.to_text(omit_final_dot=True) for rrset in chaining.cnames for rdata in rrset
    )
    expected = {
        (r.preference, r.exchange.to_text(omit_final_dot=True)) for r in chaining.answer or ()
    }
    assert set(reply.records) == expected
    if chaining.answer or soa:
        assert reply.ttl == chaining.minimum_ttl


@settings(max_examples=200)
@given(messages() | mutated())
def test_any_message_gives_a_reply_or_is_malformed(data: bytes) -> None:
    """And where the whole message can be read, the reply can."""
    try:
        whole = decode(data)
    except MalformedMessage:
        whole = None
    if whole is None or len(whole.questions) != 1 or whole.questions[0].type not in set(RRType):
        question, offset = Question("a.example", RRType.MX), HEADER.size + 15
    else:
        (entry,) = whole.questions
        question = Question(entry.name, RRType(entry.type))
        offset = HEADER.size + len(to_wire(question.name)) + 4
    if len(data) < HEADER.size:
        return
    try:
        reply = read_reply(data, question, offset)
    except MalformedMessage:
        assert whole is None or len(whole.questions) != 1
        return
    if whole is not None and reply.records:
        assert set(reply.records) <= {record.data for record in whole.answer}


_bytes = st.integers(0, 0xFF)


@st.composite
def _usual(draw: st.DrawFn) -> tuple[bytes, Question, int]:
    """An answer as servers give it, then perhaps some bytes of it changed or cut off."""
    rrtype = draw(st.sampled_from([rrtype for rrtype in RRType if rrtype in RDATA]))
    kind = dns.rdatatype.RdataType(rrtype)
    name = draw(st.sampled_from(["a.example", "b-c.co.example", r"x\.y.example", "."]))
    message = dns.message.make_query(name, kind, use_edns=True)
    response = dns.message.make_response(message)
    response.set_rcode(dns.rcode.Rcode(draw(st.sampled_from([0, 0, 0, 2, 3, 9, 16]))))
    owner = message.question[0].name
    exchanges = st.sampled_from(["mx.a.example.", "MX.example.", "a.example.", "example.net.", "."])
    if draw(st.booleans()):
        for _ in range(draw(st.integers(0, 4))):
            data = draw(RDATA[rrtype])
            if rrtype is RRType.MX:
                target = dns.name.from_text(draw(exchanges)).to_wire()
                assert target is not None
                data = draw(_bytes).to_bytes(2) + target
            rdata = dns.rdata.from_wire(dns.rdataclass.IN, kind, data, 0, len(data))
            ttl = draw(st.integers(0, 0x7FFFFFFF))
            response.answer.append(dns.rrset.from_rdata(owner, ttl, rdata))
    elif draw(st.booleans()):
        response.authority.append(dns.rrset.from_text("example.", 900, "IN", "SOA", SOA[19:]))
    wire = bytearray(response.to_wire())
    section = message.to_wire()[HEADER.size : -11]
    end = HEADER.size + len(section)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(end, len(wire)))
        wire[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    wire[6:12] = draw(st.sampled_from([bytes(wire[6:12]), bytes(wire[6:8]) + bytes(4)]))
    return bytes(wire), Question(name, rrtype), end


@settings(max_examples=500)
@given(_usual())
def test_the_quick_ways_read_what_the_slow_way_reads(given: tuple[bytes, Question, int]) -> None:
    """Only the names of a SOA, which the quick way passes over, may be broken."""
    data, question, offset = given
    try:
        slow = read_any(data, question, offset)
    except MalformedMessage:
        slow = None
    try:
        quick = read_reply(data, question, offset)
    except MalformedMessage:
        quick = None
    if slow is None and quick is not None:
        assert quick.outcome is not Outcome.OK
        assert HEADER.unpack_from(data)[3:5] == (0, 1)
    else:
        assert quick == slow
