"""The stages, through the bulk resolver, on a real NSD and on a server that fails."""

import time

from schemas import DOMAINS, HOSTS, MX
from schemas.domains import Domain, SeedRank
from schemas.hosts import Host
from schemas.mx import Exchange, Mx
from schemas.outcomes import ExchangeKind, HostStatus, Mail, Outcome
from schemas.query import Text
from stages.dns.answer import Answer, Question, RRType
from stages.dns.client import UdpResolver
from stages.dns.settings import UdpSettings
from stages.dns.stage import DomainStage, HostStage, MxStage, Seed
from stages.enrich.special import Scope
from tests.servers.nsd import nsd
from tests.stages.dns.responder import Asked, code, responder

ZONE = r"""
$ORIGIN example.co.uk.
$TTL 300
@      IN SOA ns hostmaster 1 7200 3600 1209600 60
@      NS ns
@      MX 20 MX2
@      MX 10 mx1
@      MX 10 192.0.2.1.
@      TXT "v=spf1 mx" " -all"
@      TXT "caf\195\169"
@      TXT "\255"
_dmarc TXT "v=DMARC1; p=none"
null   MX 0 .
web    A 127.0.0.1
mx1    A 127.0.0.10
mx1    A 127.0.0.9
mx1    AAAA ::1
mx2    CNAME mx1
inside A 10.0.0.1
"""
SEEDS = (SeedRank("tranco", 5),)


async def test_rows_of_a_world_that_answers() -> None:
    before = time.time_ns() // 1000
    with nsd({"example.co.uk": ZONE}) as server:
        start = server.queries()
        async with UdpResolver([(server.address, server.port)]) as resolver:
            domain = DomainStage(resolver)
            host = HostStage(resolver, Scope.LOOPBACK)
            (full,), (txt,) = await domain(Seed("example.co.uk", SEEDS))
            (null,), _ = await domain(Seed("null.example.co.uk"))
            (implicit,), _ = await domain(Seed("web.example.co.uk"))
            (missing,), _ = await domain(Seed("nowhere.example.co.uk"))
            hosts = [
                (await host(f"{label}.example.co.uk")).rows[0]
                for label in ("mx1", "mx2", "inside", "null", "nowhere")
            ]
            (mx,), nothing = await MxStage(resolver)("example.co.uk")
        assert server.queries() - start == 4 * 3 + 5 * 2 + 1

    assert isinstance(full, Domain)
    assert full.registered_domain == "example.co.uk"
    assert before <= full.asked <= time.time_ns() // 1000
    assert (full.seeds, full.mail) == (SEEDS, Mail.MX)
    assert full.mx == (
        Exchange(10, "192.0.2.1", ExchangeKind.IP_LITERAL),
        Exchange(10, "mx1.example.co.uk", ExchangeKind.HOST),
        Exchange(20, "mx2.example.co.uk", ExchangeKind.HOST),
    )
    assert full.mail_hosts == ("mx1.example.co.uk", "mx2.example.co.uk")
    assert full.txt == (Text("café", None), Text("v=spf1 mx -all", None), Text("\\xff", b"\xff"))
    assert full.dmarc == (Text("v=DMARC1; p=none", None),)
    assert isinstance(txt, Answer)
    assert txt.question == Question("example.co.uk", RRType.TXT)
    assert set(txt.raw()) == {b"v=spf1 mx -all", "café".encode(), b"\xff"}

    assert isinstance(null, Domain)
    assert (null.mail, null.mail_hosts) == (Mail.NULL_MX, ())
    assert isinstance(implicit, Domain)
    assert (implicit.mail, implicit.mail_hosts) == (Mail.NO_MX, ("web.example.co.uk",))
    assert isinstance(missing, Domain)
    assert (missing.mail, missing.mail_hosts) == (Mail.NXDOMAIN, ())
    assert missing.mx_query.outcome is Outcome.NXDOMAIN

    assert all(isinstance(row, Host) for row in hosts)
    assert [row[3] for row in hosts] == [
        HostStatus.RESOLVED, HostStatus.RESOLVED, HostStatus.RESERVED, HostStatus.NO_ADDRESS,
        HostStatus.NXDOMAIN,
    ]  # fmt: skip
    first, alias = hosts[:2]
    assert isinstance(first, Host)
    assert isinstance(alias, Host)
    assert (first.a, first.aaaa) == (("127.0.0.9", "127.0.0.10"), ("::1",))
    assert (alias.a, alias.cname_chain) == (first.a, ("mx1.example.co.uk",))

    assert isinstance(mx, Mx)
    assert (mx.mx, mx.mail_hosts, nothing) == (full.mx, full.mail_hosts, ())

    assert DOMAINS.batch([full, null, implicit, missing]).num_rows == 4
    assert HOSTS.batch(hosts).num_rows == 5
    assert MX.batch([mx]).num_rows == 1


async def test_rows_of_a_server_that_fails() -> None:
    settings = UdpSettings(timeout=1, attempts=1)
    async with responder(code(2)) as server, UdpResolver([server.address], settings) as resolver:
        (domain,), (txt,) = await DomainStage(resolver)(Seed("example.com"))
        (host,), _ = await HostStage(resolver, Scope.PUBLIC)("mx.example.com")
        (unasked,), _ = await DomainStage(resolver)(Seed("a..b"))
    assert isinstance(domain, Domain)
    assert isinstance(txt, Answer)
    assert isinstance(host, Host)
    assert isinstance(unasked, Domain)
    assert (domain.mail, domain.mail_hosts, domain.txt) == (Mail.FAILED, (), ())
    assert domain.txt_query.outcome is txt.outcome is Outcome.SERVFAIL
    assert host.status is HostStatus.FAILED
    assert (unasked.mail, unasked.mx_query.outcome) == (Mail.FAILED, Outcome.INVALID_NAME)
    assert DOMAINS.batch([domain, unasked]).num_rows == 2
    assert HOSTS.batch([host]).num_rows == 1


async def test_a_host_with_one_failed_question_keeps_what_the_other_found() -> None:
    def only_aaaa(asked: Asked) -> list[bytes]:
        if asked.message.question[0].rdtype.name == "AAAA":
            return [asked.answer("2001:4860::2", "2001:4860::1")]
        return [asked.answer(rcode=2)]

    async with (
        responder(only_aaaa) as server,
        UdpResolver([server.address], UdpSettings(attempts=1)) as resolver,
    ):
        (host,), _ = await HostStage(resolver, Scope.PUBLIC)("mx.example.com")
    assert isinstance(host, Host)
    assert host.status is HostStatus.RESOLVED
    assert host.aaaa == ("2001:4860::1", "2001:4860::2")
    assert host.a_query.outcome is Outcome.SERVFAIL
