"""The command in a process of its own, and its pages in a real browser."""

import re
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pipeline.explore.catalogue import Catalogue
from tests.browser import chromium
from tests.pipeline.command import begun, inside
from tests.pipeline.conftest import Census
from tests.pipeline.explore.test_app import some_company, some_domain, some_include
from tests.pipeline.site.soundness import check


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of this module alone: see `chromium`."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def base(census: Census, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it is served; what it leaves behind when it is told to stop is nothing."""
    folder = tmp_path_factory.mktemp("lists")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        yield from _served(census)
    assert not list(folder.iterdir())


def _served(census: Census) -> Iterator[str]:
    with begun("explore", census.warehouse, "--port", 0) as process:
        assert process.stdout is not None
        said = ""
        while "Open " not in said:
            said = process.stdout.readline()
            assert said, "it ended"
        found = re.search(r"http://\S+/", said)
        assert found
        yield found[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.fixture
def paths(opened: Catalogue) -> list[str]:
    domain = some_domain(opened)
    return [
        "",
        "?q=mai",
        f"domain/{domain}",
        f"domain/{domain}/history",
        f"company/{some_company(opened)}",
        f"include/{some_include(opened)}",
        "address/127.0.0.0/8",
        "domain/no",
    ]


def test_pages_are_sound_in_a_browser(base: str, browser: Browser, paths: list[str]) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for path in paths:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(base + path)
        check(page, "search")
    refusals = [said for said in complaints if "status of 400" not in said]
    assert refusals == []
    assert {url for url in asked if not url.startswith((base, "data:"))} == set()
    context.close()


def test_from_the_search_box_to_the_include_by_keyboard(
    base: str, browser: Browser, opened: Catalogue
) -> None:
    page = browser.new_page()
    page.goto(base)
    name = some_domain(opened)
    page.get_by_role("searchbox").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator(".way").first.locator(".stop")).to_have_count(4)
    page.get_by_role("link", name="History over").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{name} over the runs")
    page.close()


def test_it_listens_on_loopback_alone_unless_told(census: Census) -> None:
    done = inside("explore", census.warehouse, "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "--open-to-network" in done.stderr


def test_a_taken_port_is_said_in_a_line(census: Census, base: str) -> None:
    port = base.rstrip("/").rpartition(":")[2]
    done = inside("explore", census.warehouse, "--port", port)
    assert done.returncode == 2
    assert done.stderr.startswith("mailcensus: cannot listen on 127.0.0.1 port")


def test_a_rebound_name_reads_nothing(base: str) -> None:
    request = urllib.request.Request(base, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="421"):
        urllib.request.urlopen(request)


def test_a_run_without_rows_is_said_in_a_line(tmp_path: Path) -> None:
    done = inside("explore", tmp_path)
    assert done.returncode == 2
    assert "no run" in done.stderr
