"""The world as a process: what a census of it will find."""

import csv
import smtplib
import ssl
from pathlib import Path

import dns.exception
import dns.resolver
import pyarrow.parquet as pq

from tests.servers.world import ServedWorld, world


def test_a_served_world_answers_and_tells_of_its_visitors(tmp_path: Path) -> None:
    with world(tmp_path / "world", domains=120, seed=7) as served:
        seeds = [domain for _, domain in csv.reader(served.seeds.read_text().splitlines())]
        live = {row["domain"] for row in pq.read_table(served.truth).to_pylist() if row["live"]}
        secured = [
            address
            for domain in seeds[:40]
            if domain in live
            for address in mail_addresses(served, domain)[:1]
            if trusted(served, address)
        ]
    assert len(seeds) == 120
    assert secured
    visits = served.visits()
    assert all(visits[address].handshakes >= 1 for address in secured)
    assert not any(visit.forbidden for visit in visits.values())


def mail_addresses(served: ServedWorld, domain: str) -> list[str]:
    """IPv4 addresses of the most preferred exchange."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], served.dns_port
    try:
        answer = resolver.resolve(domain, "MX", lifetime=1)
        exchange = min((rdata.preference, rdata.exchange) for rdata in answer)[1]
        return [rdata.address for rdata in resolver.resolve(exchange, "A", lifetime=1)]
    except dns.exception.DNSException:
        return []


def trusted(served: ServedWorld, address: str) -> bool:
    """Whether STARTTLS succeeds with a chain to the world's root."""
    context = ssl.create_default_context(cafile=str(served.roots))
    context.check_hostname = False
    try:
        with smtplib.SMTP(address, served.smtp_port, "census.example", timeout=1) as client:
            client.starttls(context=context)
            return True
    except (OSError, smtplib.SMTPException):
        return False
