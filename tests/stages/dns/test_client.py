"""The bulk resolver against scripted servers; every test counts what the servers were asked."""

import asyncio
import socket
from collections import Counter
from time import perf_counter
from typing import cast

import pytest

from schemas.outcomes import Outcome
from stages.dns.answer import Answer, MxData, Question, RRType
from stages.dns.client import UdpResolver
from stages.dns.detour import Pace
from stages.dns.message import HEADER
from stages.dns.settings import UdpSettings
from tests.servers.nsd import free_port
from tests.stages.dns.responder import Asked, Responder, Script, code, mx, responder, silence

QUICK = UdpSettings(timeout=0.1, attempts=3, sockets=2)
PATIENT = UdpSettings(timeout=5, attempts=3, sockets=2)
NAME = Question("example.com", RRType.MX)


def names(count: int) -> list[Question]:
    return [Question(f"d{number}.example", RRType.MX) for number in range(count)]


async def ask_one(
    server: Responder, settings: UdpSettings = PATIENT, question: Question = NAME
) -> Answer:
    async with UdpResolver([server.address], settings) as resolver:
        (answer,) = await resolver.ask([question])
        (health,) = resolver.health()
        assert health.in_flight == 0
        assert health.sent == sum(not asked.tcp for asked in server.asked)
    return answer


async def test_answers_come_in_the_order_of_the_questions() -> None:
    def reversed_order(asked: Asked) -> list[tuple[float, bytes]]:
        return [(0.1 / asked.number, mx(asked)[0])]

    async with responder(reversed_order) as server, UdpResolver([server.address]) as resolver:
        answers = await resolver.ask(names(9))
        assert await resolver.ask([]) == []
    assert [answer.question for answer in answers] == names(9)
    assert [answer.records for answer in answers] == [
        (MxData(10, f"mx.d{number}.example"),) for number in range(9)
    ]
    assert len(server.asked) == 9
    query = answers[0].query
    assert query._replace(rtt_ms=None) == (
        Outcome.OK, 0, 300, None, server.label, 1, False, False,
    )  # fmt: skip
    assert query.rtt_ms is not None
    assert query.rtt_ms >= 100


@pytest.mark.parametrize(
    ("rcode", "outcome", "sent"),
    [
        (0, Outcome.NODATA, 1),
        (3, Outcome.NXDOMAIN, 1),
        (4, Outcome.RCODE, 1),
        (2, Outcome.SERVFAIL, 3),
        (5, Outcome.REFUSED, 3),
    ],
)
async def test_only_what_may_change_is_asked_again(rcode: int, outcome: Outcome, sent: int) -> None:
    async with responder(code(rcode)) as server:
        query = (await ask_one(server)).query
    assert (query.outcome, query.rcode, query.attempts) == (outcome, rcode, sent)
    assert query.server == server.label
    assert len(server.asked) == sent


async def test_a_lost_question_is_asked_again_under_another_id() -> None:
    async with responder(lambda asked: mx(asked) if asked.number == 3 else None) as server:
        query = (await ask_one(server, QUICK)).query
    assert (query.outcome, query.attempts) == (Outcome.OK, 3)
    assert query.rtt_ms is not None
    assert query.rtt_ms < 100  # of the last sending
    assert len({asked.message.id for asked in server.asked}) == 3


async def test_silence_ends_in_a_timeout() -> None:
    async with responder(silence) as server:
        started = perf_counter()
        query = (await ask_one(server, QUICK)).query
        assert 0.3 <= perf_counter() - started < 1
    assert query == (Outcome.TIMEOUT, None, None, None, None, 3, False, None)
    assert len(server.asked) == 3


async def test_what_says_most_is_kept_of_failures() -> None:
    def script(asked: Asked) -> list[bytes] | None:
        return [asked.answer(rcode=2)] if asked.number == 2 else None

    async with responder(script) as server:
        query = (await ask_one(server, QUICK)).query
    assert (query.outcome, query.rcode, query.attempts) == (Outcome.SERVFAIL, 2, 3)
    assert query.server == server.label


def _other_name(wire: bytes) -> bytes:
    return wire[: HEADER.size] + wire[HEADER.size :].lower().replace(b"example", b"exbmple")


def _other_case(wire: bytes) -> bytes:
    return wire[: HEADER.size] + wire[HEADER.size :].swapcase()


@pytest.mark.parametrize(
    ("forge", "counter"),
    [
        pytest.param(lambda w: bytes((w[0], w[1] ^ 1)) + w[2:], "strays", id="id"),
        pytest.param(lambda w: w[:1], "strays", id="half an id"),
        pytest.param(lambda w: w[:7], "mismatches", id="half a header"),
        pytest.param(_other_name, "mismatches", id="name"),
        pytest.param(_other_case, "mismatches", id="case"),
        pytest.param(lambda w: w.replace(b"\0\x0f\0\1", b"\0\x10\0\1"), "mismatches", id="type"),
        pytest.param(lambda w: w[:2] + bytes((w[2] & 0x7F,)) + w[3:], "mismatches", id="a query"),
    ],
)
async def test_an_answer_to_another_question_is_passed_over(forge: object, counter: str) -> None:
    assert callable(forge)

    def script(asked: Asked) -> list[bytes]:
        return [forge(asked.answer("0 forged.example.")), *mx(asked), *mx(asked)]

    async with responder(script) as server, UdpResolver([server.address], PATIENT) as resolver:
        (answer,) = await resolver.ask([NAME])
        await asyncio.sleep(0.02)
        (health,) = resolver.health()
    assert answer.records == (MxData(10, "mx.example.com"),)
    assert len(server.asked) == 1
    expected = {"strays": 1, "mismatches": 0}  # the repeated answer is a stray
    expected[counter] += 1
    assert {"strays": health.strays, "mismatches": health.mismatches} == expected


async def test_an_answer_from_another_address_does_not_arrive() -> None:
    def script(asked: Asked) -> list[tuple[float, bytes]]:
        with socket.socket(type=socket.SOCK_DGRAM) as forger:
            forger.sendto(asked.answer("0 forged.example."), asked.source)
        return [(0.05, mx(asked)[0])]

    async with responder(script) as server:
        answer = await ask_one(server)
    assert answer.records == (MxData(10, "mx.example.com"),)


async def test_names_are_asked_in_mixed_case_unless_told_otherwise() -> None:
    plain = UdpSettings(mix_case=False)
    async with (
        responder(mx) as server,
        UdpResolver([server.address]) as mixed,
        UdpResolver([server.address], plain) as same,
    ):
        await mixed.ask(names(20))
        await same.ask(names(20))
    spellings = [asked.message.question[0].name.to_text() for asked in server.asked]
    assert sum(spelling != spelling.lower() for spelling in spellings[:20]) > 15
    assert all(spelling == spelling.lower() for spelling in spellings[20:])


async def test_an_unreadable_answer_is_a_failed_attempt() -> None:
    def broken(asked: Asked) -> list[bytes]:
        return [mx(asked)[0][:-15]]

    async with responder(broken) as server:
        query = (await ask_one(server)).query
    assert query == (Outcome.MALFORMED, None, None, None, server.label, 3, False, None)
    assert len(server.asked) == 3

    async with responder(lambda a: broken(a) if a.number == 1 else mx(a)) as server:
        query = (await ask_one(server)).query
    assert (query.outcome, query.attempts) == (Outcome.OK, 2)


def over_tcp(script: Script) -> Script:
    return lambda asked: script(asked) if asked.tcp else [asked.answer(truncated=True)]


async def test_a_truncated_answer_is_fetched_over_tcp_from_the_same_server() -> None:
    async with (
        responder(over_tcp(mx)) as server,
        responder(silence) as other,
        UdpResolver([other.address, server.address], QUICK) as resolver,
    ):
        answers = [(await resolver.ask([question]))[0] for question in names(4)]
    for answer in answers:
        assert answer.records == (MxData(10, f"mx.{answer.question.name}"),)
        assert answer.query.tcp
        assert answer.query.server == server.label
    assert Counter(asked.tcp for asked in server.asked) == {False: 4, True: 4}
    assert not any(asked.tcp for asked in other.asked)
    assert sum(answer.query.attempts for answer in answers) == 8 + len(other.asked)


@pytest.mark.parametrize(
    ("script", "outcome", "tcp"),
    [
        pytest.param(silence, Outcome.TIMEOUT, False, id="silent"),
        pytest.param(lambda _: [], Outcome.UNREACHABLE, False, id="closed"),
        pytest.param(lambda a: [a.answer(truncated=True)], Outcome.MALFORMED, True, id="TC again"),
        pytest.param(lambda a: [b"\0" + mx(a)[0]], Outcome.MALFORMED, True, id="another id"),
        pytest.param(lambda a: [mx(a)[0][:-15]], Outcome.MALFORMED, True, id="unreadable"),
        pytest.param(lambda _: [b""], Outcome.MALFORMED, True, id="empty"),
        pytest.param(code(2), Outcome.SERVFAIL, True, id="SERVFAIL"),
    ],
)
async def test_what_fails_over_tcp_is_a_failed_attempt(
    script: Script,
    outcome: Outcome,
    tcp: bool,  # noqa: FBT001
) -> None:
    async with responder(over_tcp(script)) as server:
        query = (await ask_one(server, UdpSettings(timeout=0.1, attempts=2))).query
    assert (query.outcome, query.tcp, query.attempts) == (outcome, tcp, 2)
    assert [asked.tcp for asked in server.asked] == [False, True]


async def test_a_closed_port_is_noticed_at_once() -> None:
    async with UdpResolver([("127.0.0.1", free_port())], PATIENT) as resolver:
        started = perf_counter()
        answers = await resolver.ask(names(50))
        assert perf_counter() - started < 1
    assert {answer.query for answer in answers} == {
        (Outcome.UNREACHABLE, None, None, None, None, 3, False, None)
    }


async def test_a_closed_port_does_not_deafen_the_socket() -> None:
    port = free_port()
    async with UdpResolver([("127.0.0.1", port)], PATIENT) as resolver:
        (before,) = await resolver.ask([NAME])
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Responder(mx), local_addr=("127.0.0.1", port)
        )
        answers = await resolver.ask(names(20))
        transport.close()
    assert before.outcome is Outcome.UNREACHABLE
    assert {answer.outcome for answer in answers} == {Outcome.OK}


async def test_what_is_no_name_is_not_asked() -> None:
    questions = [Question(name, RRType.MX) for name in ("a..b", "", "x" * 64, "ok.example")]
    async with responder(mx) as server, UdpResolver([server.address]) as resolver:
        answers = await resolver.ask(questions)
    assert [answer.outcome for answer in answers] == [Outcome.INVALID_NAME] * 3 + [Outcome.OK]
    assert answers[0].query == (Outcome.INVALID_NAME, None, None, None, None, 0, False, None)
    assert [asked.name for asked in server.asked] == ["ok.example"]


async def test_failures_move_on_to_another_server_which_is_benched_when_it_is_dead() -> None:
    settings = UdpSettings(timeout=0.2, attempts=2, bench_after=4, bench_time=0.6)
    async with (
        responder(silence) as dead,
        responder(mx) as alive,
        UdpResolver([dead.address, alive.address], settings) as resolver,
    ):
        first = await resolver.ask(names(8))
        assert {answer.outcome for answer in first} == {Outcome.OK}
        assert {answer.query.server for answer in first} == {alive.label}
        assert [health.benched for health in resolver.health()] == [True, False]
        assert len(dead.asked) == 4
        await resolver.ask(names(50))
        assert len(dead.asked) == 4


async def test_a_server_that_comes_back_gets_one_question_until_it_answers() -> None:
    """And then as many as it can take."""
    settings = UdpSettings(timeout=30, attempts=2, bench_after=4, bench_time=0.1)
    held: list[Asked] = []

    def slow(asked: Asked) -> list[tuple[float, bytes]]:
        return [(0.02, mx(asked)[0])]

    async with (
        responder(code(2)) as back,
        responder(mx) as alive,
        UdpResolver([back.address, alive.address], settings) as resolver,
    ):
        await resolver.ask(names(8))
        assert [health.benched for health in resolver.health()] == [True, False]
        back.script = held.append
        while resolver.health()[0].benched:
            await asyncio.sleep(0.01)
        before = len(alive.asked)
        asking = [asyncio.ensure_future(resolver.ask(names(50))) for _ in range(4)]
        while len(alive.asked) < before + 199:
            await asyncio.sleep(0.01)
        assert len(held) == 1
        back.script = slow
        back.udp.sendto(mx(held[0])[0], held[0].source)
        await asyncio.gather(*asking)
        for _ in range(50):
            await resolver.ask(names(50))
        assert back.most_waiting > 8


async def test_a_retry_does_not_go_back_to_the_server_that_failed() -> None:
    settings = UdpSettings(timeout=0.2, attempts=2, bench_after=1000)
    async with (
        responder(silence) as dead,
        responder(code(2)) as failing,
        responder(mx) as alive,
        UdpResolver([dead.address, alive.address], settings) as half_dead,
        UdpResolver([failing.address, alive.address], settings) as half_failing,
    ):
        answers = [*await half_dead.ask(names(9)), *await half_failing.ask(names(9))]
    assert {answer.query.server for answer in answers} == {alive.label}
    assert len(alive.asked) == 18
    assert 8 <= len(dead.asked) + len(failing.asked) <= 10


async def test_a_lone_server_is_never_benched() -> None:
    settings = UdpSettings(timeout=0.2, attempts=1, bench_after=2)
    async with responder(silence) as server, UdpResolver([server.address], settings) as resolver:
        await resolver.ask(names(10))
        server.script = mx
        answers = await resolver.ask(names(10))
    assert {answer.outcome for answer in answers} == {Outcome.OK}


@pytest.mark.parametrize(("total", "each", "most"), [(100, 3, 6), (4, 100, 4)])
async def test_caps_hold(total: int, each: int, most: int) -> None:
    settings = UdpSettings(timeout=5, max_in_flight=total, per_server=each)
    at_once = []

    def slow(asked: Asked) -> list[tuple[float, bytes]]:
        at_once.append(one.waiting + two.waiting + 1)
        return [(0.01, mx(asked)[0])]

    async with (
        responder(slow) as one,
        responder(slow) as two,
        UdpResolver([one.address, two.address], settings) as resolver,
    ):
        batches = await asyncio.gather(*(resolver.ask(names(10)) for _ in range(5)))
        assert [health.in_flight for health in resolver.health()] == [0, 0]
    assert all(answer.outcome is Outcome.OK for batch in batches for answer in batch)
    assert len(one.asked) + len(two.asked) == 50
    assert max(one.most_waiting, two.most_waiting) <= each
    assert max(at_once) == most


async def test_a_small_batch_does_not_wait_for_a_large_one() -> None:
    settings = UdpSettings(timeout=5, per_server=2)

    def slow(asked: Asked) -> list[tuple[float, bytes]]:
        return [(0.01, mx(asked)[0])]

    async with responder(slow) as server, UdpResolver([server.address], settings) as resolver:
        large = asyncio.ensure_future(resolver.ask(names(100)))
        await asyncio.sleep(0)
        await resolver.ask([NAME])
        assert not large.done()
        assert len(server.asked) < 10
        await large


async def test_a_cancelled_ask_leaves_nothing_behind() -> None:
    settings = UdpSettings(timeout=0.2, per_server=4)
    async with responder(silence) as server, UdpResolver([server.address], settings) as resolver:
        tasks = [asyncio.ensure_future(resolver.ask(names(10))) for _ in range(3)]
        await asyncio.sleep(0.02)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
        assert resolver.health()[0].in_flight == 0
        assert len(server.asked) == 4
        server.script = mx
        (answer,) = await resolver.ask([NAME])
        assert answer.outcome is Outcome.OK
        await asyncio.sleep(0.3)
        assert len(server.asked) == 5
        assert resolver._active == 0
        assert not resolver._waiting
        assert not resolver._retries


async def test_cancelling_ends_what_waits_for_tcp_too() -> None:
    async with responder(over_tcp(silence)) as server, UdpResolver([server.address]) as resolver:
        task = asyncio.ensure_future(resolver.ask([NAME]))
        while len(server.asked) < 2:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(0.01)
        assert not list(resolver._detours)
        assert resolver._active == 0


async def test_closing_cancels_what_still_waits() -> None:
    async with (
        responder(over_tcp(silence)) as server,
        UdpResolver([server.address]) as resolver,
    ):
        tcp = asyncio.ensure_future(resolver.ask([NAME]))
        while len(server.asked) < 2:
            await asyncio.sleep(0.01)
        server.script = silence
        udp = asyncio.ensure_future(resolver.ask(names(3)))
        await asyncio.sleep(0.01)
        await asyncio.wait([tcp, udp], timeout=1)
    assert tcp.cancelled()
    assert udp.cancelled()


async def test_local_ports_are_several_and_renewed() -> None:
    settings = UdpSettings(timeout=2, sockets=3, port_uses=5)
    async with responder(mx) as server, UdpResolver([server.address], settings) as resolver:
        await resolver.ask(names(60))
        first = {asked.source[1] for asked in server.asked}
        await asyncio.sleep(0.3)  # ports are renewed at least every 0.1 s
        answers = await resolver.ask(names(60))
        second = {asked.source[1] for asked in server.asked[60:]}
    assert len(first) == len(second) == 3
    assert not first & second
    assert {answer.outcome for answer in answers} == {Outcome.OK}


async def test_a_socket_is_not_closed_before_its_answers_are_in() -> None:
    settings = UdpSettings(timeout=1, sockets=1, port_uses=1)

    def slow(asked: Asked) -> list[tuple[float, bytes]]:
        return [(0.2, mx(asked)[0])]

    async with responder(slow) as server, UdpResolver([server.address], settings) as resolver:
        answers = await resolver.ask(names(30))
    assert {answer.query.attempts for answer in answers} == {1}


class BrokenOpinion:
    """A second opinion with a bug."""

    types = frozenset(RRType)

    async def consult(self, question: Question, pace: Pace) -> Answer:
        await pace()
        raise ZeroDivisionError(question)


async def test_a_question_that_is_none_harms_nobody_else() -> None:
    async with responder(mx) as server, UdpResolver([server.address], PATIENT) as resolver:
        bad, good = await asyncio.gather(
            resolver.ask([Question(cast("str", 5), RRType.MX), NAME]),
            resolver.ask([NAME]),
            return_exceptions=True,
        )
        assert resolver._active == 0
    assert isinstance(bad, TypeError)
    assert isinstance(good, list)
    assert good[0].outcome is Outcome.OK


async def test_a_bug_reaches_who_asked_and_nobody_else() -> None:
    def script(asked: Asked) -> list[bytes]:
        return [asked.answer(rcode=2)] if asked.name == NAME.name else mx(asked)

    async with (
        responder(script) as server,
        UdpResolver([server.address], PATIENT, BrokenOpinion()) as resolver,
    ):
        good, bad = await asyncio.gather(
            resolver.ask(names(5)), resolver.ask([NAME]), return_exceptions=True
        )
        assert resolver._active == 0
    assert isinstance(bad, ZeroDivisionError)
    assert isinstance(good, list)
    assert {answer.outcome for answer in good} == {Outcome.OK}
