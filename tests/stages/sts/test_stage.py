"""The stage and its client against real servers on loopback: a real NSD, TLS, and faults."""
# ruff: noqa: E501  a row of a table is a line

import asyncio
import errno
import gc
import socket
import ssl
import struct
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import uvloop

from schemas import STS_POLICIES
from schemas.outcomes import FetchOutcome, HostCheck, Outcome, Verdict
from schemas.sts_policies import PolicyFetch
from stages.certificates.shown import ShownCertificate
from stages.dns.client import UdpResolver
from stages.dns.settings import UdpSettings
from stages.enrich.special import Scope
from stages.sts.fetch import Fetcher, FetchSettings, PolicyHost, client_context
from stages.sts.record import not_asked
from stages.sts.stage import StsStage
from tests.servers.nsd import Nsd, nsd
from tests.stages.sts.peer import HOST, LEAVES, TRUST, Client, Peer, Play, context, playing

FILE = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
SHORT = FetchSettings("test", Scope.LOOPBACK, connect=1.0, tls=0.4, total=0.8)
PATIENT = FetchSettings("mailcensus/0 (+https://census.example.net/)", Scope.LOOPBACK)
CONTEXT = client_context()
ZONE = """
$ORIGIN com.
$TTL 300
@                 IN SOA ns hostmaster 1 7200 3600 1209600 60
@                 NS ns
mta-sts.example   A 127.0.0.1
mta-sts.aliased   CNAME policies.provider
policies.provider A 127.0.0.1
mta-sts.many      A 127.77.0.1
mta-sts.many      A 127.77.0.2
mta-sts.many      A 127.77.0.3
mta-sts.many      A 127.77.0.4
mta-sts.second    AAAA ::1
mta-sts.second    A 127.77.0.1
mta-sts.public    A 192.0.2.1
mta-sts.bare      TXT "nothing"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Nsd]:
    with nsd({"com": ZONE}) as server:
        yield server


async def fetched(
    server: Nsd, domain: str, port: int, settings: FetchSettings = PATIENT
) -> tuple[PolicyFetch, tuple[object, ...]]:
    """The row of a domain, and what goes on to the next stage."""
    fetcher = Fetcher(settings, CONTEXT)
    async with UdpResolver([(server.address, server.port)]) as resolver:
        stage = StsStage(resolver, fetcher, TRUST, settings.scope, port)
        emit = await stage(domain)
    (row,) = emit.rows
    assert isinstance(row, PolicyFetch)
    assert STS_POLICIES.batch([row]).num_rows == 1
    return row, emit.next


async def _say(client: Client, *pieces: bytes) -> None:
    for piece in pieces:
        await client.say(piece)


async def _then_wait(client: Client, *pieces: bytes) -> None:
    await _say(client, *pieces)
    await client.wait()


async def _drip(client: Client, head: bytes, piece: bytes) -> None:
    await client.say(head)
    while True:
        await client.say(piece)
        await asyncio.sleep(0.1)


async def _flood(client: Client, head: bytes, piece: bytes) -> None:
    await client.say(head)
    while True:
        await client.say(piece)


async def _reset(client: Client) -> None:
    own: socket.socket = client.writer.get_extra_info("socket")
    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.writer.transport.abort()


def say(*pieces: bytes) -> Play:
    return partial(_say_all, pieces)


async def _say_all(pieces: tuple[bytes, ...], client: Client) -> None:
    await _say(client, *pieces)


def wait(*pieces: bytes) -> Play:
    async def play(client: Client) -> None:
        await _then_wait(client, *pieces)

    return play


def drip(head: bytes, piece: bytes) -> Play:
    return lambda client: _drip(client, head, piece)


def flood(head: bytes, piece: bytes) -> Play:
    return lambda client: _flood(client, head, piece)


GOOD = say(OK + b"\r\n" + FILE.encode())


async def test_a_policy_with_all_that_is_kept_of_it(server: Nsd, tmp_path: Path) -> None:
    async with playing(GOOD, context(tmp_path, LEAVES["right"])) as peer:
        row, shown = await fetched(server, "example.com", peer.port)
    assert row[:1] + row[2:6] == ("example.com", HOST, (), ("127.0.0.1",), ())
    assert (row.outcome, row.detail, row.address, row.port) == ("ok", None, "127.0.0.1", peer.port)
    assert (row.attempts, row.status, row.file, row.file_raw) == (1, 200, FILE, None)
    assert row.media_type == "text/plain; charset=utf-8"
    assert (row.verdict, row.host_check) == (Verdict.TRUSTED, HostCheck.MATCHES)
    assert row.tls_version == "TLSv1.3"
    (certificate,) = shown
    assert isinstance(certificate, ShownCertificate)
    assert (certificate.der, row.chain) == (LEAVES["right"].der, (certificate.sha256,))
    assert all(each is not None and each > 0 for each in row.timings)
    (request,) = peer.heard
    assert request.startswith(b"GET /.well-known/mta-sts.txt HTTP/1.1\r\n")
    assert b"\r\nHost: mta-sts.example.com:" in request
    assert b"\r\nUser-Agent: mailcensus/0 (+https://census.example.net/)\r\n" in request


@pytest.mark.parametrize(
    ("leaf", "verdict", "host_check"),
    [
        ("wildcard", "trusted", "matches"),
        ("another's", "trusted", "other_names"),
        ("common name", "trusted", "no_names"),
        ("expired", "expired", "matches"),
        ("nobody's", "unknown_issuer", "matches"),
        ("self-signed", "self_signed", "matches"),
    ],
)
async def test_any_certificate_is_taken_and_judged(
    server: Nsd, tmp_path: Path, leaf: str, verdict: str, host_check: str
) -> None:
    async with playing(GOOD, context(tmp_path, LEAVES[leaf])) as peer:
        row, _ = await fetched(server, "example.com", peer.port)
    assert (row.outcome, row.file) == ("ok", FILE)
    assert (row.verdict, row.host_check) == (verdict, host_check)


ANSWERS: tuple[tuple[str, Play, str, int | None, str | None], ...] = (
    # What the server does after the request, and: outcome, status, detail
    ("404", say(b"HTTP/1.1 404 Not Found\r\n\r\n"), "client_error", 404, "status 404"),
    ("500", wait(b"HTTP/1.1 500 Oh\r\n\r\n"), "server_error", 500, "status 500"),
    ("503", wait(b"HTTP/1.1 503 Oh\r\n\r\n"), "server_error", 503, "status 503"),
    ("503 and when", wait(b"HTTP/1.1 503 Oh\r\nRetry-After: 9\r\n\r\n"), "blocked", 503, "status 503"),
    ("429", wait(b"HTTP/1.1 429 Enough\r\n\r\n"), "blocked", 429, "status 429"),
    ("204", wait(b"HTTP/1.1 204 No\r\n\r\n"), "other_status", 204, "status 204"),
    ("redirect", wait(b"HTTP/1.1 301 \r\nLocation: https://127.0.0.1/\r\n\r\n"), "redirect", 301, "status 301"),
    ("HTML", say(b"HTTP/1.1 200 \r\nContent-Type: text/html\r\n\r\n" + FILE.encode()), "bad_type", 200, None),
    ("no type", say(b"HTTP/1.1 200 \r\n\r\n" + FILE.encode()), "bad_type", 200, None),
    ("packed", say(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b"), "bad_type", 200, "Content-Encoding: gzip"),
    ("endless body", flood(OK + b"\r\n", b"x" * 9999), "too_long", 200, None),
    ("endless chunks", flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 999), "too_long", 200, None),
    ("announced too long", wait(OK + b"Content-Length: 99999\r\n\r\n" + b"x" * 99_999), "too_long", 200, None),
    ("giant head", flood(OK, b"X: " + b"x" * 9999 + b"\r\n"), "garbage", None, None),
    ("endless line", flood(OK + b"X: ", b"x" * 9999), "garbage", None, None),
    ("SMTP", wait(b"220 mx.example.com ESMTP\r\n\r\n"), "garbage", None, None),
    ("closes", say(), "closed", None, None),
    ("closes in the head", say(OK), "closed", None, None),
    ("closes in the body", say(OK + b"Content-Length: 999\r\n\r\n" + FILE.encode()), "closed", 200, None),
    ("silent", wait(), "timeout", None, None),
    ("silent in the body", wait(OK + b"Content-Length: 999\r\n\r\nversion"), "timeout", 200, None),
    ("drips the head", drip(OK, b"X"), "timeout", None, None),
    ("drips the body", drip(OK + b"\r\n", b"x"), "timeout", 200, None),
)  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer[0])
async def test_answers_that_are_no_policy(
    server: Nsd, tmp_path: Path, answer: tuple[str, Play, str, int | None, str | None]
) -> None:
    _, play, outcome, status, detail = answer
    settings = SHORT if outcome == "timeout" else PATIENT
    async with playing(play, context(tmp_path, LEAVES["right"])) as peer:
        row, shown = await fetched(server, "example.com", peer.port, settings)
        await asyncio.wait_for(peer.gone.wait(), 5)
    assert (row.outcome, row.status, row.detail) == (outcome, status, detail)
    assert len(peer.heard) == 1
    assert len(shown) == 1
    assert row.verdict is Verdict.TRUSTED
    assert (row.file is None) == (outcome != "bad_type")
    assert row.location == ("https://127.0.0.1/" if outcome == "redirect" else None)


@pytest.mark.parametrize(
    ("play", "outcome"),
    [
        (wait(), "tls_timeout"),
        (drip(b"\x16\x03\x03\x40\x00", b"x"), "tls_timeout"),
        (wait(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls_failed"),
        (wait(b"\x15\x03\x01\x00\x02\x02\x46"), "tls_failed"),
        (say(), "closed"),
        (_reset, "closed"),
    ],
    ids=["silent", "drip", "plain HTTP", "alert", "closes", "resets"],
)
async def test_no_tls(server: Nsd, play: Play, outcome: str) -> None:
    settings = SHORT if outcome == "tls_timeout" else PATIENT
    async with playing(play, None) as peer:
        row, shown = await fetched(server, "example.com", peer.port, settings)
        await asyncio.wait_for(peer.gone.wait(), 5)
    assert row.outcome == outcome
    assert (shown, row.chain, row.verdict, row.host_check) == ((), (), None, None)
    assert (row.attempts, row.address) == (1, "127.0.0.1")


async def test_who_speaks_first_speaks_no_http(server: Nsd, tmp_path: Path) -> None:
    play = wait(b"220 mx.example.com ESMTP\r\n\r\n")
    async with playing(play, context(tmp_path, LEAVES["right"]), listen=False) as peer:
        row, _ = await fetched(server, "example.com", peer.port)
    assert row.outcome is FetchOutcome.GARBAGE


async def test_where_there_is_nobody(server: Nsd) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        row, _ = await fetched(server, "example.com", free.getsockname()[1])
    assert (row.outcome, row.detail) == ("refused", "Connection refused")
    for domain, outcome, detail in (
        ("absent.com", "no_address", "nxdomain"),
        ("bare.com", "no_address", "no_address"),
        ("public.com", "reserved", "reserved"),
        (
            "x" * 60 + "." + "y" * 63 + "." + "z" * 63 + "." + "w" * 63 + ".com",
            "dns_failed",
            "failed",
        ),
    ):
        row, _ = await fetched(server, domain, 1)
        assert (row.outcome, row.detail, row.attempts) == (outcome, detail, 0)
        assert row.address is None


async def test_a_dns_that_fails_is_no_absent_host() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        quick = UdpSettings(timeout=0.1, attempts=1)
        async with UdpResolver([silent.getsockname()], quick) as resolver:
            stage = StsStage(resolver, Fetcher(PATIENT, CONTEXT), TRUST, Scope.LOOPBACK, 443)
            (row,) = (await stage("example.com")).rows
    assert isinstance(row, PolicyFetch)
    assert (row.outcome, row.a_query.outcome) == ("dns_failed", Outcome.TIMEOUT)


async def test_other_addresses_are_tried_until_one_can_be_connected_to(
    server: Nsd, tmp_path: Path
) -> None:
    async with playing(GOOD, context(tmp_path, LEAVES["right"]), "::1") as peer:
        row, _ = await fetched(server, "second.com", peer.port)
    assert (row.outcome, row.address, row.attempts) == ("ok", "::1", 2)
    row, _ = await fetched(server, "many.com", 1)
    assert (row.outcome, row.attempts) == ("refused", 3)
    async with playing(say(), None, "127.77.0.4") as peer:  # who was reached has had its chance
        rows = [await fetched(server, "many.com", peer.port)]
    assert {row.attempts for row, _ in rows} <= {1, 2, 3}


async def test_an_alias_is_kept(server: Nsd, tmp_path: Path) -> None:
    async with playing(GOOD, context(tmp_path, LEAVES["right"])) as peer:
        row, _ = await fetched(server, "aliased.com", peer.port)
    assert row.cname_chain == ("policies.provider.com",)
    assert row.host_check is HostCheck.OTHER_NAMES
    assert b"Host: mta-sts.aliased.com:" in peer.heard[0]
    assert PolicyHost(row.host, "127.0.0.1", 1, row.cname_chain).names == (
        "mta-sts.aliased.com",
        "policies.provider.com",
    )


async def test_no_packet_to_an_address_out_of_scope(tmp_path: Path) -> None:
    async with playing(GOOD, context(tmp_path, LEAVES["right"])) as peer:
        fetcher = Fetcher(FetchSettings("test", Scope.PUBLIC), CONTEXT)
        for address in ("127.0.0.1", "::ffff:127.0.0.1", "10.0.0.1", "no address"):
            found = await fetcher(PolicyHost(HOST, address, peer.port))
            assert fetcher.outcome(found) is FetchOutcome.NOT_FETCHED
            assert found.detail == "not an address that this run may contact"
        assert not peer.heard


def test_who_opted_out_has_a_row() -> None:
    row = not_asked("example.com", 7)
    assert STS_POLICIES.batch([row]).num_rows == 1
    assert (row.outcome, row.detail, row.asked, row.attempts) == ("not_fetched", "opted out", 7, 0)


async def test_errors_of_our_own_are_no_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()

    async def full(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(loop, "create_connection", full, raising=False)
    with pytest.raises(OSError, match="Too many open files"):
        await Fetcher(PATIENT, CONTEXT)(PolicyHost(HOST, "127.0.0.1", 1))


def test_nothing_is_left_open(tmp_path: Path) -> None:
    """Whatever the peer does, and with the loop that the program uses."""

    async def main(play: Play, tls: ssl.SSLContext | None) -> Peer:
        async with playing(play, tls) as peer:
            await Fetcher(SHORT, CONTEXT)(PolicyHost(HOST, "127.0.0.1", peer.port))
            await asyncio.wait_for(peer.gone.wait(), 5)
            await asyncio.sleep(0)
            assert len(asyncio.all_tasks()) == 1
        return peer

    secure = context(tmp_path, LEAVES["right"])
    for play, tls in ((GOOD, secure), (wait(), secure), (wait(), None), (say(), None)):
        with warnings.catch_warnings():
            warnings.simplefilter("error", ResourceWarning)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(main(play, tls))
            gc.collect()
