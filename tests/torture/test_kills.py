"""Killed again and again at random moments, a run ends with the rows of an undisturbed one."""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from pipeline.plan import Plan
from tests.pipeline.command import begun, kill, mailcensus
from tests.pipeline.test_resume import command, committed_rows, rows
from tests.servers.world import ServedWorld, world
from tests.torture.limits import KILLS, WAYS, gently

pytestmark = [pytest.mark.torture, pytest.mark.timeout(3 * 3600)]

DOMAINS = 3000
MINUTE = 60.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with world(tmp_path_factory.mktemp("world"), domains=DOMAINS, seed=200) as served:
        yield served


@pytest.fixture(scope="module")
def config(served: ServedWorld) -> Path:
    """Commits so frequent that kills fall between and into them."""
    path = served.directory / "frequent.toml"
    path.write_text(gently(served.config.read_text()) + "commit_seconds = 0.2\n")
    return path


@pytest.fixture(scope="module")
def undisturbed(served: ServedWorld, config: Path) -> Callable[[Plan], Path]:
    """The warehouse of a run of a plan that nobody killed."""

    @cache
    def crawled(plan: Plan) -> Path:
        warehouse = served.directory / plan
        words = (*command(served.seeds, warehouse, config), "--plan", plan)
        done = mailcensus(*words, seconds=10 * MINUTE)
        assert done.returncode == 0, done.stdout + done.stderr
        return warehouse

    return crawled


@pytest.mark.parametrize("way", WAYS, ids=lambda way: " ".join((way[0], *way[1])))
def test_killed_at_random_moments(
    served: ServedWorld,
    config: Path,
    undisturbed: Callable[[Plan], Path],
    way: tuple[Plan, tuple[str, ...]],
    tmp_path: Path,
) -> None:
    """Run after run is killed to its end, until there were enough kills."""
    plan, words = way
    whole = undisturbed(plan)
    moments = random.Random(20_141)
    kills = runs = 0
    while kills < KILLS:
        warehouse = tmp_path / str(runs)
        again = (*command(served.seeds, warehouse, config), "--plan", plan, *words)
        kills += killed_to_the_end(again, warehouse, moments, KILLS - kills)
        compare(plan, warehouse, whole)
        shutil.rmtree(warehouse)
        runs += 1
        print(f"{kills} kills, {runs} runs ended")


def killed_to_the_end(
    words: tuple[object, ...], warehouse: Path, moments: random.Random, most: int
) -> int:
    """Repeat the command until it ends by itself; the number of kills that took."""
    kills = committed = 0
    latest = 4.0
    while kills < most:
        with begun(*words) as process:
            give_up = time.monotonic() + moments.uniform(0, latest)
            while process.poll() is None and time.monotonic() < give_up:
                time.sleep(0.005)
            if process.poll() is not None:
                said, _ = process.communicate(timeout=MINUTE)
                assert process.returncode == 0, said
                return kills
            kill(process)
        kills += 1
        if (warehouse / "_runs" / "night" / "journal").exists():
            # Also proves that what lies there can be read whole after every kill.
            assert committed_rows(warehouse) >= committed
            # Slow machines take longer to begin: kill where they have got somewhere.
            latest += 0.5 if committed_rows(warehouse) == committed else 0
            committed = committed_rows(warehouse)
    done = mailcensus(*words, seconds=10 * MINUTE)
    assert done.returncode == 0, done.stdout + done.stderr
    return kills


def compare(plan: Plan, warehouse: Path, undisturbed: Path) -> None:
    """No key twice, none missing, no row that differs."""
    for table in plan.filled(sts_policies=False):
        found, wanted = rows(warehouse, table), rows(undisturbed, table)
        keys = [row[: len(table.key)] for row in found]
        assert len(keys) == len(set(keys)), table.name
        assert found == wanted, table.name
