"""A visit to a page of the site, which notes what a page must not do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page

LOCAL = ("file:", "data:", "blob:")
DRAWN = "[...document.querySelectorAll('.chart')].every(chart => 'drawn' in chart.dataset)"


class Visit(NamedTuple):
    """An open page, what it wrote to the console, and what it asked the network for."""

    page: Page
    complaints: list[str]
    requests: list[str]


@contextmanager
def visit(
    browser: Browser,
    page: Path,
    *,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
    scripts: bool = True,
) -> Iterator[Visit]:
    """The page when its charts are drawn."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    made = Visit(context.new_page(), [], [])
    made.page.on("console", lambda said: made.complaints.append(said.text))
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    made.page.on("request", lambda request: made.requests.append(request.url))
    made.page.goto(page.as_uri())
    if scripts:
        made.page.wait_for_function(DRAWN)
    yield made
    context.close()
