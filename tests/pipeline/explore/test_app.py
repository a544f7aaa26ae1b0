"""The pages, what they say of bad input, and what the application refuses."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from pipeline.explore.app import application
from pipeline.explore.catalogue import Catalogue
from tests.pipeline.conftest import Census

NASTY = (
    "' OR 1=1 --",
    '"; DROP TABLE known; --',
    "%' UNION SELECT * FROM known --",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "../../etc/passwd",
    "$1",
    "\x00\x1b[2J",
    "\u202egnp.exe",
    "é" * 200,
)


def one(opened: Catalogue, query: str) -> str:
    (row, *_) = opened.ask(query, [])
    return str(row[0])


def some_domain(opened: Catalogue) -> str:
    return one(opened, "SELECT domain FROM mx_providers WHERE company IS NOT NULL ORDER BY 1")


def some_include(opened: Catalogue) -> str:
    query = "SELECT target FROM trusting GROUP BY target ORDER BY count(*) DESC, target"
    return one(opened, query)


def some_company(opened: Catalogue) -> str:
    return one(opened, "SELECT company FROM companies WHERE mapped ORDER BY domains DESC, company")


def test_a_domain_is_drawn_from_exchange_to_company(opened: Catalogue, client: TestClient) -> None:
    name = some_domain(opened)
    page = unescape(client.get(f"/domain/{name}").text)
    rows = opened.ask("SELECT mx, company, addresses FROM mx_providers WHERE domain = $1", [name])
    for exchange, company, addresses in rows:
        assert exchange in page
        assert company in page
        assert addresses[0] in page
    assert "The evidence, line by line" in page
    assert "confidence:" in page


def test_all_seeds_have_a_page(opened: Catalogue, client: TestClient) -> None:
    names = [name for (name,) in opened.ask("SELECT domain FROM domains ORDER BY 1 LIMIT 12", [])]
    assert {client.get(f"/domain/{name}").status_code for name in names} == {200}


def test_a_company_lists_its_domains_by_rank(opened: Catalogue, client: TestClient) -> None:
    company = some_company(opened)
    page = unescape(client.get(f"/company/{quote(company)}").text)
    query = "SELECT domain FROM providers WHERE operator_company = $1"
    domains = [name for (name,) in opened.ask(query, [company])]
    assert f"Runs the mail of {len(domains):,} domain" in page
    shown = page.split('id="domains-table"')[1]
    assert sum(f">{name}</a>" in shown for name in domains) == min(100, len(domains))
    ranks = opened.ask("SELECT rank FROM known WHERE company = $1 LIMIT 100", [company])
    known = [rank for (rank,) in ranks if rank is not None]
    assert known == sorted(known)


def test_an_include_says_who_names_it_and_what_it_passes(
    opened: Catalogue, client: TestClient
) -> None:
    target = some_include(opened)
    page = client.get(f"/include/{target}").text
    query = "SELECT name FROM spf_links WHERE target = $1 AND trusted AND seed"
    names = {name for (name,) in opened.ask(query, [target])}
    assert sum(f'/domain/{name}"' in page for name in names) == min(100, len(names)) > 0
    assert 'href="/address/' in page


def test_an_address_says_whose_hosts_are_there_and_who_trusts_it(
    opened: Catalogue, client: TestClient
) -> None:
    query = (
        "SELECT address FROM places JOIN mail ON host = mx GROUP BY 1 ORDER BY sum(domains) DESC, 1"
    )
    address = one(opened, query)
    page = client.get(f"/address/{address}").text
    for (host,) in opened.ask("SELECT host FROM places WHERE address = $1 LIMIT 20", [address]):
        assert host in page
    assert "Who lets it send" in page
    assert client.get("/address/127.0.0.0/8").status_code == 200


def test_a_search_goes_straight_to_the_one_thing(opened: Catalogue, client: TestClient) -> None:
    name, company = some_domain(opened), some_company(opened)
    for text, path in (
        (name.upper(), f"/domain/{name}"),
        ("192.0.2.1", "/address/192.0.2.1"),
        (" 192.0.2.77/24 ", "/address/192.0.2.0/24"),
        ("2001:DB8::/32", "/address/2001:db8::/32"),
        (company.lower(), f"/company/{quote(company)}"),
    ):
        answer = client.get("/", params={"q": text})
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        assert client.get(path).status_code == 200


def test_a_search_offers_what_is_alike(opened: Catalogue, client: TestClient) -> None:
    name = some_domain(opened)
    answer = client.get("/", params={"q": name[:3]})
    assert answer.status_code == 200
    assert "Names like it" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "line"),
    [
        ("/domain/no", 400, "no is no domain: bare_label."),
        ("/domain/absent.example", 404, "absent.example is no seed of run"),
        ("/include/absent.example", 404, "knows no include absent.example."),
        ("/company/Nobody%20Ltd", 404, "knows no company Nobody Ltd."),
        ("/address/300.1.1.1", 400, "300.1.1.1 is no address or network."),
        ("/address/fe80::1%25eth0", 400, "is no address or network."),
        ("/nowhere", 404, "Not Found"),
        ("/assets/../app.py", 404, "Not Found"),
        ("/assets/app.py", 404, "There is no such file."),
    ],
)
def test_bad_input_has_one_clear_line(
    client: TestClient, path: str, status: int, line: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert line in answer.text.partition('<p class="lead">')[2]


@pytest.mark.parametrize("text", NASTY)
def test_input_is_a_value_and_never_a_query_or_a_tag(
    opened: Catalogue, client: TestClient, text: str
) -> None:
    before = opened.ask("SELECT count(*) FROM known", [])
    paths = [
        f"/{kind}/{quote(text, safe='')}" for kind in ("domain", "address", "company", "include")
    ]
    for path in [*paths, f"/?q={quote(text)}"]:
        answer = client.get(path)
        assert answer.status_code in {400, 404}
        assert "<script>alert" not in answer.text
        assert ">49" not in answer.text
        assert "\x1b" not in answer.text
    assert opened.ask("SELECT count(*) FROM known", []) == before


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8025", "127.0.0.1.evil.example", "localhost.evil", ""]
)
def test_a_foreign_host_name_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "census" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8025", "localhost:9", "[::1]:8025", "192.0.2.7"])
def test_an_address_or_localhost_is_served(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


def test_only_reading_is_allowed(client: TestClient) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert client.request(method, "/").status_code == 405
    assert client.head("/").status_code == 200
    assert client.get("/", params={"q": "x" * 3000}).status_code == 414


def test_every_answer_binds_the_browser(client: TestClient) -> None:
    for path in ("/", "/assets/site.css", "/domain/no", "/nowhere"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert client.post("/").headers["referrer-policy"] == "no-referrer"


def test_nothing_in_the_warehouse_changes(
    census: Census, opened: Catalogue, client: TestClient
) -> None:
    before = dict(_digests(census.warehouse))
    for path in (f"/domain/{some_domain(opened)}", "/?q=mail", "/address/127.0.0.1"):
        client.get(path)
    assert dict(_digests(census.warehouse)) == before


def test_many_may_ask_at_once(opened: Catalogue) -> None:
    names = [name for (name,) in opened.ask("SELECT domain FROM domains ORDER BY 1 LIMIT 8", [])]
    client = TestClient(application(opened, "127.0.0.1"), base_url="http://127.0.0.1")
    alone = [client.get(f"/domain/{name}").text for name in names]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda name: client.get(f"/domain/{name}").text, names)) == alone


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path), hashlib.sha256(path.read_bytes()).hexdigest()
