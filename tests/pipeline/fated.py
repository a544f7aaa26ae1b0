"""Seeds whose name says what befalls them (tests.servers.fates), and the rows they must get."""

from typing import Any

from schemas.outcomes import Mail, Outcome
from scripts.world.names import wire
from tests.pipeline.crawls import Crawl
from tests.servers.fates import FATES
from tests.servers.hostile_dns import address

MAIL = {Outcome.OK: Mail.MX, Outcome.NXDOMAIN: Mail.NXDOMAIN}
DOMAINS = (
    "domain, mail, mx_query.outcome, mx.list_transform(lambda m: m.exchange), "
    "txt_query.outcome, list_contains(txt.list_transform(lambda t: t.text), {spf}), "
    "dmarc_query.outcome, [t.text for t in dmarc if t.text[:2] = 'v=']"
)


def seeds(labels: list[str], each: int) -> list[str]:
    return [f"d{number}.{label}.example" for label in labels for number in range(each)]


def fate_of(domain: str) -> Outcome:
    return FATES[domain.split(".")[-2]].outcome


def domain_rows(crawl: Crawl) -> list[tuple[Any, ...]]:
    spf = "'v=spf1 include:spf.' || domain || ' -all'"
    return crawl.select(DOMAINS.format(spf=spf), "domains")


def domain_row(domain: str) -> tuple[Any, ...]:
    outcome = fate_of(domain)
    found = outcome is Outcome.OK
    return (
        domain, MAIL.get(outcome, Mail.FAILED), outcome, [f"mx.{domain}"] if found else [],
        outcome, found, outcome, ["v=DMARC1; p=none"] if found else [],
    )  # fmt: skip


def check(crawl: Crawl, asked: list[str]) -> None:
    """Every row of every table, against what was to be had."""
    assert domain_rows(crawl) == sorted(map(domain_row, asked))
    reached = [domain for domain in asked if fate_of(domain) is Outcome.OK]
    assert crawl.select("name, query.outcome, record", "spf") == sorted(
        [(domain, fate_of(domain), f"v=spf1 include:spf.{domain} -all") for domain in reached]
        + [(f"spf.{domain}", Outcome.OK, "v=spf1 ip4:192.0.2.1 -all") for domain in reached]
        + [(domain, fate_of(domain), None) for domain in asked if domain not in reached],
        key=lambda row: row[0],
    )
    addresses = {f"mx.{domain}": address(wire(f"mx.{domain}")) for domain in reached}
    assert crawl.select("host, status, a, a_query.outcome, aaaa_query.outcome", "hosts") == sorted(
        (host, "resolved", [found], "ok", "nodata") for host, found in addresses.items()
    )
    assert crawl.select("address", "addresses") == sorted(
        (found,) for found in set(addresses.values())
    )
