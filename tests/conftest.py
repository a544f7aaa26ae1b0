"""What holds for all tests.

Asserts in modules that several tests share say what differs, as those in tests do. Properties have
no deadline: a busy machine is no failure.
"""

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from scripts.snowshoe import Loop

pytest.register_assert_rewrite("tests.pipeline.fated", "tests.pipeline.trials")
settings.register_profile("mailcensus", deadline=None)
settings.load_profile("mailcensus")


@pytest.fixture(scope="session")
def snowshoe(tmp_path_factory: pytest.TempPathFactory) -> "Loop":
    """Two nights a week apart, from memory: scored, published and evaluated."""
    from scripts.world.nights.files import Parameters  # noqa: PLC0415 - takes a second
    from tests.loop import run  # noqa: PLC0415 - same

    parameters = Parameters(size=120, seed=1, how_many=2, rate=0.4, apart=8)
    flags = ("--offline", "--algorithm", "decision_tree")
    return run(tmp_path_factory.mktemp("snowshoe"), parameters, *flags)
