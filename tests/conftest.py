"""Asserts in modules that several tests share say what differs, as those in tests do."""

import pytest

pytest.register_assert_rewrite("tests.pipeline.fated", "tests.pipeline.trials")
