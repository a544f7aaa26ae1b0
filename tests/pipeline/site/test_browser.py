"""The site in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pipeline.site.sections import PAGES
from tests.pipeline.site.soundness import CONTRAST, check
from tests.pipeline.site.visits import LOCAL, visit

FIRST = """[...document.querySelectorAll('#provider-shares-table tbody tr')]
    .find(row => row.cells[0].textContent === '1').cells[1].textContent"""
SLUGS = [page.slug for page in PAGES]

EMPTY = """[...document.querySelectorAll('.chart')]
    .filter(chart => !chart.querySelector('svg .mark-rect path, svg .mark-line path'))
    .map(chart => chart.id)"""


@pytest.fixture(scope="module")
def opened(site: Path, browser: Browser) -> Iterator[Page]:
    """One page for all that is done to tables and charts."""
    with visit(browser, site / "providers.html") as seen:
        yield seen.page


@pytest.fixture
def providers(opened: Page) -> Iterator[Page]:
    """That page as it was before."""
    yield opened
    opened.emulate_media(media="screen", color_scheme="light")
    opened.locator("#provider-shares").get_by_label("Search").fill("")
    opened.mouse.move(0, 0)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_is_sound(site: Path, browser: Browser, slug: str) -> None:
    """One visit: drawn, quiet, asks nothing, can be told by ear, stands out, fits a phone."""
    with visit(browser, site / f"{slug}.html") as seen:
        page = seen.page
        assert page.evaluate(EMPTY) == []
        check(page)
        assert seen.complaints == []
        assert [url for url in seen.requests if not url.startswith(LOCAL)] == []


def test_a_table_sorts_by_mouse_and_keyboard(providers: Page) -> None:
    table = providers.locator("#provider-shares-table")
    head = table.locator("th", has_text="domains")
    numbers = table.locator("tbody td:nth-child(3)")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    falling = [float(text.replace(",", "")) for text in numbers.all_text_contents()]
    assert falling == sorted(falling, reverse=True)
    head.get_by_role("button").focus()
    providers.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert [float(t.replace(",", "")) for t in numbers.all_text_contents()] == sorted(falling)
    table.locator("th", has_text="provider").get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "none"


def test_a_search_leaves_what_fits_and_says_how_many(providers: Page) -> None:
    section = providers.locator("#provider-shares")
    total = section.locator("tbody tr").count()
    section.get_by_label("Search").fill("goog")
    shown = section.locator("tbody tr:visible")
    assert ["goog" in text.lower() for text in shown.all_text_contents()] == [True] * shown.count()
    assert 0 < shown.count() < total
    expect(section.locator("output")).to_have_text(f"{shown.count()} of {total} rows")


def test_a_bar_says_its_figures_under_the_mouse(providers: Page) -> None:
    providers.locator("#provider-shares-chart path[aria-roledescription]").first.hover()
    tooltip = providers.locator("#vg-tooltip-element.visible")
    expect(tooltip).to_be_visible()
    first: str = providers.evaluate(FIRST)
    expect(tooltip).to_contain_text(first)


def test_the_theme_is_the_systems_until_the_reader_chooses(site: Path, browser: Browser) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with visit(browser, site / "index.html", scheme="dark") as seen:
        dark = seen.page.evaluate(ground)
        seen.page.get_by_role("button", name="Light colours").click()
        assert seen.page.evaluate(ground) == "rgb(255, 255, 255)" != dark
        seen.page.goto((site / "spf.html").as_uri())
        assert seen.page.evaluate(ground) == "rgb(255, 255, 255)"


def test_a_chart_is_saved_with_its_colours(providers: Page) -> None:
    for kind, magic in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with providers.expect_download() as download:
            providers.locator("#provider-shares").get_by_role("button", name=kind).click()
        data = Path(download.value.path()).read_bytes()
        assert data.startswith(magic)
        assert b"var(" not in data


def test_paper_is_white_and_has_no_buttons(providers: Page) -> None:
    providers.emulate_media(media="print", color_scheme="dark")
    assert providers.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert providers.evaluate(CONTRAST) == []
    expect(providers.get_by_role("navigation", name="Pages")).to_be_hidden()
    assert providers.get_by_role("button", name="Save as PNG").count() == 0


def test_without_scripts_the_tables_are_there(site: Path, browser: Browser) -> None:
    with visit(browser, site / "providers.html", scripts=False) as seen:
        assert seen.page.locator("#provider-shares-table tbody tr").count() > 10


def test_a_tree_opens_by_keyboard(site: Path, browser: Browser) -> None:
    with visit(browser, site / "trees.html") as seen:
        tree = seen.page.locator(".trees > details:has(details)").first
        summary = tree.locator("> summary")
        inner = tree.locator("details > summary").first
        expect(inner).to_be_hidden()
        summary.focus()
        seen.page.keyboard.press("Enter")
        expect(inner).to_be_visible()
        assert seen.page.evaluate(CONTRAST) == []


def test_a_flow_shows_the_links_of_what_is_pointed_at(site: Path, browser: Browser) -> None:
    opacities = """chart => [...chart.querySelectorAll('.mark-path.link path')]
        .map(path => Number(path.getAttribute('stroke-opacity')))"""
    with visit(browser, site / "trust.html") as seen:
        chart = seen.page.locator("#trust-flow-chart")
        assert set(chart.evaluate(opacities)) == {0.35}
        chart.locator(".mark-rect.node path").first.hover()
        seen.page.wait_for_function(
            "document.querySelector('#trust-flow-chart .link path[stroke-opacity=\"0.06\"]')"
        )
        assert set(chart.evaluate(opacities)) == {0.06, 0.75}
