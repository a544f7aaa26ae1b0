"""How servers in trouble are treated, and healthy ones beside them; seen at the servers."""

import asyncio
import random
import time
from time import perf_counter

import pytest

from schemas.outcomes import Outcome
from stages.dns.answer import Answer, Question, RRType
from stages.dns.client import UdpResolver
from stages.dns.public import PUBLIC_RATE, PUBLIC_RESOLVERS, rate_cap
from stages.dns.settings import UdpSettings
from stages.dns.window import FIRST, LEAST
from tests.stages.dns.responder import Asked, mx, responder, silence

Sent = list[bytes] | list[tuple[float, bytes]] | None


def questions(count: int, tag: str = "d") -> list[Question]:
    return [Question(f"{tag}{number}.example", RRType.MX) for number in range(count)]


async def ask_all(resolver: UdpResolver, asked: list[Question], at_once: int = 20) -> list[Answer]:
    """Small batches, so that questions keep coming as answers do."""
    work = iter(asked)

    async def worker() -> list[Answer]:
        return [(await resolver.ask([question]))[0] for question in work]

    return [
        a for answers in await asyncio.gather(*(worker() for _ in range(at_once))) for a in answers
    ]


async def test_the_window_begins_small_and_opens() -> None:
    def late(asked: Asked) -> Sent:
        return [(0.2, mx(asked)[0])]

    settings = UdpSettings(timeout=5, per_server=200, sockets=2)
    async with responder(late) as server, UdpResolver([server.address], settings) as resolver:
        asking = asyncio.ensure_future(resolver.ask(questions(1000)))
        await asyncio.sleep(0.01)
        assert server.waiting <= FIRST
        answers = await asking
    assert FIRST < server.most_waiting <= 200
    assert {answer.outcome for answer in answers} == {Outcome.OK}


@pytest.mark.parametrize("rcode", [None, 2, 5])
async def test_a_wave_of_lame_domains_harms_neither_server_nor_healthy_names(
    rcode: int | None,
) -> None:
    """A resolver that is well but gets no answer for half of the names."""

    def script(asked: Asked) -> Sent:
        if not asked.name.startswith("lame"):
            return mx(asked)
        return None if rcode is None else [asked.answer(rcode=rcode)]

    timeout = 5 if rcode else 1
    settings = UdpSettings(timeout=timeout, attempts=2, bench_after=8, sockets=2)
    async with (
        responder(script) as one,
        responder(script) as two,
        UdpResolver([one.address, two.address], settings) as resolver,
    ):
        await resolver.ask(questions(2))
        wave = asyncio.create_task(resolver.ask(questions(200, "lame")))
        healthy: list[Answer] = []
        while not wave.done():  # the crawl goes on meanwhile
            healthy += await resolver.ask(questions(20, f"round{len(healthy)}-"))
            await asyncio.sleep(0.02)
        lame = await wave
        during = resolver.health()
    failed = {None: Outcome.TIMEOUT, 2: Outcome.SERVFAIL, 5: Outcome.REFUSED}[rcode]
    assert {answer.outcome for answer in lame} == {failed}
    assert {(answer.outcome, answer.query.attempts) for answer in healthy} == {(Outcome.OK, 1)}
    assert [health.blames for health in during] == [0, 0]
    assert not any(health.benched for health in during)
    assert all(health.window > LEAST for health in during)


async def test_answers_that_come_while_the_process_stands_still_are_not_lost() -> None:
    def script(asked: Asked) -> Sent:
        if asked.number == 20:  # those before are answered, and not yet read
            time.sleep(0.5)
        return mx(asked)

    settings = UdpSettings(timeout=0.2, attempts=1)
    async with responder(script) as server, UdpResolver([server.address], settings) as resolver:
        answers = await resolver.ask(questions(20))
        (health,) = resolver.health()
    assert {answer.outcome for answer in answers} == {Outcome.OK}
    assert (health.answers, health.losses, health.strays) == (20, 0, 0)


async def test_while_the_process_stands_still_no_server_is_silent() -> None:
    """Nor is one benched: only lame domains were in flight when it happened."""

    def script(asked: Asked) -> Sent:
        return None if asked.name.startswith("lame") else mx(asked)

    settings = UdpSettings(timeout=1, attempts=1, bench_after=8, sockets=2)
    async with (
        responder(script) as one,
        responder(script) as two,
        UdpResolver([one.address, two.address], settings) as resolver,
    ):
        await resolver.ask(questions(2))
        wave = asyncio.create_task(resolver.ask(questions(100, "lame")))
        await asyncio.sleep(0.5)
        time.sleep(1.2)
        await wave
        health = resolver.health()
    assert [server.losses for server in health] == [50, 50]
    assert not any(server.benched for server in health)


async def test_a_dead_server_does_not_drag_a_healthy_one_down() -> None:
    at_once = 80
    # Longer than a busy machine stands still: else the living one seems to be silent, too.
    settings = UdpSettings(timeout=1, attempts=3, sockets=2, bench_time=0.5, max_in_flight=200)
    async with (
        responder(silence) as dead,
        responder(mx) as alive,
        UdpResolver([dead.address, alive.address], settings) as resolver,
    ):
        await ask_all(resolver, questions(200), at_once=at_once)
        started = perf_counter()
        answers = await ask_all(resolver, questions(1000, "e"), at_once=at_once)
        took = perf_counter() - started
    assert {(answer.outcome, answer.query.server) for answer in answers} == {
        (Outcome.OK, alive.label)
    }
    assert len(dead.asked) < FIRST + 2 + 2 * took / 0.5  # then one at a time, to find out
    assert sum(answer.query.attempts > 1 for answer in answers) <= 2 + took / 0.5


async def test_a_slow_server_gets_what_it_can_do_and_no_more() -> None:
    def slow(asked: Asked) -> Sent:
        return [(0.3, mx(asked)[0])]

    settings = UdpSettings(timeout=2, sockets=2, max_in_flight=100)
    async with (
        responder(slow) as tortoise,
        responder(mx) as hare,
        UdpResolver([tortoise.address, hare.address], settings) as resolver,
    ):
        answers = await ask_all(resolver, questions(1000), at_once=40)
    assert {answer.outcome for answer in answers} == {Outcome.OK}
    assert len(tortoise.asked) < len(hare.asked) / 2


async def test_a_server_that_refuses_everything_is_benched() -> None:
    def refuse(asked: Asked) -> Sent:
        return [asked.answer(rcode=5)]

    settings = UdpSettings(timeout=0.5, sockets=2, bench_after=8)
    async with (
        responder(refuse) as stern,
        responder(mx) as kind,
        UdpResolver([stern.address, kind.address], settings) as resolver,
    ):
        answers = await ask_all(resolver, questions(300))
        stern_health, kind_health = resolver.health()
    assert {answer.outcome for answer in answers} == {Outcome.OK}
    assert stern_health.benched
    assert not kind_health.benched
    assert len(stern.asked) < 8 + 20  # those on their way when it was


async def test_an_overloaded_server_is_relieved_and_asked_more_again() -> None:
    """It drops what is more than 20 at once, then is mended."""

    def script(asked: Asked) -> Sent:
        return [(0.02, mx(asked)[0])] if server.waiting < limit else None

    settings = UdpSettings(timeout=0.1, attempts=9, per_server=128, sockets=2)
    async with responder(silence) as server, UdpResolver([server.address], settings) as resolver:
        limit = 20
        server.script = script
        started = perf_counter()
        while resolver.health()[0].window > 40 and perf_counter() - started < 20:
            await ask_all(resolver, questions(400), at_once=128)
        assert resolver.health()[0].blames > 0
        assert resolver.health()[0].window <= 40
        limit = 1000
        started = perf_counter()
        while resolver.health()[0].window <= FIRST and perf_counter() - started < 20:
            await ask_all(resolver, questions(400, "e"), at_once=128)
        assert resolver.health()[0].window > FIRST


async def test_loss_does_not_slow_down_nor_lose() -> None:
    dice = random.Random(1)

    def lossy(asked: Asked) -> Sent:
        return None if dice.random() < 0.02 else [(0.01, mx(asked)[0])]

    # Longer than a busy machine takes for 200 answers, so that what is lost is what was dropped.
    settings = UdpSettings(timeout=1, attempts=5, sockets=2)
    async with responder(lossy) as server, UdpResolver([server.address], settings) as resolver:
        answers = await ask_all(resolver, questions(1500), at_once=200)
        (health,) = resolver.health()
    assert {answer.outcome for answer in answers} == {Outcome.OK}
    assert health.losses == health.blames > 0
    assert health.window > LEAST


@pytest.mark.parametrize("rate", [40.0, 400.0])
async def test_a_rate_cap_holds(rate: float) -> None:
    times = []

    def clocked(asked: Asked) -> Sent:
        times.append(perf_counter())
        return mx(asked)

    settings = UdpSettings(rate=rate, sockets=2)
    count = int(rate / 2)
    async with responder(clocked) as server, UdpResolver([server.address], settings) as resolver:
        await resolver.ask(questions(count))
        (health,) = resolver.health()
    assert health.rate == rate
    for first, then in zip(times, times[count // 2 :], strict=False):
        assert count // 2 <= rate * (then - first + 0.05) + 3  # a helping more in a burst
    assert times[-1] - times[0] < 1.5


def test_public_resolvers_are_spared() -> None:
    assert rate_cap("127.0.0.1", None) is None
    assert rate_cap("192.0.2.1", 9.0) == 9.0
    assert rate_cap("8.8.8.8", None) == PUBLIC_RATE
    assert rate_cap("2001:4860:4860:0:0:0:0:8888", 9000.0) == PUBLIC_RATE
    assert rate_cap("1.1.1.1", 20.0) == 20.0
    assert rate_cap("1.1.1.1", None, sharers=4) == PUBLIC_RATE / 4
    assert len(PUBLIC_RESOLVERS) > 50
    health = UdpResolver([("9.9.9.9", 53), ("127.0.0.1", 53)]).health()
    assert [server.rate for server in health] == [PUBLIC_RATE, None]
