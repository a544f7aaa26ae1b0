"""What every page must be: fit for ear and eye, in both colours, no wider than a phone."""

from playwright.sync_api import Page, expect

# What text is drawn on: the nearest background that is not transparent.
CONTRAST = """() => {
    const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => {
        const part = v => v <= 10 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4;
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const grounds = new Map();
    const ground = node => {
        if (!node) return [255, 255, 255];
        if (!grounds.has(node)) {
            const colour = parse(getComputedStyle(node).backgroundColor);
            const opaque = colour.length === 3 || colour[3] === 1;
            grounds.set(node, opaque ? colour : ground(node.parentElement));
        }
        return grounds.get(node);
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || parent.closest('script, .hidden')) continue;
        if (!parent.checkVisibility({ visibilityProperty: true })) continue;
        const style = getComputedStyle(parent);
        const ink = parse(parent.closest('svg') ? style.fill : style.color);
        const [a, b] = [light(ink), light(ground(parent))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) found.push([ratio, walker.currentNode.textContent.trim().slice(0, 40)]);
    }
    return found;
}"""
_IDS = "[...document.querySelectorAll('[id]')].map(node => node.id)"
_UNNAMED = """[...document.querySelectorAll('button, a[href], input, select')]
    .filter(node => !(node.textContent.trim() || node.labels?.length || node.ariaLabel))
    .map(node => node.outerHTML)"""
_CAPTIONS = "[...document.querySelectorAll('table.data')].every(table => table.caption)"
_WIDTH = "document.documentElement.scrollWidth"

_LANDMARKS = ("main", "banner", "contentinfo")


def check(page: Page, *roles: str) -> None:
    """Of an open page; it is dark and as narrow as a phone afterwards. Roles: more that it has."""
    for role in (*_LANDMARKS, *roles):
        expect(page.get_by_role(role)).to_have_count(1)  # type: ignore[arg-type]
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    ids: list[str] = page.evaluate(_IDS)
    assert len(ids) == len(set(ids))
    assert page.evaluate(_UNNAMED) == []
    assert page.evaluate(_CAPTIONS)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(CONTRAST) == [], scheme
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate(_WIDTH) <= 360
