"""Crawls of many commits, for tests of disks; and where what they commit lies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.warehouse import Run, Warehouse
from tests.pipeline.command import Finished, mailcensus
from tests.pipeline.crawls import RUN, Crawl, crawl_in
from tests.pipeline.fated import check
from tests.servers.hostile_dns import Fate, HostileDns, Later, honest, hostile_dns
from tests.servers.thread import threaded

ROOMY = 1 << 16
"""KiB; far more than a crawl here writes."""


@contextmanager
def slow_dns() -> Iterator[HostileDns]:
    """A server that takes its time, so that there are several commits."""
    slow: Fate = lambda ask: [Later(0.05, ask.answer())]  # noqa: E731
    with threaded(lambda: hostile_dns({"": honest, "ok": slow})) as server:
        yield server


def slow_crawl(folder: Path, server: HostileDns, asked: list[str]) -> Crawl:
    """A crawl that commits often."""
    return crawl_in(folder, asked, nameservers=[server.label], dns_in_flight=40, commit_seconds=0.2)


def complete(crawl: Crawl, asked: list[str]) -> Finished:
    """Run the command to the end, which must bring every row."""
    done = mailcensus(*crawl.words)
    assert done.returncode == 0, done.stdout + done.stderr
    check(crawl, asked)
    return done


def entries(crawl: Crawl) -> list[Path]:
    """Journal entries."""
    return sorted((crawl.bookkeeping / "journal").glob("[0-9]*.json"))


def parts(crawl: Crawl, table: str = "domains") -> list[Path]:
    """Parts of a table."""
    return sorted((crawl.warehouse / table / f"run={RUN}").glob("*.parquet"))


def run_of(crawl: Crawl) -> Run:
    """The run."""
    return Warehouse.at(str(crawl.warehouse)).run(RUN)
