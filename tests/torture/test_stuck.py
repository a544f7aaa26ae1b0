"""A worker that does not move any more, as on a disk that does not answer, is begun again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.plan import Plan
from tests.pipeline.command import begun, mailcensus
from tests.pipeline.conftest import RUN
from tests.pipeline.test_resume import command, rows
from tests.pipeline.test_workers import children, wait_for_rows
from tests.servers.world import ServedWorld, world
from tests.torture.limits import gently

pytestmark = [pytest.mark.torture, pytest.mark.timeout(900)]

PATIENCE = 20.0
"""Seconds; a busy machine takes several to begin a worker."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with world(tmp_path_factory.mktemp("world"), domains=600) as served:
        yield served


@pytest.fixture(scope="module")
def gentle(served: ServedWorld) -> str:
    """Settings, as TOML."""
    return gently(served.config.read_text())


@pytest.fixture(scope="module")
def undisturbed(served: ServedWorld, gentle: str) -> Path:
    warehouse, config = served.directory / "undisturbed", served.directory / "gentle.toml"
    config.write_text(gentle)
    done = mailcensus(*command(served.seeds, warehouse, config), seconds=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return warehouse


@pytest.mark.parametrize("victim", [0, 1])
def test_a_stuck_worker_is_begun_again(
    served: ServedWorld, gentle: str, undisturbed: Path, tmp_path: Path, victim: int
) -> None:
    config = tmp_path / "mailcensus.toml"
    patience = f"commit_seconds = 0.2\nworker_patience = {PATIENCE}\n"
    config.write_text(gentle + patience)
    warehouse = tmp_path / "warehouse"
    words = (*command(served.seeds, warehouse, config), "--workers", 2)
    with begun(*words) as process:
        wait_for_rows(warehouse, process)
        os.kill(children(process)[victim], signal.SIGSTOP)
        said, _ = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert "is stuck" in (warehouse / "_runs" / RUN / "crawl.log").read_text()
    for table in Plan.MAIL.tables:
        assert rows(warehouse, table) == rows(undisturbed, table), table.name
