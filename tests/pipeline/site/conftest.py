"""A site about the shared census, and a browser to look at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.pipeline.command import mailcensus
from tests.pipeline.conftest import Census


@pytest.fixture(scope="session")
def site(census: Census, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "report"
    done = mailcensus("report", census.warehouse, census.run, "--out", folder, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not for the session: see `chromium`."""
    with chromium() as started:
        yield started
