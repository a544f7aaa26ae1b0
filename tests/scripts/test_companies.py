import gzip
import json
from pathlib import Path

import pytest

from scripts.companies import MAP, canonical, coverage
from stages.inference.providers.companies import bundled_companies, parse_companies

RECORDED = Path(__file__).parents[3] / "shared/data/mail-dns/recorded.jsonl.gz"

UNTIDY = """# About the map.


[[company]]
asns = [10, 9]
country = "US"
name = "b"
role = "gateway"
ids = ["z.com",
       "y.com"]
[[company]]
name = "A"
role = "mailbox"
country = "DE"
ids = ["a.com"]
tokens = ["say \\"a\\"="]
"""
TIDY = """# About the map.

[[company]]
name = "A"
role = "mailbox"
country = "DE"
ids = ["a.com"]
tokens = ["say \\"a\\"="]

[[company]]
name = "b"
role = "gateway"
country = "US"
ids = ["y.com", "z.com"]
asns = [9, 10]
"""


def test_the_canonical_text_is_sorted_and_filled() -> None:
    assert canonical(UNTIDY) == TIDY == canonical(TIDY)
    long = TIDY.replace('"y.com"', ", ".join(f'"y{i:02}.com"' for i in range(30)))
    assert canonical(long) != long
    assert max(map(len, canonical(long).splitlines())) <= 100
    assert parse_companies(canonical(long)).companies == parse_companies(long).companies


def test_the_bundled_map_is_in_canonical_form() -> None:
    text = MAP.read_text(encoding="utf-8")
    assert text == canonical(text), "run: python -m scripts.companies tidy"


def domain(name: str, *mx: str) -> str:
    return json.dumps({"domain": name, "mx": mx})


def test_coverage_counts_the_domains_whose_mail_is_elsewhere() -> None:
    recorded = [
        domain("own.com", "mx.own.com"),
        domain("none.com"),
        domain("a.com", "MX.Z.com."),
        domain("b.com", "mx.b.com", "mx.y.com", "mx.other.org"),
        domain("c.com", "mx.other.org", "mx2.other.org"),
        domain("town.example.co.uk", "mx.example.co.uk"),
    ]
    found = coverage(recorded, parse_companies(TIDY))
    assert (found.outsourced, found.named, found.nameless) == (3, 2, {"other.org": 1})


@pytest.mark.skipif(not RECORDED.exists(), reason="needs ../shared/data/mail-dns")
def test_most_public_bodies_that_outsource_their_mail_do_so_to_a_known_company() -> None:
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        found = coverage(lines, bundled_companies())
    share = found.named / found.outsourced
    print(f"{found.named} of {found.outsourced} ({share:.1%})", found.nameless.most_common(20))
    assert found.outsourced > 13_000
    assert share >= 0.9
