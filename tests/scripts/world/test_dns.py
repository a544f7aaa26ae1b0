"""The world's name server, asked by dnspython over UDP and TCP, and beside a real NSD."""

import asyncio
import contextlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from scripts.world import zones
from scripts.world.dns import DnsWorld
from scripts.world.lookup import text
from scripts.world.model import DnsFault, Record
from scripts.world.names import presentation, wire
from scripts.world.population import make
from tests.servers.nsd import Nsd, nsd

RECORDS = (
    Record("example.com", "MX", "10 mail.example.com"),
    Record("mail.example.com", "A", "127.1.0.1"),
    *(Record("big.example.com", "TXT", f"{n:02} " + "x" * 90) for n in range(20)),
    *(Record("middle.example.com", "TXT", f"{n:02} " + "x" * 90) for n in range(8)),
    Record("cut.example.com", "A", "127.1.0.2"),
    Record("to-broken.example.com", "CNAME", "broken.example.com"),
)
FAULTS = {
    "broken.example.com": DnsFault.SERVFAIL,
    "closed.example.com": DnsFault.REFUSED,
    "mute.example.com": DnsFault.SILENT,
    "cut.example.com": DnsFault.TRUNCATED,
}
AT = "127.0.0.1"


async def udp(server: DnsWorld, name: str, kind: str, payload: int = 1232) -> dns.message.Message:
    query = dns.message.make_query(name, kind, use_edns=0, payload=payload)
    return await dns.asyncquery.udp(query, AT, timeout=2, port=server.port)


async def tcp(server: DnsWorld, name: str, kind: str) -> dns.message.Message:
    query = dns.message.make_query(name, kind)
    return await dns.asyncquery.tcp(query, AT, timeout=2, port=server.port)


async def test_both_transports_answer() -> None:
    async with DnsWorld(RECORDS) as server:
        answers = [await ask(server, "Example.com", "MX") for ask in (udp, tcp)]
    for answer in answers:
        assert answer.answer[0].to_text().endswith("300 IN MX 10 mail.example.com.")
        assert answer.flags & dns.flags.AA


async def test_what_is_too_big_for_udp_is_cut_and_whole_over_tcp() -> None:
    async with DnsWorld(RECORDS) as server:
        short = await udp(server, "big.example.com", "TXT", 4096)
        whole = await tcp(server, "big.example.com", "TXT")
        middle = await udp(server, "middle.example.com", "TXT", 1232)
        small = await udp(server, "middle.example.com", "TXT", 512)
    assert short.flags & dns.flags.TC
    assert not short.answer
    assert len(whole.answer[0]) == 20
    assert len(middle.answer[0]) == 8
    assert small.flags & dns.flags.TC


async def test_negative_answers_bring_the_soa() -> None:
    async with DnsWorld(RECORDS) as server:
        absent = await udp(server, "none.example.com", "MX")
        empty = await udp(server, "example.com", "TXT")
    assert (absent.rcode(), empty.rcode()) == (dns.rcode.NXDOMAIN, dns.rcode.NOERROR)
    assert [str(a.authority[0].name) for a in (absent, empty)] == [".", "."]


async def test_faults_spoil_the_names_they_are_set_for_and_their_aliases() -> None:
    async with DnsWorld(RECORDS, FAULTS) as server:
        assert (await udp(server, "broken.example.com", "MX")).rcode() == dns.rcode.SERVFAIL
        assert (await udp(server, "to-broken.example.com", "A")).rcode() == dns.rcode.SERVFAIL
        assert (await tcp(server, "closed.example.com", "A")).rcode() == dns.rcode.REFUSED
        assert (await udp(server, "example.com", "MX")).rcode() == dns.rcode.NOERROR
        cut = await udp(server, "cut.example.com", "A")
        assert cut.flags & dns.flags.TC
        assert len((await tcp(server, "cut.example.com", "A")).answer) == 1
        query = dns.message.make_query("mute.example.com", "A")
        with pytest.raises(dns.exception.Timeout):
            await dns.asyncquery.udp(query, AT, timeout=0.2, port=server.port)


async def test_queries_are_counted_by_name_and_type() -> None:
    async with DnsWorld(RECORDS) as server:
        for _ in range(3):
            await udp(server, "eXample.com", "MX")
        await tcp(server, "none.example.com", "TYPE99")
        assert server.queries == {("example.com", "MX"): 3, ("none.example.com", "TYPE99"): 1}


async def test_many_messages_on_one_connection_in_any_pieces() -> None:
    messages = [dns.message.make_query("example.com", "MX").to_wire() for _ in range(5)]
    stream = b"".join(len(message).to_bytes(2, "big") + message for message in messages)
    async with DnsWorld(RECORDS) as server:
        reader, writer = await asyncio.open_connection(AT, server.port)
        with contextlib.closing(writer):
            for start in range(0, len(stream), 7):
                writer.write(stream[start : start + 7])
                await asyncio.sleep(0)
            for message in messages:
                size = int.from_bytes(await reader.readexactly(2), "big")
                assert (await reader.readexactly(size))[:2] == message[:2]


async def test_a_port_that_is_taken_is_an_error() -> None:
    async with DnsWorld(RECORDS) as server:
        with pytest.raises(OSError, match=str(server.port)):
            await DnsWorld(RECORDS, port=server.port).__aenter__()


def test_answers_five_thousand_queries_a_second_with_time_to_spare() -> None:
    world = make(1000, seed=1)
    server = DnsWorld(world.records)
    names = [row.domain for row in world.truth]
    queries = [dns.message.make_query(name, "MX").to_wire() for name in names]
    started = time.process_time()
    assert all(server.respond(query, tcp=False) for query in queries)
    assert len(queries) / (time.process_time() - started) > 5000


WORLD = make(1500, seed=7)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nsd]:
    directory = tmp_path_factory.mktemp("zones")
    zones.write(WORLD._replace(faults={}), directory, port=0)
    others = directory / zones.OTHERS_FILE
    with nsd({".": Path(directory, zones.ZONE_FILE)}, include=others) as server:
        yield server


def _questions() -> list[tuple[str, str]]:
    """Names that exist, that do not, below and above them; sampled, with a fixed seed."""
    owners = sorted({text(wire(record.name)) for record in WORLD.records})
    chosen = random.Random(1).sample(owners, 700)
    parents = [name.partition(".")[2] for name in chosen if "." in name]
    children = [f"not-there.{name}" for name in chosen[:300]]
    wildcards = {r.name for r in WORLD.records if r.name.startswith("*")}
    wild = [name.replace("*", below) for name in wildcards for below in ("any", "any.thing")] * 4
    kinds = ("A", "AAAA", "MX", "TXT", "CNAME", "PTR", "NS", "SOA")
    names = [*chosen, *parents[:300], *children, *wild]
    return [(name, kind) for n, name in enumerate(names) for kind in (kinds[n % 8], kinds[n % 4])]


def _said(message: dns.message.Message) -> tuple[object, ...]:
    answers = sorted(
        f"{rrset.name} {rrset.ttl} {rdata}" for rrset in message.answer for rdata in rrset
    )
    soa = [rrset.to_text().lower() for rrset in message.authority]
    return message.rcode(), answers, soa


def test_it_says_what_nsd_says_of_the_same_world(real: Nsd) -> None:
    server = DnsWorld(WORLD.records)
    questions = _questions()
    for name, kind in questions:
        query = dns.message.make_query(presentation(wire(name)), kind)
        there = dns.query.tcp(query, real.address, timeout=5, port=real.port)
        answer = server.respond(query.to_wire(), tcp=True)
        assert answer is not None
        assert _said(dns.message.from_wire(answer)) == _said(there), (name, kind)
    assert len(questions) > 2000
