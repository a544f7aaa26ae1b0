"""A crawl of mail servers that are a trial (tests.servers.manners), and the truth of its rows."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from scripts.world.names import wire
from tests.pipeline.crawls import Crawl, crawl_in
from tests.pipeline.watch import Watched, watched
from tests.servers.fates import PLAY
from tests.servers.hostile_dns import address, hostile_dns
from tests.servers.hostile_smtp import Visit, hostile_smtp
from tests.servers.manners import Manner
from tests.servers.thread import threaded

GRACE = 3.0
"""Seconds that a busy machine may add to a limit."""
PEAK = 600
"""MiB of memory that a crawl may take."""


class Trials(NamedTuple):
    """So many servers of each manner."""

    manners: dict[str, Manner]
    each: int = 1
    limit: float = 3.0
    """Seconds that a dialogue may take (smtp_timeout)."""
    slots: int = 400
    """Connections at once (smtp_in_flight)."""

    @property
    def seeds(self) -> dict[str, str]:
        """Manner by seed."""
        return {
            f"{number}-{label}.ok.example": label
            for label in self.manners
            for number in range(self.each)
        }

    @property
    def servers(self) -> dict[str, str]:
        """Manner by address of the server."""
        return {address(wire(f"mx.{seed}")): label for seed, label in self.seeds.items()}

    def tries(self, label: str) -> int:
        """Connections that a server of a manner must see."""
        return 2 if self.manners[label].outcome.transient else 1


class Outcome(NamedTuple):
    """What came of it."""

    crawl: Crawl
    done: Watched
    visits: list[Visit]


def crawled(trials: Trials, folder: Path, seconds: float) -> Outcome:
    """The trials, crawled."""
    plays = {where: trials.manners[label].play for where, label in trials.servers.items()}
    with (
        threaded(lambda: hostile_dns(PLAY)) as dns,
        threaded(lambda: hostile_smtp(plays)) as server,
    ):
        crawl = crawl_in(
            folder, list(trials.seeds), nameservers=[dns.label], smtp=True, smtp_port=server.port,
            smtp_timeout=trials.limit, smtp_retry_after=0.5, smtp_in_flight=trials.slots,
        )  # fmt: skip
        done = watched(*crawl.words, seconds=seconds)
    return Outcome(crawl, done, server.visits)


def check(trials: Trials, outcome: Outcome) -> None:
    """The truth of every row; and by the servers' own clock, how long and often they were seen."""
    crawl, done, visits = outcome
    assert done.status == 0, done.said
    assert done.peak < PEAK
    at = trials.servers
    rows = crawl.select("address, outcome, starttls, attempts", "smtp")
    told = [(row[0], at[row[0]], *row[1:]) for row in rows]
    assert told == [
        (where, label, *trials.manners[label][1:], trials.tries(label))
        for where, label in sorted(at.items())
    ]
    assert max(visit.seconds for visit in visits) < trials.limit + GRACE
    connections = Counter(visit.address for visit in visits)
    assert connections == {where: trials.tries(label) for where, label in at.items()}
