"""Debian's Chromium, driven by Playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser while the block runs; meanwhile no test can have an event loop of its own."""
    if not CHROMIUM.exists():
        pytest.skip("no browser: apt install chromium")
    with sync_playwright() as playwright:
        # As root, as on CI, Chromium has no sandbox; it opens nothing but our own pages.
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()
