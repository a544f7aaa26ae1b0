"""The stage over tables of its own and a resolver that is a table of names."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from schemas.addresses import ADDRESSES, Address
from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.answer import Answer, Question, RRType
from stages.enrich.cloud import CloudTable
from stages.enrich.special import Scope
from stages.enrich.stage import EnrichStage
from stages.enrich.tables import AsnTable, OwnerTable

DATA = Path(__file__).parents[4] / "shared" / "data" / "ip"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/ip")


class Zone:
    """Answers from a table; what is not in it does not exist."""

    def __init__(self, names: dict[str, tuple[str, ...]]) -> None:
        self._names = names
        self.asked: list[Question] = []

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        self.asked += questions
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Answer:
        names = self._names.get(question.name, ())
        outcome = Outcome.OK if names else Outcome.NXDOMAIN
        query = Query(outcome, 0, 300, 1.0, "127.0.0.1:53", 1, tcp=False)
        return Answer(question, 1, query, names)


async def address(stage: EnrichStage, item: str) -> Address:
    (row,), further = await stage(item)
    assert further == ()
    assert isinstance(row, Address)
    ADDRESSES.batch([row])
    return row


@pytest.fixture
def asn(tmp_path: Path) -> AsnTable:
    path = tmp_path / "ipasn.dat"
    path.write_text("127.0.0.0/8\t64500\n2001:db8::/32\t64501\n")
    return AsnTable.open(path)


@pytest.fixture
def cloud(tmp_path: Path) -> CloudTable:
    path = tmp_path / "cloud.csv"
    path.write_text("127.1.0.0/16,aws,eu-west-1,EC2\n")
    return CloudTable.open(path)


async def test_a_row_without_any_table() -> None:
    row = await address(EnrichStage(None, None, None, None), "192.0.2.1")
    assert row._replace(enriched=0) == Address(
        "192.0.2.1", 0, 4, None, None, None, None, None, None, None,
        "Documentation (TEST-NET-1)", (), None,
    )  # fmt: skip
    assert abs(row.enriched - time.time_ns() // 1000) < 60_000_000


async def test_a_row_of_every_table(asn: AsnTable, cloud: CloudTable) -> None:
    zone = Zone({"9.0.1.127.in-addr.arpa": ("MX2.example.net", "mx1.example.net")})
    row = await address(EnrichStage(asn, None, cloud, zone, Scope.LOOPBACK), "127.1.0.9")
    assert (row.version, row.asn, row.prefix) == (4, 64500, "127.0.0.0/8")
    assert (row.cloud_provider, row.cloud_region, row.cloud_service) == ("aws", "eu-west-1", "EC2")
    assert row.reserved == "Loopback"
    assert row.ptr == ("mx1.example.net", "mx2.example.net")
    assert row.ptr_query is not None
    assert row.ptr_query.outcome is Outcome.OK


async def test_ipv6_is_asked_by_nibbles(asn: AsnTable) -> None:
    zone = Zone({})
    row = await address(EnrichStage(asn, None, None, zone), "2600:1f00::25")
    assert row.version == 6
    assert zone.asked == [Question("5.2.0.0" + ".0" * 20 + ".0.0.f.1.0.0.6.2.ip6.arpa", RRType.PTR)]
    assert row.ptr_query is not None
    assert row.ptr_query.outcome is Outcome.NXDOMAIN


@pytest.mark.parametrize("item", ["10.0.0.1", "127.0.0.1", "::1", "64:ff9b::808:808"])
async def test_special_addresses_are_not_asked_for(item: str) -> None:
    zone = Zone({})
    row = await address(EnrichStage(None, None, None, zone, Scope.PUBLIC), item)
    assert (zone.asked, row.ptr_query) == ([], None)
    assert row.reserved


@pytest.mark.parametrize("item", ["127.0.0.1", "::1", "8.8.8.8"])
async def test_loopback_is_asked_for_where_the_scope_permits_it(item: str) -> None:
    zone = Zone({})
    await address(EnrichStage(None, None, None, zone, Scope.LOOPBACK), item)
    assert len(zone.asked) == 1


async def test_what_is_no_address_is_our_bug() -> None:
    with pytest.raises(ValueError, match="not an IP address"):
        await EnrichStage(None, None, None, None)("mail.example.net")


@needs_data
async def test_real_tables(asn: AsnTable) -> None:
    owner = OwnerTable.open(DATA / "ipinfo_lite.mmdb")
    alone = await address(EnrichStage(None, owner, None, None), "8.8.8.8")
    assert (alone.asn, alone.prefix) == (15169, None)
    assert (alone.as_name, alone.country) == ("Google LLC", "US")
    beside = await address(EnrichStage(asn, owner, None, None), "8.8.8.8")
    assert (beside.asn, beside.as_name) == (None, "Google LLC")
