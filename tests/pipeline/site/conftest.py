"""A site about the shared census, and a browser to look at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.pipeline.command import mailcensus
from tests.pipeline.conftest import Census

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def site(census: Census, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "report"
    done = mailcensus("report", census.warehouse, census.run, "--out", folder, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not for the session: while Playwright is open no test can have a loop of its own."""
    if not CHROMIUM.exists():
        pytest.skip("no browser: apt install chromium")
    with sync_playwright() as playwright:
        # As root, as on CI, Chromium has no sandbox; it opens nothing but our own files.
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()
