"""The stage of plan full, on a real NSD with a zone for each seed."""

from collections.abc import Iterator

import pytest

from schemas import APEX
from schemas.apex import Apex, Soa
from schemas.outcomes import Outcome
from schemas.query import NOT_ASKED
from stages.dns.answer import SoaData
from stages.dns.apex import ApexStage, first, hosts_of, not_asked, questions_of
from stages.dns.client import UdpResolver
from tests.servers.nsd import Nsd, nsd

FULL = """
$ORIGIN full.example.
@ 900  IN SOA Ns1 hostmaster.provider.example. 2026112201 7200 3600 1209600 300
@ 3600 IN NS ns2.provider.example.
@ 3600 IN NS NS1
@ 3600 IN NS -odd-.provider.example.
below  IN TXT "no apex"
"""
ROOT = """
$ORIGIN example.
@ 300 IN SOA ns mail 1 7200 3600 1209600 60
@ 300 IN NS ns
alias 60 IN CNAME full
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Nsd]:
    with nsd({"full.example": FULL, "example": ROOT}) as server:
        yield server


async def asked(server: Nsd, seed: str) -> Apex:
    """The row of a seed, after a look at how many questions it took."""
    before = server.queries()
    async with UdpResolver([(server.address, server.port)]) as resolver:
        ((row,), further) = await ApexStage(resolver)(seed)
    assert isinstance(row, Apex)
    assert server.queries() - before == len(questions_of(seed)) == 2
    assert not further
    assert APEX.batch([row]).num_rows == 1
    return row


async def test_a_zone_of_its_own(server: Nsd) -> None:
    row = await asked(server, "full.example")
    assert row.ns == ("-odd-.provider.example", "ns1.full.example", "ns2.provider.example")
    assert row.hosts == ("full.example", "ns1.full.example", "ns2.provider.example")
    assert (row.ns_query.outcome, row.ns_query.ttl) == (Outcome.OK, 3600)
    assert row.soa == Soa(
        "ns1.full.example", "hostmaster.provider.example", 2026112201, 7200, 3600, 1209600, 300
    )
    assert row.soa_query.ttl == 900


async def test_below_an_apex_there_is_neither(server: Nsd) -> None:
    row = await asked(server, "below.full.example")
    assert (row.ns, row.soa, row.hosts) == ((), None, ("below.full.example",))
    assert {row.ns_query.outcome, row.soa_query.outcome} == {Outcome.NODATA}


async def test_no_such_domain(server: Nsd) -> None:
    row = await asked(server, "gone.example")
    assert (row.ns, row.soa) == ((), None)
    assert {row.ns_query.outcome, row.soa_query.outcome} == {Outcome.NXDOMAIN}


def test_who_is_left_alone_has_a_row_and_leads_nowhere() -> None:
    row = not_asked("example.com", 7)
    assert row == Apex("example.com", 7, (), (), NOT_ASKED, None, NOT_ASKED)


def test_a_name_server_inside_and_the_seed_itself_are_hosts_once() -> None:
    found = hosts_of("example.com", ["example.com", "ns.example.net", "192.0.2.1", "."])
    assert found == ("example.com", "ns.example.net")


def test_of_several_soas_the_first_in_order_counts() -> None:
    records = [SoaData(name, "mail", 1, 2, 3, 4, 5) for name in ("ns2", "ns1")]
    found = first(records)
    assert found is not None
    assert found.mname == "ns1"
    assert first([]) is None
