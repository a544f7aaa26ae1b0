"""A clock that is set back in the middle of a crawl: only times told are wrong, nothing else."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.pipeline.command import mailcensus
from tests.pipeline.crawls import crawl_in
from tests.pipeline.disks import slow_dns
from tests.pipeline.fated import check, seeds

pytestmark = pytest.mark.torture

HOUR = 3600 * 1_000_000
MOST = 60
"""Seconds; a clock that is set back tells of a day, or of less than 0."""


@pytest.fixture
def backwards(tmp_path: Path) -> str:
    """A library that sets the clock back by a day once a file is there."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: apt-get install gcc")
    library = tmp_path / "backwards.so"
    source = Path(__file__).with_name("backwards.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return str(library)


def test_the_clock_is_set_back(backwards: str, tmp_path: Path) -> None:
    asked = seeds(["ok"], each=2000)
    with slow_dns() as server:
        crawl = crawl_in(tmp_path, asked, nameservers=[server.label], dns_in_flight=60)
        once = crawl.bookkeeping / "journal" / "0-000001.json"  # half-way
        settings = (f"LD_PRELOAD={backwards}", f"BACKWARDS_ONCE={once}")
        done = mailcensus(*crawl.words, before=("env", *settings), seconds=300)
    assert done.returncode == 0, done.stdout + done.stderr
    check(crawl, asked)
    ((earliest, latest),) = crawl.select("min(epoch_us(asked)), max(epoch_us(asked))", "domains")
    assert latest - earliest > 23 * HOUR
    ((least,),) = crawl.select("min(mx_query.rtt_ms)", "domains")
    assert least > 0
    status = json.loads((crawl.bookkeeping / "status.json").read_text())
    assert 0 < status["elapsed"] < MOST
    report = json.loads((crawl.bookkeeping / "report.json").read_text())
    assert 0 < report["command"]["seconds"] < MOST
