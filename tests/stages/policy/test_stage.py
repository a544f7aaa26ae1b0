"""The stage of plan policy, on a real NSD and on servers that err."""

from collections.abc import Iterator

import pytest

from schemas import POLICIES
from schemas.outcomes import Outcome
from schemas.policies import DkimSelector, Policy, Service
from schemas.query import NOT_ASKED, Text
from stages.dns.client import UdpResolver
from stages.dns.settings import UdpSettings
from stages.policy.stage import CERTAIN, SELECTORS, PolicyStage, not_asked, services_of
from tests.servers.nsd import Nsd, nsd
from tests.stages.dns.responder import Asked, responder

ZONE = r"""
$ORIGIN example.
$TTL 300
@                          IN SOA ns hostmaster 1 7200 3600 1209600 60
@                          NS ns
selector1._domainkey.full  CNAME selector1-full._domainkey.contoso.onmicrosoft.com.
google._domainkey.full     TXT "v=DKIM1; k=rsa; p=" "MIIB"
zoho._domainkey.full       TXT "\255"
autodiscover.full          CNAME autodiscover.provider
autodiscover.provider      A 127.0.0.2
autodiscover.provider      A 127.0.0.10
_autodiscover._tcp.full    SRV 5 0 443 B.provider
_autodiscover._tcp.full    SRV 0 9 8443 a.provider
_mta-sts.full              CNAME _mta-sts.provider
_mta-sts.provider          TXT "v=STSv1; id=1;"
_smtp._tls.full            TXT "v=TLSRPTv1; rua=mailto:t@full.example"
default._bimi.full         TXT "v=BIMI1; l="
plain                      MX 10 mx
_domainkey.delegated       CNAME keys.nowhere
mail._domainkey.delegated  TXT "v=DKIM1; p=A"
*.wild                     TXT "v=spf1 -all"
*.parked                   CNAME web
web                        A 127.0.0.3
"""
TARGETS = """
$ORIGIN com.
$TTL 300
@ IN SOA ns hostmaster 1 7200 3600 1209600 60
@ NS ns
"""
ALL = len(services_of("d")) + len(SELECTORS)
FEWEST = len(services_of("d")) + CERTAIN


@pytest.fixture(scope="module")
def server() -> Iterator[Nsd]:
    with nsd({"example": ZONE, "com": TARGETS}) as server:
        yield server


async def asked(server: Nsd, domain: str) -> tuple[Policy, int]:
    """The row of a domain below example, and how many questions it took."""
    before = server.queries()
    async with UdpResolver([(server.address, server.port)]) as resolver:
        ((row,), further) = await PolicyStage(resolver)(f"{domain}.example")
    count = server.queries() - before
    assert isinstance(row, Policy)
    assert not further
    assert POLICIES.batch([row]).num_rows == 1
    assert [each.selector for each in row.dkim] == list(SELECTORS)
    sent = [row.domainkey_query, row.autodiscover_query, row.autodiscover_srv_query]
    sent += [row.mta_sts_query, row.tls_rpt_query, row.bimi_query]
    assert count == sum(query.attempts for query in [*sent, *(each.query for each in row.dkim)])
    return row, count


def selector(row: Policy, name: str) -> DkimSelector:
    (found,) = (each for each in row.dkim if each.selector == name)
    return found


async def test_a_domain_that_publishes_everything(server: Nsd) -> None:
    row, questions = await asked(server, "full")
    assert questions == ALL
    assert row.domainkey_query.outcome is Outcome.NODATA  # an empty non-terminal exists
    microsoft = selector(row, "selector1")
    assert microsoft.cname_chain == ("selector1-full._domainkey.contoso.onmicrosoft.com",)
    assert (microsoft.txt, microsoft.query.outcome) == ((), Outcome.NXDOMAIN)
    assert selector(row, "google").txt == (Text("v=DKIM1; k=rsa; p=MIIB", None),)
    assert selector(row, "zoho").txt == (Text("\\xff", b"\xff"),)
    assert selector(row, "mail").query.outcome is Outcome.NXDOMAIN
    assert row.autodiscover_chain == ("autodiscover.provider.example",)
    assert row.autodiscover == ("127.0.0.2", "127.0.0.10")
    assert row.autodiscover_srv == (
        Service(0, 9, 8443, "a.provider.example"),
        Service(5, 0, 443, "b.provider.example"),
    )
    assert (row.mta_sts_chain, row.mta_sts) == (
        ("_mta-sts.provider.example",), (Text("v=STSv1; id=1;", None),),
    )  # fmt: skip
    assert row.tls_rpt == (Text("v=TLSRPTv1; rua=mailto:t@full.example", None),)
    assert row.bimi == (Text("v=BIMI1; l=", None),)


async def test_a_domain_without_any_is_asked_little(server: Nsd) -> None:
    row, questions = await asked(server, "plain")
    assert questions == FEWEST
    assert [each.query for each in row.dkim[CERTAIN:]] == [NOT_ASKED] * (ALL - FEWEST)
    assert {each.query.outcome for each in row.dkim[:CERTAIN]} == {Outcome.NXDOMAIN}
    assert (row.autodiscover, row.autodiscover_srv, row.mta_sts) == ((), (), ())
    assert row.autodiscover_srv_query.outcome is Outcome.NXDOMAIN


async def test_an_alias_that_leads_nowhere_says_nothing_of_what_is_below_it(server: Nsd) -> None:
    row, questions = await asked(server, "delegated")
    assert row.domainkey_query.outcome is Outcome.NXDOMAIN
    assert row.domainkey_chain == ("keys.nowhere.example",)
    assert selector(row, "mail").txt == (Text("v=DKIM1; p=A", None),)
    assert questions == ALL


@pytest.mark.parametrize("domain", ["wild", "parked"])
async def test_a_wildcard_shows_at_domainkey_too(server: Nsd, domain: str) -> None:
    row, _ = await asked(server, domain)
    assert row.domainkey or row.domainkey_chain
    for each in row.dkim:
        assert (each.cname_chain, each.txt) == (row.domainkey_chain, row.domainkey)
    assert row.autodiscover_chain == row.domainkey_chain


async def test_a_server_wrong_about_empty_names_is_found_out() -> None:
    """NXDOMAIN for `_domainkey`, though there are keys below it."""

    def wrong(query: Asked) -> list[bytes]:
        if query.name.startswith(("default.", "sig1.")):
            return [query.answer('"v=DKIM1; p=A"')]
        return [query.answer(rcode=3)]

    async with responder(wrong) as server, UdpResolver([server.address]) as resolver:
        ((row,), _) = await PolicyStage(resolver)("example.com")
    assert isinstance(row, Policy)
    assert row.domainkey_query.outcome is Outcome.NXDOMAIN
    assert selector(row, "default").txt == selector(row, "sig1").txt != ()


async def test_a_server_that_fails_at_first_is_asked_for_all() -> None:
    def fails(query: Asked) -> list[bytes]:
        return [query.answer(rcode=2 if query.name == "_domainkey.example.com" else 3)]

    settings = UdpSettings(attempts=1)
    async with responder(fails) as server, UdpResolver([server.address], settings) as resolver:
        ((row,), _) = await PolicyStage(resolver)("example.com")
    assert isinstance(row, Policy)
    assert row.domainkey_query.outcome is Outcome.SERVFAIL
    assert {each.query.outcome for each in row.dkim} == {Outcome.NXDOMAIN}


async def test_selectors_are_a_setting(server: Nsd) -> None:
    before = server.queries()
    async with UdpResolver([(server.address, server.port)]) as resolver:
        ((few,), _) = await PolicyStage(resolver, ("zoho",))("full.example")
        ((none,), _) = await PolicyStage(resolver, ())("full.example")
    assert server.queries() - before == 2 * len(services_of("d")) + 1
    assert isinstance(few, Policy)
    assert isinstance(none, Policy)
    assert [each.selector for each in few.dkim] == ["zoho"]
    assert none.dkim == ()


def test_a_domain_left_alone_has_a_row_that_says_so() -> None:
    row = not_asked("example.com", 5)
    assert (row.domain, row.asked, row.dkim) == ("example.com", 5, ())
    queries = [value for name, value in row._asdict().items() if name.endswith("_query")]
    assert queries == [NOT_ASKED] * len(services_of("example.com"))
    assert POLICIES.batch([row]).num_rows == 1
