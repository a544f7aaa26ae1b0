"""The map in the browser, and as a picture, against the tables that it is made from."""

import json
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Address
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from pipeline.site.sections.maps import packed
from stages.maps.curve import layout
from tests.pipeline.command import inside
from tests.pipeline.conftest import Census
from tests.pipeline.site.visits import Visit, visit


def trusting(census: Census, network: IPv4Network) -> int:
    """Domains that let an address of the network send; networks beyond a /8 aside."""

    def view(table: str) -> str:
        return f"read_parquet('{census.warehouse}/{table}/run={census.run}/*.parquet')"

    query = f"""
        WITH hits AS (SELECT name FROM {view("spf_grants")}
            WHERE version = 4 AND prefix >= 8 AND first <= $2 AND last >= $1)
        SELECT count(DISTINCT domain) FROM {view("spf_trust")}
        WHERE domain IN (SELECT name FROM hits) OR domain IN (
            SELECT l.name FROM {view("spf_links")} l JOIN {view("spf_reach")} USING (target)
            WHERE seed AND trusted AND reached IN (SELECT name FROM hits))"""
    ends = [IPv6Address(f"::ffff:{network[place]}").packed for place in (0, -1)]
    ((count,),) = duckdb.execute(query, ends).fetchall()
    return int(count)


def most_trusted(census: Census) -> IPv4Network:
    files = f"{census.warehouse}/spf_networks/run={census.run}/*.parquet"
    query = f"""SELECT network FROM '{files}' WHERE version = 4 AND prefix = 24
        AND seed_list = '*' AND rank_cut = 0 ORDER BY domains DESC, network LIMIT 1"""
    ((network,),) = duckdb.sql(query).fetchall()
    return IPv4Network(network)


@pytest.fixture(scope="module")
def visited(site: Path, browser: Browser) -> Iterator[Visit]:
    """One page for all that is done to the map."""
    with visit(browser, site / "map.html") as seen:
        seen.page.wait_for_function("document.getElementById('map-canvas').dataset.drawn")
        yield seen
        assert seen.complaints == []


@pytest.fixture
def page(visited: Visit) -> Page:
    """That page with all of IPv4 in view."""
    visited.page.get_by_label("Family").select_option(label="IPv4")
    visited.page.get_by_role("button", name="All", exact=True).click()
    return visited.page


def go_to(page: Page, network: str) -> None:
    page.get_by_role("textbox", name="Go to").fill(network)
    page.get_by_role("button", name="Show").click()


def test_go_to_a_network_tells_how_many_domains_trust_it(page: Page, census: Census) -> None:
    network = most_trusted(census)
    go_to(page, str(network))
    said = f"{network}{trusting(census, network):,} domains let it send"
    expect(page.get_by_role("status")).to_contain_text(said)


def test_pointing_zooming_and_families(page: Page) -> None:
    canvas, said = page.locator("#map-canvas"), page.get_by_role("status")
    canvas.hover(position={"x": 3, "y": 3})
    expect(said).to_contain_text("0 this network")
    far = canvas.evaluate("canvas => canvas.toDataURL()")
    canvas.focus()
    for _ in range(6):
        page.keyboard.press("+")
    page.wait_for_function(
        "far => document.getElementById('map-canvas').toDataURL() !== far", arg=far
    )
    canvas.hover(position={"x": 30, "y": 30})
    expect(said).to_contain_text("/24")
    page.get_by_label("Family").select_option(label="IPv6")
    go_to(page, "2001:4860::/32")
    expect(said).to_contain_text("2001:4860::/32")
    go_to(page, "nonsense")
    expect(said).to_contain_text("is no network")


def test_the_scripts_curve_is_that_of_the_pictures(page: Page) -> None:
    numbers = page.evaluate("Array.from({length: 1024}, (_, i) => Curve.number(i % 32, i >> 5, 5))")
    assert numbers == layout(5).ravel().tolist()
    places = page.evaluate("Array.from({length: 1024}, (_, i) => Curve.place(i, 5))")
    assert [int(layout(5)[y, x]) for x, y in places] == list(range(1024))


@pytest.mark.parametrize("counts", [[0, 0, 1, 1, 300, 0, 70_000, 2_000_000_000], [5] * 8, [0] * 8])
def test_counts_survive_packing(page: Page, counts: list[int]) -> None:
    text = packed(np.array(counts, np.int32))
    assert page.evaluate("t => Curve.unpack(t, 8).then(c => [...c])", text) == counts


def test_hilbert_draws_a_crop(census: Census, tmp_path: Path) -> None:
    out = tmp_path / "map.png"
    words = (census.warehouse, census.run, "--out", out)
    done = inside("hilbert", *words, "--prefix", str(most_trusted(census)), "--rank", 1000)
    assert done.returncode == 0, done.stderr
    with Image.open(out) as picture:
        assert picture.width == 1024
        assert picture.getpixel((500, 900)) != (0, 0, 0)
    steps = ["reading", "counting domains", "drawing"]
    assert [line[:24].rstrip() for line in done.stderr.splitlines() if " s" in line[24:]] == steps
    kept = json.loads((census.warehouse / "_times" / "hilbert-ipv4.json").read_text())
    assert [name for name, _ in kept["steps"]] == steps
    done = inside("hilbert", *words, "--prefix", "192.0.2.0/25")
    assert done.returncode == 2
    assert "no IPv4 network of /24 or wider" in done.stderr
