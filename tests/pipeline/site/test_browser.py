"""The site in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pipeline.site.sections import PAGES
from tests.pipeline.site.visits import LOCAL, visit

SLUGS = [page.slug for page in PAGES]

# What text is drawn on: the nearest background that is not transparent.
CONTRAST = """() => {
    const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => {
        const part = v => v <= 10 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4;
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const ground = node => {
        for (; node; node = node.parentElement) {
            const colour = parse(getComputedStyle(node).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || parent.closest('script, .hidden')) continue;
        if (!parent.checkVisibility()) continue;
        const style = getComputedStyle(parent);
        const ink = parse(parent.closest('svg') ? style.fill : style.color);
        const [a, b] = [light(ink), light(ground(parent))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) found.push([ratio, walker.currentNode.textContent.trim().slice(0, 40)]);
    }
    return found;
}"""


EMPTY = """[...document.querySelectorAll('.chart')]
    .filter(chart => !chart.querySelector('svg .mark-rect path, svg .mark-line path'))
    .map(chart => chart.id)"""
IDS = "[...document.querySelectorAll('[id]')].map(node => node.id)"
UNNAMED = """[...document.querySelectorAll('button, a[href], input, select')]
    .filter(node => !(node.textContent.trim() || node.labels?.length || node.ariaLabel))
    .map(node => node.outerHTML)"""
CAPTIONS = "[...document.querySelectorAll('table.data')].every(table => table.caption)"
WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_is_sound(site: Path, browser: Browser, slug: str) -> None:
    """One visit: drawn, quiet, asks nothing, can be told by ear, stands out, fits a phone."""
    with visit(browser, site / f"{slug}.html") as seen:
        page = seen.page
        assert page.evaluate(EMPTY) == []
        for role in ("main", "banner", "contentinfo"):
            expect(page.get_by_role(role)).to_have_count(1)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        ids: list[str] = page.evaluate(IDS)
        assert len(ids) == len(set(ids))
        assert page.evaluate(UNNAMED) == []
        assert page.evaluate(CAPTIONS)
        assert page.evaluate(CONTRAST) == []
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(CONTRAST) == []
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate(WIDTH) <= 360
        assert seen.complaints == []
        assert [url for url in seen.requests if not url.startswith(LOCAL)] == []


def test_a_table_sorts_by_mouse_and_keyboard(site: Path, browser: Browser) -> None:
    with visit(browser, site / "providers.html") as seen:
        table = seen.page.locator("#provider-shares-table")
        head = table.locator("th", has_text="domains")
        numbers = table.locator("tbody td:nth-child(3)")
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "descending"
        falling = [float(text.replace(",", "")) for text in numbers.all_text_contents()]
        assert falling == sorted(falling, reverse=True)
        head.get_by_role("button").focus()
        seen.page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"
        assert [float(t.replace(",", "")) for t in numbers.all_text_contents()] == sorted(falling)
        table.locator("th", has_text="provider").get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "none"


def test_a_search_leaves_what_fits_and_says_how_many(site: Path, browser: Browser) -> None:
    with visit(browser, site / "providers.html") as seen:
        section = seen.page.locator("#provider-shares")
        total = section.locator("tbody tr").count()
        section.get_by_label("Search").fill("goog")
        shown = section.locator("tbody tr:visible")
        assert ["goog" in text.lower() for text in shown.all_text_contents()] == [
            True
        ] * shown.count()
        assert 0 < shown.count() < total
        expect(section.locator("output")).to_have_text(f"{shown.count()} of {total} rows")


def test_a_bar_says_its_figures_under_the_mouse(site: Path, browser: Browser) -> None:
    with visit(browser, site / "providers.html") as seen:
        seen.page.locator("#provider-shares-chart path[aria-roledescription]").first.hover()
        tooltip = seen.page.locator("#vg-tooltip-element.visible")
        expect(tooltip).to_be_visible()
        first = seen.page.locator("#provider-shares-table tbody td").nth(1).text_content()
        assert first
        expect(tooltip).to_contain_text(first)


def test_the_theme_is_the_systems_until_the_reader_chooses(site: Path, browser: Browser) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with visit(browser, site / "index.html", scheme="dark") as seen:
        dark = seen.page.evaluate(ground)
        seen.page.get_by_role("button", name="Light colours").click()
        assert seen.page.evaluate(ground) == "rgb(255, 255, 255)" != dark
        seen.page.goto((site / "spf.html").as_uri())
        assert seen.page.evaluate(ground) == "rgb(255, 255, 255)"


def test_a_chart_is_saved_with_its_colours(site: Path, browser: Browser) -> None:
    with visit(browser, site / "providers.html") as seen:
        for kind, magic in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
            with seen.page.expect_download() as download:
                seen.page.locator("#provider-shares").get_by_role("button", name=kind).click()
            data = Path(download.value.path()).read_bytes()
            assert data.startswith(magic)
            assert b"var(" not in data


def test_paper_is_white_and_has_no_buttons(site: Path, browser: Browser) -> None:
    with visit(browser, site / "providers.html", scheme="dark") as seen:
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert seen.page.evaluate(CONTRAST) == []
        expect(seen.page.get_by_role("navigation", name="Pages")).to_be_hidden()
        assert seen.page.get_by_role("button", name="Save as PNG").count() == 0


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
