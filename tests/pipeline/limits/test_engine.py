"""The engine with a crowd in its way: workers that wait leave enough that work."""

import asyncio
from pathlib import Path

from pipeline.frontier import committed
from pipeline.graph import Reference, References
from pipeline.instruments import nodes, open_prober, open_resolver, open_tables
from pipeline.journal import Journal
from pipeline.keys import KeySet
from pipeline.runner import Runner
from pipeline.settings import Settings
from pipeline.sink import Sink
from schemas import SMTP
from stages.smtp.stage import Target
from tests.pipeline.census import run_in
from tests.pipeline.limits.town import Town, town


async def crawl(
    here: Town, addresses: list[str], journal: Journal, stop_after: int | None = None
) -> None:
    """Probe addresses with the nodes of a real crawl, in that order, or so many and stop."""
    settings = Settings.model_validate(
        {
            "scope": "loopback",
            "nameservers": "127.0.0.1:1",  # nothing is asked
            "limits_on_loopback": True,
            "smtp_port": here.port,
            "smtp_rate": 1e6,
            "smtp_in_flight": 5,
        }
    )
    sink = Sink(journal)
    references = [
        Reference(SMTP, f"{address} {here.port}", Target(address, here.port, None))
        for address in addresses
    ]
    async with open_resolver(settings) as resolver:
        stages = nodes(settings, resolver, open_prober(settings), open_tables(settings))
        follow = References(KeySet(), here.port)
        async with Runner(stages, follow, committed(journal), sink) as runner:
            work = asyncio.create_task(runner.work_off(references))
            while stop_after is not None and len(here.visits) < stop_after:
                await asyncio.sleep(0.01)
            if stop_after is not None:
                await runner.stop(grace=3600)
            await work
    await sink.commit()


async def test_more_targets_of_one_network_than_workers_do_not_hold_up_others(
    tmp_path: Path,
) -> None:
    # Eighty of one /24 come first: sixteen times as many as there may be connections.
    crowd = [f"127.0.2.{host}" for host in range(1, 81)]
    others = [f"127.0.{net}.1" for net in range(10, 40)]
    journal = Journal.load(run_in(tmp_path))
    async with town() as here, asyncio.timeout(60):
        await crawl(here, crowd + others, journal)
    assert journal.rows(SMTP) == 110
    assert here.addresses == dict.fromkeys(crowd + others, 1)
    assert here.peaks(lambda _: "all") == {"all": 5}
    order = [visit.address in crowd for visit in sorted(here.visits, key=lambda v: v.came)]
    # Two of five places are the crowd's: it gets twenty visits while the others get thirty.
    assert sum(order[: len(order) - order[::-1].index(False)]) <= 40


async def test_a_stop_does_not_wait_for_those_who_wait_for_their_turn(tmp_path: Path) -> None:
    crowd = [f"127.0.2.{host}" for host in range(1, 81)]
    journal = Journal.load(run_in(tmp_path))
    async with town() as here, asyncio.timeout(30):
        await crawl(here, crowd, journal, stop_after=6)
    assert 6 <= journal.rows(SMTP) == len(here.visits) < 20
