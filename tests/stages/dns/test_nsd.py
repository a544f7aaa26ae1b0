"""The bulk resolver against a real NSD, which counts what it is asked."""

import asyncio
import gzip
import json
from pathlib import Path

import pytest

from schemas.outcomes import Outcome
from stages.dns.answer import CaaData, MxData, Question, RRType, SoaData, SrvData, TlsaData
from stages.dns.client import UdpResolver
from stages.dns.settings import UdpSettings
from tests.servers.nsd import nsd

RECORDED = Path(__file__).parents[4] / "shared/data/mail-dns/recorded.jsonl.gz"
HEAD = "$ORIGIN {}.\n$TTL 300\n@ IN SOA ns hostmaster 1 7200 3600 1209600 60\n@ NS ns\n"
PATIENT = UdpSettings(timeout=10)

ZONE = (
    HEAD.format("example.com")
    + r"""
@         MX 10 mx
@         CAA 128 issue "ca.example"
mx        A 192.0.2.1
mx        AAAA 2001:db8::1
_25._tcp.mx TLSA 3 1 1 00ff
_autodiscover._tcp SRV 0 5 443 MX
alias     CNAME mx
far       CNAME alias.example.net.
dangling  CNAME nowhere
*.wild    MX 1 wild
"""
)
OTHER = HEAD.format("example.net") + "alias CNAME mx.example.com.\n"


async def test_every_type_and_ending() -> None:
    table = [
        ("example.com", RRType.MX, Outcome.OK, (MxData(10, "mx.example.com"),), ()),
        ("example.com", RRType.NS, Outcome.OK, ("ns.example.com",), ()),
        ("example.com", RRType.CAA, Outcome.OK, (CaaData(128, "issue", b"ca.example"),), ()),
        ("mx.example.com", RRType.AAAA, Outcome.OK, ("2001:db8::1",), ()),
        ("_25._tcp.mx.example.com", RRType.TLSA, Outcome.OK, (TlsaData(3, 1, 1, b"\0\xff"),), ()),
        (
            "_autodiscover._tcp.example.com", RRType.SRV, Outcome.OK,
            (SrvData(0, 5, 443, "mx.example.com"),), (),
        ),
        ("_tcp.example.com", RRType.SRV, Outcome.NODATA, (), ()),
        ("alias.example.com", RRType.A, Outcome.OK, ("192.0.2.1",), ("mx.example.com",)),
        ("alias.example.com", RRType.MX, Outcome.NODATA, (), ("mx.example.com",)),
        ("dangling.example.com", RRType.A, Outcome.NXDOMAIN, (), ("nowhere.example.com",)),
        ("example.com", RRType.TXT, Outcome.NODATA, (), ()),
        ("nowhere.example.com", RRType.TXT, Outcome.NXDOMAIN, (), ()),
        ("x.wild.example.com", RRType.MX, Outcome.OK, (MxData(1, "wild.example.com"),), ()),
        (
            "far.example.com", RRType.A, Outcome.OK, ("192.0.2.1",),
            ("alias.example.net", "mx.example.com"),
        ),
        (
            "example.com", RRType.SOA, Outcome.OK,
            (SoaData("ns.example.com", "hostmaster.example.com", 1, 7200, 3600, 1209600, 60),), (),
        ),
    ]  # fmt: skip
    with nsd({"example.com": ZONE, "example.net": OTHER}) as server:
        before = server.queries()
        async with UdpResolver([(server.address, server.port)], PATIENT) as resolver:
            answers = await resolver.ask([Question(row[0], row[1]) for row in table])
        assert server.queries() - before == len(table)
    found = [(*a.question, a.outcome, a.records, a.cname_chain) for a in answers]
    assert found == table
    assert {a.query.ttl for a in answers if a.outcome is not Outcome.OK} == {60}


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded data at ../shared/data")
async def test_thousands_of_recorded_domains_each_asked_once() -> None:
    """MX sets of real domains come back as recorded; NSD is asked each question once."""
    with gzip.open(RECORDED, "rt") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(4000), strict=False)]
    recorded = {row["domain"]: row["mx"] for row in rows if row["domain"].isascii()}
    zone = HEAD.format("").replace("..", ".") + "".join(
        f"{domain}. MX {10 * rank} {exchange}.\n"
        for domain, exchanges in recorded.items()
        for rank, exchange in enumerate(dict.fromkeys(exchanges))
    )
    with nsd({".": zone}) as server:
        before = server.queries()
        async with UdpResolver([(server.address, server.port)], PATIENT) as resolver:
            batches = [[Question(domain, RRType.MX)] for domain in recorded]
            answers = await asyncio.gather(*map(resolver.ask, batches))
        assert server.queries() - before == len(recorded)
    for (answer,) in answers:
        exchanges = [record.exchange for record in sorted(answer.mx())]
        assert exchanges == list(dict.fromkeys(recorded[answer.question.name]))
        assert answer.outcome in (
            (Outcome.OK,) if exchanges else (Outcome.NODATA, Outcome.NXDOMAIN)
        )
