"""A served world, and a finished census of it, for all tests that only look."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pipeline.command import mailcensus
from tests.servers.world import ServedWorld, world

RUN = "night"


class Census(NamedTuple):
    """A finished and inferred run."""

    world: ServedWorld
    warehouse: Path
    run: str
    said: str
    """What the crawl printed."""


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with world(tmp_path_factory.mktemp("world"), domains=600) as served:
        yield served


@pytest.fixture(scope="session")
def census(served: ServedWorld, tmp_path_factory: pytest.TempPathFactory) -> Census:
    warehouse = tmp_path_factory.mktemp("census") / "warehouse"
    done = mailcensus(
        "crawl", served.seeds, "--warehouse", warehouse, "--run", RUN, "--config", served.config,
        seconds=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    inferred = mailcensus("infer", warehouse, RUN, seconds=180)
    assert inferred.returncode == 0, inferred.stdout + inferred.stderr
    return Census(served, warehouse, RUN, done.stdout)


@pytest.fixture
def copied(census: Census, tmp_path: Path) -> Census:
    """The finished census, to be damaged."""
    warehouse = tmp_path / "warehouse"
    shutil.copytree(census.warehouse, warehouse)
    return census._replace(warehouse=warehouse)
