"""Limits by the log of a made-up network: who was connected to, from when to when.

Time is the event loop's and jumps, so an hour of pauses takes milliseconds and is exact.
"""

import asyncio
import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import pytest

from pipeline.limits import Caps, GivenUp, Limits
from schemas.outcomes import ProbeOutcome
from stages.smtp.stage import Target
from tests.pipeline.limits.clock import run

WIDE = Caps(rate=1e9, in_flight=10**6, per_network=10**6, per_provider=10**6, spacing=0)


class Visit(NamedTuple):
    address: str
    host: str | None
    began: float
    ended: float


Server = Callable[[Target, float], ProbeOutcome]
"""How a server takes a connection at a time."""


def friendly(_: Target, __: float) -> ProbeOutcome:
    return ProbeOutcome.OK


class Net:
    """Servers that hold every connection for a second and log it."""

    def __init__(self, limits: Limits, server: Server = friendly, seconds: float = 1.0) -> None:
        self.visits: list[Visit] = []
        self.given_up: dict[str, str] = {}
        self._limits = limits
        self._server = server
        self._seconds = seconds

    async def visit(self, target: Target) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with self._limits.turn(target) as turn:
                began = loop.time()
                await asyncio.sleep(self._seconds)
                turn.heard(self._server(target, began))
                self.visits.append(Visit(target.address, target.server_name, began, loop.time()))
        except GivenUp as why:
            self.given_up[target.address] = str(why)

    async def visit_all(self, targets: Iterable[Target]) -> list[Visit]:
        await asyncio.gather(*map(self.visit, targets))
        return sorted(self.visits, key=lambda visit: visit.began)


def target(address: str, host: str | None = None) -> Target:
    return Target(address, 25, host)


def peaks(visits: Iterable[Visit], of: Callable[[Visit], str | None]) -> dict[str | None, int]:
    """The most visits at once, by whatever they are grouped by."""
    steps: defaultdict[str | None, list[tuple[float, int]]] = defaultdict(list)
    for visit in visits:
        steps[of(visit)] += [(visit.began, 1), (visit.ended, -1)]
    found = {}
    for key, changes in steps.items():
        now = most = 0
        for _, change in sorted(changes):  # an end comes before a beginning at the same time
            now += change
            most = max(most, now)
        found[key] = most
    return found


def network(visit: Visit) -> str:
    if ":" in visit.address:
        return ":".join(visit.address.split(":")[:4])
    return visit.address.rpartition(".")[0]


def test_few_at_once_per_network() -> None:
    targets = [target(f"192.0.{net}.{host}") for net in range(3) for host in range(10)]
    targets += [target(f"2001:db8:0:{net}::{host}") for net in range(2) for host in range(1, 11)]
    limits = Limits(Caps(rate=1e9))
    visits = run(Net(limits).visit_all(targets))
    assert len(visits) == 50
    assert set(peaks(visits, network).values()) == {2}
    assert peaks(visits, lambda _: None) == {None: 10}


def test_few_at_once_per_provider_which_is_the_hosts_registered_domain() -> None:
    hosts = ["aspmx.l.google.com", "alt1.aspmx.l.google.com", "a-com.mail.protection.outlook.com"]
    targets = [
        target(f"192.{number}.2.{place}", host)
        for place, host in enumerate(hosts)
        for number in range(20)
    ]
    targets += [target(f"198.{number}.2.1") for number in range(20)]  # nobody knows whose
    visits = run(Net(Limits(Caps(rate=1e9))).visit_all(targets))
    found = peaks(visits, lambda visit: visit.host and visit.host[-10:])
    assert found == {"google.com": 5, "utlook.com": 5, None: 20}


def test_one_at_a_time_per_address_and_a_minute_between_two() -> None:
    targets = [target("192.0.2.1", f"mx.example{n}.com") for n in range(4)]
    visits = run(Net(Limits(Caps())).visit_all(targets))
    gaps = [after.began - before.ended for before, after in pairwise(visits)]
    assert len(gaps) == 3
    assert all(60 <= gap < 61 for gap in gaps)


def test_new_connections_are_paced_and_their_number_is_limited_over_all() -> None:
    targets = [target(f"192.{number // 250}.{number % 250}.1") for number in range(1000)]
    visits = run(Net(Limits(Caps(rate=100)), seconds=1).visit_all(targets))
    moments = [visit.began for visit in visits]
    for index, moment in enumerate(moments):
        assert bisect_left(moments, moment + 1 - 1e-6) - index <= 100
    assert moments[-1] - moments[0] < 11  # and no slower than allowed
    slow = run(Net(Limits(Caps(rate=100, in_flight=30)), seconds=1).visit_all(targets[:200]))
    assert peaks(slow, lambda _: None) == {None: 30}


@pytest.mark.parametrize("order", ["crowd first", "mixed"])
def test_a_crowd_does_not_hold_up_others(order: str) -> None:
    # One /24 and one provider have far more to do than they let in; a hundred others are free.
    crowd = [target(f"192.0.2.{host}") for host in range(250)]
    crowd += [target(f"192.{net}.7.1", "mx.crowded.com") for net in range(250)]
    others = [target(f"198.18.{net}.1", f"mx.free{net}.com") for net in range(100)]
    targets = crowd + others
    if order == "mixed":
        random.Random(7).shuffle(targets)
    visits = run(Net(Limits(Caps(rate=1e9, in_flight=50))).visit_all(targets))
    assert len(visits) == 600
    last = max(visit.ended for visit in visits if visit.address.startswith("198."))
    # Fifty at once, of whom the crowd takes seven: a little over two seconds.
    assert last <= 4
    assert visits[-1].ended >= 125  # the crowd takes its time


def test_a_paused_provider_does_not_hold_up_its_neighbours_in_the_network() -> None:
    def server(visited: Target, _: float) -> ProbeOutcome:
        bad = visited.server_name == "mx.bad.com"
        return ProbeOutcome.BLOCKED if bad else ProbeOutcome.OK

    async def main() -> list[Visit]:
        net = Net(Limits(Caps()), server)
        await net.visit(target("203.0.113.1", "mx.bad.com"))
        waiting = [asyncio.create_task(net.visit(target("192.0.2.1", "mx.bad.com")))]
        waiting += [asyncio.create_task(net.visit(target("192.0.2.2", "mx.bad.com")))]
        await asyncio.sleep(1)
        for host in range(10, 20):
            await net.visit(target(f"192.0.2.{host}", "mx.good.com"))
        good = len(net.visits) - 1
        await asyncio.gather(*waiting)
        return net.visits[:good]

    assert max(visit.ended for visit in run(main())) < 30


def blocking(until: float) -> Server:
    """Blocks everybody until a time."""
    return lambda _, now: ProbeOutcome.BLOCKED if now < until else ProbeOutcome.OK


@pytest.mark.parametrize(
    "targets",
    [
        [target(f"192.0.2.{host}") for host in range(40)],
        [target(f"192.{net}.2.1", f"mx{net}.crowded.com") for net in range(40)],
    ],
    ids=["network", "provider"],
)
def test_a_block_is_answered_with_a_growing_pause_and_one_visitor_at_a_time(
    targets: list[Target],
) -> None:
    caps = Caps(pause=600, longest_pause=1500, patience=9)
    visits = run(Net(Limits(caps), blocking(until=4000)).visit_all(targets))
    assert len(visits) == 40
    refused = [visit for visit in visits if visit.began < 4000]
    first = [visit for visit in refused if visit.began < 1]
    assert len(first) in (2, 5)  # who were on their way together count as one block
    alone = [first[-1], *refused[len(first) :]]
    gaps = [after.began - before.ended for before, after in pairwise(alone)]
    assert [round(gap) for gap in gaps] == [600, 1200, 1500]
    # When the first is let in again, the rest follow as usual.
    again = [visit for visit in visits if visit.began >= 4000]
    assert again[1].began >= again[0].ended
    assert again[-1].ended - again[0].began < len(again) / len(first) + 3


def test_who_goes_on_blocking_is_left_alone_for_the_rest_of_the_run() -> None:
    async def main() -> tuple[Net, int]:
        net = Net(Limits(Caps(patience=3)), blocking(until=1e9))
        targets = [target(f"192.{number}.2.1", "mx.bad.com") for number in range(50)]
        await net.visit_all(targets)
        before = len(net.visits)
        await net.visit(target("198.18.9.1", "mx2.bad.com"))
        await net.visit(target("198.18.9.2", "mx.good.com"))
        return net, before

    net, before = run(main())
    assert before == 5 + 1 + 1
    assert len(net.given_up) == 50 - before + 1
    assert set(net.given_up.values()) == {"bad.com blocked us 3 times in a row"}
    assert [visit.host for visit in net.visits[before:]] == ["mx.good.com"]


def test_a_block_holds_back_those_who_had_passed_the_gates_already() -> None:
    # Fifteen seconds apart by the rate: all are inside before the first has its answer.
    targets = [target(f"192.{net}.2.1", "mx.bad.com") for net in range(4)]
    visits = run(Net(Limits(Caps(rate=1 / 15)), blocking(until=10)).visit_all(targets))
    assert [round(visit.began) for visit in visits][:2] == [0, 601]


def test_only_blocks_in_a_row_count() -> None:
    def every_other(_: Target, now: float) -> ProbeOutcome:
        return ProbeOutcome.BLOCKED if now % 1800 < 600 else ProbeOutcome.OK

    net = Net(Limits(Caps(rate=0.05, patience=2)), every_other)
    targets = [target(f"192.{number}.2.1", "mx.moody.com") for number in range(200)]
    run(net.visit_all(targets))
    assert not net.given_up
    assert len(net.visits) == 200


def test_exempt_all_but_the_number_at_once() -> None:
    limits = Limits(Caps(rate=0.001, per_network=1, spacing=1e6, in_flight=30), exempt=True)
    targets = [target("127.0.0.1")] * 90
    visits = run(Net(limits).visit_all(targets))
    assert peaks(visits, lambda _: None) == {None: 30}
    assert visits[-1].ended == pytest.approx(3)


def test_nothing_is_kept_of_those_who_are_done_with() -> None:
    async def main() -> tuple[int, int]:
        limits = Limits(Caps())
        await Net(limits).visit_all(
            target(f"192.0.{net}.1", f"mx.example{net}.com") for net in range(200)
        )
        kept = len(limits._gates)
        await asyncio.sleep(61)
        return kept, len(limits._gates)

    kept, later = run(main())
    assert kept == 200  # addresses, for their minute
    assert later == 0


def test_who_goes_away_while_waiting_leaves_the_way_free() -> None:
    """Cancelled at any moment, nobody takes a place along."""

    async def main(seed: int) -> None:
        numbers = random.Random(seed)
        limits = Limits(Caps(rate=1e9, in_flight=3, spacing=0.5))
        net = Net(limits)
        targets = [
            target(f"192.0.{numbers.randrange(3)}.{numbers.randrange(4)}", f"mx.a{n % 2}.com")
            for n in range(60)
        ]
        tasks = [asyncio.create_task(net.visit(each)) for each in targets]
        for task in numbers.sample(tasks, 30):
            await asyncio.sleep(numbers.choice([0, 0, 0.1, 1]))
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(not task.cancelled() for task in tasks) == len(net.visits)
        assert max(peaks(net.visits, network).values()) <= 2
        assert max(peaks(net.visits, lambda visit: visit.address).values()) == 1
        # All gates are free again.
        late = await Net(limits).visit_all(
            target(f"192.0.{n % 3}.{n % 4}", f"mx.a{n % 2}.com") for n in range(12)
        )
        assert len(late) == 12

    for seed in range(30):
        run(main(seed))


def test_who_waits_is_let_go_and_who_has_a_turn_keeps_it() -> None:
    """At a gate, for a place over all, for the moment in the rate: all three waits."""
    for caps in (
        replace(WIDE, per_network=2),
        replace(WIDE, in_flight=2),
        replace(WIDE, rate=1e-3),
    ):
        run(_let_go(Limits(caps)))


async def _let_go(limits: Limits) -> None:
    net = Net(limits)
    visits = [asyncio.ensure_future(net.visit(target(f"192.0.2.{n}"))) for n in range(9)]
    await asyncio.sleep(0.5)
    limits.let_go()
    await asyncio.wait(visits)
    assert asyncio.get_running_loop().time() < 2
    assert len(net.visits) == 9 - sum(visit.cancelled() for visit in visits) in (1, 2)
    # What they left behind holds nobody up.
    again = await net.visit_all([target("198.51.100.1")])
    assert again[-1].address == "198.51.100.1"
