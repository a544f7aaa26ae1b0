"""What holds for all tests.

Asserts in modules that several tests share say what differs, as those in tests do. Properties have
no deadline: a busy machine is no failure.
"""

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.pipeline.fated", "tests.pipeline.trials")
settings.register_profile("mailcensus", deadline=None)
settings.load_profile("mailcensus")
