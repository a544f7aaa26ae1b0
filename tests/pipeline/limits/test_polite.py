"""Manners as the servers' own log shows them: real probes of real sockets on loopback."""

import asyncio
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.limits import Caps, Limits, OptOutList, Polite
from schemas.outcomes import ProbeOutcome
from schemas.smtp import Smtp
from stages.enrich.special import Scope
from stages.smtp.probe import Prober, ProbeSettings
from stages.smtp.stage import SmtpStage, Target
from stages.smtp.tls import client_context
from stages.stage import Emit
from tests.pipeline.limits.town import BLOCKED, WELCOME, town

FAST = Caps(rate=1e6, spacing=0)


def polite(
    caps: Caps = FAST,
    *,
    exempt: bool = False,
    opt_out: OptOutList | None = None,
    scope: Scope = Scope.LOOPBACK,
) -> Polite[Target, Emit]:
    prober = Prober(ProbeSettings("census.example.net", scope=scope), client_context())
    limits = Limits(caps, exempt=exempt)
    return Polite(SmtpStage(prober), limits, opt_out or OptOutList(), scope)


async def probe(
    stage: Polite[Target, Emit], port: int, *targets: tuple[str, str | None]
) -> list[Smtp]:
    """The rows of (address, host), all asked for at once."""
    emits = await asyncio.gather(*(stage(Target(each[0], port, each[1])) for each in targets))
    rows = [row for emit in emits for row in emit.rows]
    assert all(isinstance(row, Smtp) for row in rows)
    return rows  # type: ignore[return-value]


def outcomes(rows: Iterable[Smtp]) -> set[ProbeOutcome]:
    return {row.outcome for row in rows}


def network(address: str) -> str:
    return address.rpartition(".")[0]


async def test_few_at_once_per_network_and_provider() -> None:
    free = [(f"127.0.{net}.{host}", None) for net in (3, 4) for host in range(1, 9)]
    held = [(f"127.0.{net}.1", f"mx{net}.crowded.com") for net in range(10, 30)]
    async with town() as here:
        rows = await probe(polite(), here.port, *free, *held)
    assert outcomes(rows) == {ProbeOutcome.OK}
    assert here.addresses == dict.fromkeys((address for address, _ in free + held), 1)
    peaks = here.peaks(
        lambda address: "held" if int(address.split(".")[2]) >= 10 else network(address)
    )
    assert peaks == {"127.0.3": 2, "127.0.4": 2, "held": 5}


async def test_not_more_at_once_over_all_than_told_even_where_exempt() -> None:
    async with town() as here:
        targets = [(f"127.0.{net}.1", None) for net in range(1, 60)]
        await probe(polite(Caps(in_flight=7), exempt=True), here.port, *targets)
    assert here.peaks(lambda _: "all") == {"all": 7}


async def test_new_connections_keep_to_the_rate() -> None:
    async with town(hold=0) as here:
        targets = [(f"127.0.{net}.1", None) for net in range(1, 41)]
        began = asyncio.get_running_loop().time()
        await probe(polite(Caps(rate=100)), here.port, *targets)
    moments = sorted(visit.came for visit in here.visits)
    assert len(moments) == 40
    assert moments[-1] - began >= 0.38  # a busy server sees the first of them late


async def test_a_crowded_network_does_not_hold_up_others() -> None:
    crowd = [(f"127.0.2.{host}", "mx.crowded.com") for host in range(1, 61)]
    others = [(f"127.0.{net}.1", f"mx.free{net}.com") for net in range(10, 50)]
    async with town() as here:
        await probe(polite(Caps(rate=1e6, in_flight=20)), here.port, *crowd, *others)
    order = [network(visit.address) for visit in sorted(here.visits, key=lambda v: v.came)]
    assert order.count("127.0.2") == 60
    # Until the last of the others came, the crowd had its two places and no more: some six.
    last = max(place for place, net in enumerate(order) if net != "127.0.2")
    assert order[:last].count("127.0.2") <= 20


async def test_the_second_visit_to_an_address_keeps_its_distance() -> None:
    stage = polite(Caps(rate=1e6, spacing=0.4))
    async with town(hold=0) as here:
        await probe(stage, here.port, *[("127.0.2.1", None)] * 3)
    gaps = [after.came - before.left for before, after in pairwise(here.visits)]
    assert len(gaps) == 2
    assert all(gap >= 0.39 for gap in gaps)


async def test_who_blocks_us_is_left_alone_for_a_while_then_for_good() -> None:
    def greeting(address: str) -> bytes:
        return BLOCKED if address.startswith("127.0.2.") else WELCOME

    stage = polite(Caps(rate=1e6, spacing=0, pause=0.3, patience=3))
    blocking = [(f"127.0.2.{host}", f"mx{host}.example{host}.com") for host in range(1, 11)]
    async with town(greeting, hold=0.01) as here:
        rows = await probe(stage, here.port, *blocking, ("127.0.3.1", None))
    visits = [visit for visit in here.visits if network(visit.address) == "127.0.2"]
    gaps = [after.came - before.left for before, after in pairwise(visits)]
    assert len(visits) == 4  # two at first, then one after each pause
    assert gaps[1] >= 0.29
    assert gaps[2] >= 0.59
    assert [row.outcome for row in rows].count(ProbeOutcome.BLOCKED) == 4
    left_alone = [row for row in rows if row.outcome is ProbeOutcome.NOT_PROBED]
    assert len(left_alone) == 6
    assert {row.detail for row in left_alone} == {"127.0.2.0/24 blocked us 3 times in a row"}
    assert {row.attempts for row in left_alone} == {0}
    assert rows[-1].outcome is ProbeOutcome.OK


async def test_who_opted_out_is_not_visited(tmp_path: Path) -> None:
    path = tmp_path / "opt-out"
    path.write_text("mx:left.com\nalone.com\n127.0.2.2\n127.0.3.0/24\n")
    asked = [
        ("127.0.2.1", "mx.left.com", "mx:left.com"),
        ("127.0.2.2", "mx.other.com", "127.0.2.2"),
        ("127.0.2.3", "mx.other.com", None),
        ("127.0.2.4", "mail.alone.com", "alone.com"),
        ("127.0.2.5", None, None),
        ("127.0.3.9", None, "127.0.3.0/24"),
    ]
    async with town() as here:
        stage = polite(opt_out=OptOutList.open(path))
        rows = await probe(stage, here.port, *((address, host) for address, host, _ in asked))
    assert set(here.addresses) == {"127.0.2.3", "127.0.2.5"}
    for row, (address, _, rule) in zip(rows, asked, strict=True):
        assert row.address == address
        if rule:
            assert row.outcome is ProbeOutcome.NOT_PROBED
            assert row.detail == f"opted out: {rule}"


async def test_who_opted_out_need_not_wait_for_it(tmp_path: Path) -> None:
    path = tmp_path / "opt-out"
    path.write_text("127.0.2.0/24\n")
    stage = polite(Caps(rate=0.001, spacing=1000), opt_out=OptOutList.open(path))
    async with asyncio.timeout(5):
        rows = await probe(stage, 1, *[("127.0.2.1", None)] * 3)
    assert outcomes(rows) == {ProbeOutcome.NOT_PROBED}


async def test_who_opts_out_while_in_the_queue_is_not_visited(tmp_path: Path) -> None:
    path = tmp_path / "opt-out"
    path.write_text("")
    listed = OptOutList.open(path, look_every=0)
    async with town(hold=0.2) as here:
        stage = polite(opt_out=listed)
        targets = [(f"127.0.2.{host}", None) for host in range(1, 9)]
        probing = asyncio.create_task(probe(stage, here.port, *targets))
        await asyncio.sleep(0.1)
        path.write_text("127.0.2.0/24\n")
        rows = await probing
    assert len(here.visits) == 2
    assert [row.outcome for row in rows].count(ProbeOutcome.NOT_PROBED) == 6


async def test_reserved_addresses_are_never_visited() -> None:
    """A public run on a machine whose DNS leads back to itself."""
    mapped = ["::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1"]
    targets = [(a, "mx.com") for a in ["127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", *mapped]]
    async with town() as here:
        rows = await probe(polite(Caps(rate=0.1), scope=Scope.PUBLIC), here.port, *targets)
        # The servers are there and would have answered.
        assert outcomes(await probe(polite(), here.port, targets[0])) == {ProbeOutcome.OK}
    assert outcomes(rows) == {ProbeOutcome.NOT_PROBED}
    assert {row.detail for row in rows} == {"not an address that this run may contact"}
    assert len(here.visits) == 1


class Failing(SmtpStage):
    """A stage with a bug."""

    def __init__(self) -> None:
        pass

    async def __call__(self, item: Target, /) -> Emit:
        raise ZeroDivisionError(item.address)


async def test_a_stage_that_fails_gives_its_place_back() -> None:
    limits = Limits(Caps(rate=1e6, per_network=1, in_flight=1, spacing=0))
    stage = Polite(Failing(), limits, OptOutList(), Scope.LOOPBACK)
    for host in range(1, 9):
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(stage(Target(f"127.0.2.{host}", 25, None)), 5)
