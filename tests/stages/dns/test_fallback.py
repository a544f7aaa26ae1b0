"""The second opinion: c-ares by itself, and behind the bulk resolver."""

import asyncio
from collections import Counter
from pathlib import Path
from time import perf_counter

import pytest

from schemas.outcomes import Outcome
from stages.dns.answer import MxData, Question, RRType
from stages.dns.client import UdpResolver
from stages.dns.fallback import AiodnsResolver
from stages.dns.settings import UdpSettings
from tests.servers.fates import PLAY
from tests.servers.hostile_dns import Ask, Later, hostile_dns
from tests.servers.nsd import free_port, nsd
from tests.stages.dns.responder import Asked, Script, code, mx, responder, silence

NAME = Question("example.com", RRType.MX)
QUICK = UdpSettings(timeout=0.1, attempts=2)

ZONE = r"""
$ORIGIN example.com.
$TTL 300
@     IN SOA ns hostmaster.mail 1 7200 3600 1209600 60
@     NS ns
@     MX 10 MX
@     MX 5 mx.example.net.
@     TXT "v=spf1" " -all"
@     TXT "caf\195\169 \255"
null  MX 0 .
mx    A 192.0.2.1
mx    A 192.0.2.2
mx    AAAA ::ffff:192.0.2.1
mx    AAAA 2001:DB8:0:0::1
alias CNAME mx
lost  CNAME nowhere
_autodiscover._tcp SRV 0 5 443 MX
odd   CNAME a\.b.\000x\032y
large TXT "{long}"
large TXT "2{long}"
large TXT "3{long}"
large TXT "4{long}"
large TXT "5{long}"
large TXT "6{long}"
large TXT "7{long}"
"""

QUESTIONS = [
    Question(name, rrtype)
    for name, rrtype in [
        ("example.com", RRType.MX),
        ("example.com", RRType.TXT),
        ("example.com", RRType.NS),
        ("example.com", RRType.SOA),
        ("null.example.com", RRType.MX),
        ("mx.example.com", RRType.A),
        ("mx.example.com", RRType.AAAA),
        ("_autodiscover._tcp.example.com", RRType.SRV),
        ("alias.example.com", RRType.A),
        ("odd.example.com", RRType.CNAME),
        ("large.example.com", RRType.TXT),
        ("mx.example.com", RRType.MX),
        ("nowhere.example.com", RRType.A),
        ("elsewhere.test", RRType.A),
        ("a..b", RRType.A),
        ("münchen.example", RRType.A),
    ]
]


async def test_it_says_what_the_bulk_resolver_says() -> None:
    with nsd({"example.com": ZONE.format(long="x" * 220)}) as server:
        address = (server.address, server.port)
        async with AiodnsResolver([address]) as other, UdpResolver([address]) as bulk:
            found = await other.ask(QUESTIONS)
            expected = await bulk.ask(QUESTIONS)
    for one, two in zip(found, expected, strict=True):
        assert one.question == two.question
        assert (one.outcome, one.query.rcode) == (two.outcome, two.query.rcode)
        assert set(one.records) == set(two.records)
        assert one.cname_chain == two.cname_chain
        assert one.query.server == two.query.server
        if one.records:
            assert one.query.ttl == two.query.ttl
        if one.outcome is not Outcome.INVALID_NAME:
            assert one.query.tcp
    assert Counter(answer.outcome for answer in found) == {
        Outcome.OK: 11,
        Outcome.NODATA: 1,
        Outcome.NXDOMAIN: 1,
        Outcome.REFUSED: 1,
        Outcome.INVALID_NAME: 2,
    }


@pytest.mark.parametrize(
    ("script", "outcome", "rcode"),
    [
        (silence, Outcome.TIMEOUT, None),
        (lambda _: [], Outcome.UNREACHABLE, None),
        (code(1), Outcome.RCODE, 1),
        (code(2), Outcome.SERVFAIL, 2),
        (code(4), Outcome.RCODE, 4),
        (code(5), Outcome.REFUSED, 5),
        (code(9), Outcome.RCODE, None),
    ],
)
async def test_every_failure_has_its_outcome(
    script: Script, outcome: Outcome, rcode: int | None
) -> None:
    async with responder(script) as server, AiodnsResolver([server.address], 0.3) as other:
        (answer,) = await other.ask([NAME])
    assert (answer.outcome, answer.query.rcode, answer.query.attempts) == (outcome, rcode, 1)
    assert all(asked.tcp for asked in server.asked)


async def test_a_closed_port_is_unreachable() -> None:
    async with AiodnsResolver([("127.0.0.1", free_port())], 1) as other:
        (answer,) = await other.ask([NAME])
    assert answer.outcome is Outcome.UNREACHABLE


async def test_what_c_ares_answers_by_itself_is_said_to_be_unasked() -> None:
    async with responder(mx) as server, AiodnsResolver([server.address]) as other:
        onion, blank = await other.ask(
            [Question("x.onion", RRType.A), Question(r"a\032b.example", RRType.A)]
        )
    assert onion.query == (Outcome.NXDOMAIN, None, None, None, None, 0, False, None)
    assert blank.query == (Outcome.INVALID_NAME, None, None, None, None, 0, False, None)
    assert not server.asked


async def test_types_that_it_cannot_ask_for_are_our_bug() -> None:
    async with AiodnsResolver([("127.0.0.1", 9)]) as other:
        with pytest.raises(ValueError, match="TLSA"):
            await other.ask([Question("_25._tcp.mx.example", RRType.TLSA)])


def held() -> tuple[int, int]:
    """Descriptors and threads of this process."""
    files, threads = (len(list(Path("/proc/self", kind).iterdir())) for kind in ("fd", "task"))
    return files, threads


async def test_channels_that_wait_for_questions_hold_no_descriptor_and_no_thread() -> None:
    async with responder(mx) as server, AiodnsResolver([server.address]) as other:
        await other.ask([NAME])
        before = held()
        await other.ask([Question(f"d{number}.example", RRType.MX) for number in range(40)])
        async with asyncio.timeout(5):  # until the server, too, has closed its ends
            while held() > before:
                await asyncio.sleep(0.01)
    assert len(server.asked) == 41


async def test_the_cache_is_emptied_and_the_servers_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.dns.ares._CACHE_LIMIT", 5)
    async with responder(mx) as server, AiodnsResolver([server.address]) as other:
        for _ in range(4):
            await other.ask([NAME])
        assert len(server.asked) == 1
        await other.ask([NAME])
        for _ in range(100):
            (answer,) = await other.ask([Question("other.example", RRType.MX)])
            assert answer.outcome is Outcome.OK
            await asyncio.sleep(0.01)
    assert len(server.asked) > 2
    assert {asked.name for asked in server.asked} == {"example.com", "other.example"}


async def test_cancelled_and_closed_while_it_waits() -> None:
    async with responder(silence) as server:
        async with AiodnsResolver([server.address], 5) as other:
            cancelled = asyncio.ensure_future(other.ask([NAME]))
            waiting = asyncio.ensure_future(other.ask([Question("b.example", RRType.MX)]))
            while len(server.asked) < 1:
                await asyncio.sleep(0.01)
            cancelled.cancel()
            await asyncio.wait([cancelled])
        (answer,) = await waiting
    assert cancelled.cancelled()
    assert answer.outcome is Outcome.TIMEOUT


def split(udp: Script, tcp: Script) -> Script:
    return lambda asked: tcp(asked) if asked.tcp else udp(asked)


def broken(asked: Asked) -> list[bytes]:
    return [mx(asked)[0][:-15]]


@pytest.mark.parametrize("udp", [silence, code(2), broken], ids=["silence", "SERVFAIL", "broken"])
async def test_a_definite_second_opinion_wins(udp: Script) -> None:
    async with (
        responder(split(udp, mx)) as server,
        AiodnsResolver([server.address], 1) as other,
        UdpResolver([server.address], QUICK, other) as resolver,
    ):
        (answer,) = await resolver.ask([NAME])
    assert answer.records == (MxData(10, "mx.example.com"),)
    query = answer.query._replace(rtt_ms=None)
    assert query == (Outcome.OK, 0, 300, None, server.label, 3, True, None)
    assert [asked.tcp for asked in server.asked] == [False, False, True]


async def test_an_indefinite_one_does_not() -> None:
    async with (
        responder(split(code(2), silence)) as server,
        AiodnsResolver([server.address], 0.2) as other,
        UdpResolver([server.address], QUICK, other) as resolver,
    ):
        (answer,) = await resolver.ask([NAME])
    assert (answer.outcome, answer.query.rcode, answer.query.tcp) == (Outcome.SERVFAIL, 2, False)
    assert answer.query.attempts == 3


@pytest.mark.parametrize(
    ("script", "question"),
    [
        (mx, NAME),
        (code(0), NAME),
        (code(3), NAME),
        (code(4), NAME),
        (code(5), NAME),
        (code(2), Question("_25._tcp.mx.example", RRType.TLSA)),
    ],
)
async def test_no_second_opinion_where_there_is_no_doubt_or_no_way(
    script: Script, question: Question
) -> None:
    async with (
        responder(script) as server,
        AiodnsResolver([server.address], 1) as other,
        UdpResolver([server.address], QUICK, other) as resolver,
    ):
        await resolver.ask([question])
    assert not any(asked.tcp for asked in server.asked)


async def test_nobody_suffers_from_what_others_are_answered() -> None:
    fates = ("loop", "cut", "truncated-tcp-closed", "silent", "ok")
    expected = {"loop": "malformed", "cut": "malformed", "truncated-tcp-closed": "unreachable",
                "silent": "timeout", "ok": "ok"}  # fmt: skip
    questions = [Question(f"d{n}.{fates[n % 5]}.example", RRType.TXT) for n in range(100)]
    async with (
        hostile_dns(PLAY) as server,
        AiodnsResolver([("127.0.0.1", server.port)], 0.3) as other,
    ):
        answers = await other.ask(questions)
    for answer in answers:
        assert answer.outcome == expected[answer.question.name.split(".")[1]]
    assert sum(answer.query.attempts for answer in answers) == server.asked.total()


async def test_c_ares_does_not_decide_how_long_to_wait() -> None:
    """It takes what answers took before for a measure, whatever the timeout."""

    def slow(ask: Ask) -> list[bytes | Later]:
        return [Later(0.5, ask.answer())]

    async with (
        hostile_dns({**PLAY, "slow": slow}) as server,
        AiodnsResolver([("127.0.0.1", server.port)], 5) as other,
    ):
        for number in range(8):
            await other.ask([Question(f"d{number}.ok.example", RRType.TXT)])
        (answer,) = await other.ask([Question("d.slow.example", RRType.TXT)])
    assert answer.outcome is Outcome.OK
    assert answer.query.attempts == 2


async def test_the_rate_cap_holds_for_all_transports_together() -> None:
    rate = 60.0
    times: list[float] = []

    def script(asked: Asked) -> list[bytes]:
        times.append(perf_counter())
        if asked.tcp:
            return mx(asked)
        return [asked.answer(rcode=2)] if asked.number % 2 else [asked.answer(truncated=True)]

    settings = UdpSettings(timeout=2, attempts=1, rate=rate)
    async with (
        responder(script) as server,
        AiodnsResolver([server.address], 2) as other,
        UdpResolver([server.address], settings, other) as resolver,
    ):
        answers = await resolver.ask([Question(f"d{n}.example", RRType.MX) for n in range(20)])
    assert {answer.outcome for answer in answers} == {Outcome.OK}
    assert sum(answer.query.attempts for answer in answers) == len(server.asked) == 40
    assert sum(asked.tcp for asked in server.asked) == 20
    for count, then in enumerate(times, 1):
        assert count <= rate * (then - times[0] + 0.1) + 3
