"""A crawl at full rate for a long time: memory, descriptors and tasks stay as they are."""

import json
import signal
import statistics
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pipeline.crawls import crawl_in
from tests.servers.fates import FATES
from tests.servers.hostile_dns import hostile_dns
from tests.servers.hostile_smtp import Peer, Play, hostile_smtp
from tests.servers.manners import manners
from tests.servers.thread import threaded
from tests.torture.limits import SOAK

pytestmark = [pytest.mark.torture, pytest.mark.timeout(3 * 3600)]

SEEDS_A_SECOND = 3000
"""More than any crawl gets through here."""
BYTES_A_SEED = 400
"""Growth allowed: keys of five tables, sorted anew now and then, journal entries, allocator."""
SLACK = 48 << 10
"""KiB of growth allowed beside that."""
SLOTS = 200


class Sample(NamedTuple):
    """The crawl at one moment."""

    seconds: float
    rss: int
    """KiB"""
    files: int
    tasks: int


def of_all_manners(folder: Path) -> Play:
    """One in a hundred a trial, one in ten with TLS, the rest plain."""
    trials = [manner.play for manner in manners(folder).values()]
    plain, polite = (manners(folder)[label].play for label in ("plain", "polite"))

    async def play(peer: Peer) -> None:
        dice = zlib.crc32(peer.writer.get_extra_info("sockname")[0].encode())
        chosen = trials[dice // 100 % len(trials)] if not dice % 100 else plain
        await (polite if dice % 10 == 1 else chosen)(peer)

    return play


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """A name server where one in fifty names is in trouble, and mail servers everywhere."""
    fates = {label: told.play for label, told in FATES.items()} | {"": FATES["ok"].play}
    anywhere = {"0.0.0.0": of_all_manners(tmp_path / "certificates")}
    with (
        threaded(lambda: hostile_dns(fates)) as dns,
        threaded(lambda: hostile_smtp(anywhere)) as mail,
    ):
        yield dns.label, mail.port


def seeds(count: int) -> list[str]:
    labels = list(FATES)
    return [
        f"d{number}.{labels[number // 50 % len(labels)] if not number % 50 else 'ok'}.example"
        for number in range(count)
    ]


def test_nothing_grows(ports: tuple[str, int], tmp_path: Path) -> None:
    server, port = ports
    crawl = crawl_in(
        tmp_path, seeds(int(SEEDS_A_SECOND * SOAK)), nameservers=[server], smtp=True,
        smtp_port=port, smtp_in_flight=SLOTS, smtp_timeout=5.0, smtp_retry_after=5.0,
        dns_timeout=0.25, dns_retry_after=5.0, commit_seconds=10,
    )  # fmt: skip
    file = tmp_path / "samples"
    command = [sys.executable, "-m", "tests.torture.census", file, *crawl.words]
    log = tmp_path / "log"
    with (
        log.open("w") as output,
        subprocess.Popen([*map(str, command)], stdout=output, stderr=output) as process,
    ):
        try:
            process.wait(timeout=SOAK + 60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        finally:
            process.kill()
    assert process.returncode in (0, 3), log.read_text()[-3000:]
    done = json.loads((crawl.bookkeeping / "status.json").read_text())["done"]
    lines = [line.split() for line in file.read_text().splitlines()]
    samples = [Sample(float(s), int(r), int(f), int(t)) for s, r, f, t in lines if int(t) > SLOTS]
    judge(samples, done)


def judge(samples: list[Sample], done: int) -> None:
    """The last fifth of the soak against its second."""
    fifth = len(samples) // 5
    assert fifth > 10
    early, late = samples[fifth : 2 * fifth], samples[-fifth - 3 : -3]
    rss, files, tasks = (
        [int(statistics.median(sample[at] for sample in part)) for part in (early, late)]
        for at in (1, 2, 3)
    )
    print(f"\n{done:,} seeds; MiB {rss[0] >> 10} -> {rss[1] >> 10}; files {files}; tasks {tasks}")
    assert rss[1] - rss[0] < SLACK + BYTES_A_SEED * done // 1024
    assert max(sample.files for sample in samples) < SLOTS + 300
    assert files[1] < files[0] + SLOTS / 2
    assert tasks[1] < tasks[0] + SLOTS / 2
