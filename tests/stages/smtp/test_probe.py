"""The client against peers on loopback that play transcripts."""
# ruff: noqa: E501  a row of a table is a line

import asyncio
import gc
import socket
import ssl
import time
import warnings
from pathlib import Path

import pytest
import uvloop

from schemas import SMTP
from schemas.smtp import Smtp
from stages.certificates.shown import ShownCertificate
from stages.enrich.special import Scope
from stages.smtp.probe import Prober, ProbeSettings
from stages.smtp.stage import SmtpStage, Target
from stages.smtp.tls import client_context
from tests.servers.certificate import Identity
from tests.stages.smtp.peer import Act, Script, playing

SETTINGS = ProbeSettings(
    "census.example.org",
    scope=Scope.LOOPBACK,
    connect=2.0,
    banner=1.0,
    ehlo=1.0,
    tls=1.0,
    quit=1.0,
    total=6.0,
)
PATIENT = ProbeSettings("census.example.org", scope=Scope.LOOPBACK)
CONTEXT = client_context()

BANNER = b"220 mx.example.net ESMTP\r\n"
EHLO = b"250-mx.example.net\r\n250 STARTTLS\r\n"
PLAIN = b"250-mx.example.net\r\n250 SIZE 1000\r\n"
GO = b"220 go ahead\r\n"
BYE = b"221 bye\r\n"
TO_EHLO = (BANNER, "EHLO")
TO_TLS = (*TO_EHLO, EHLO, "STARTTLS")


async def probe(
    script: Script, settings: ProbeSettings | None = None, name: str | None = "mx.example.net"
) -> tuple[Smtp, list[str], tuple[object, ...]]:
    """The row, what the peer heard, and what goes on to the next stage."""
    # Short limits only where they are to run out: a busy machine must not look like a slow peer.
    slow = any(item in (Act.SILENT, Act.DRIP) for item in script)
    settings = settings or (SETTINGS if slow else PATIENT)
    async with playing(script) as peer:
        stage = SmtpStage(Prober(settings, CONTEXT))
        emit = await stage(Target(peer.address, peer.port, name))
        await asyncio.wait_for(peer.closed.wait(), 2)
        (row,) = emit.rows
        assert isinstance(row, Smtp)
        assert SMTP.batch([row]).num_rows == 1
        assert not [fault for fault in peer.faults if isinstance(fault, AssertionError)]
        return row, peer.heard, emit.next


TRANSCRIPTS: tuple[tuple[str, Script, str, str, str], ...] = (
    # What the peer does, its side, and: outcome, step, STARTTLS
    ("no STARTTLS", (*TO_EHLO, PLAIN, "QUIT", BYE), "ok", "quit", "not_offered"),
    ("closes at once", (), "closed", "banner", "not_tried"),
    ("closes in the banner", (b"220-mx\r\n22",), "closed", "banner", "not_tried"),
    ("closes after the banner", (BANNER,), "closed", "ehlo", "not_tried"),
    ("closes at EHLO", TO_EHLO, "closed", "ehlo", "not_tried"),
    ("closes in the EHLO reply", (*TO_EHLO, b"250-mx\r\n"), "closed", "ehlo", "not_tried"),
    ("closes at STARTTLS", TO_TLS, "ok", "starttls", "closed"),
    ("closes after 220", (*TO_TLS, GO), "ok", "tls", "closed"),
    ("closes at QUIT", (*TO_EHLO, PLAIN, "QUIT"), "ok", "quit", "not_offered"),
    ("resets at once", (Act.RESET,), "closed", "banner", "not_tried"),
    ("resets at EHLO", (*TO_EHLO, Act.RESET), "closed", "ehlo", "not_tried"),
    ("resets in the handshake", (*TO_TLS, GO, Act.RESET), "ok", "tls", "closed"),
    ("silent at once", (Act.SILENT,), "banner_timeout", "banner", "not_tried"),
    ("silent in the banner", (b"220-mx\r\n", Act.SILENT), "banner_timeout", "banner", "not_tried"),
    ("drips the banner", (Act.DRIP,), "banner_timeout", "banner", "not_tried"),
    ("silent at EHLO", (*TO_EHLO, Act.SILENT), "ehlo_timeout", "ehlo", "not_tried"),
    ("silent at STARTTLS", (*TO_TLS, Act.SILENT), "ok", "quit", "timeout"),
    ("silent in the handshake", (*TO_TLS, GO, Act.SILENT), "ok", "tls", "timeout"),
    ("silent at QUIT", (*TO_EHLO, PLAIN, "QUIT", Act.SILENT), "ok", "quit", "not_offered"),
    ("421", (b"421 mx busy\r\n", "QUIT", BYE), "banner_4xx", "banner", "not_tried"),
    ("421 and closes", (b"421 mx busy\r\n",), "banner_4xx", "banner", "not_tried"),
    ("554", (b"554 no mail here\r\n", "QUIT", BYE), "banner_5xx", "banner", "not_tried"),
    ("blocked", (b"554-mx\r\n554 see spamhaus.org\r\n", "QUIT", BYE), "blocked", "banner", "not_tried"),
    ("blocked at EHLO", (*TO_EHLO, b"550 you are banned\r\n", "QUIT"), "blocked", "ehlo", "not_tried"),
    ("limited", (b"421 too many connections from your IP\r\n",), "blocked", "banner", "not_tried"),
    ("HTTP", (b"HTTP/1.1 400 Bad Request\r\n\r\n<html>",), "garbage", "banner", "not_tried"),
    ("TLS from the start", (b"\x15\x03\x01\x00\x02\x02\x46",), "garbage", "banner", "not_tried"),
    ("NULs", (bytes(10), Act.SILENT), "garbage", "banner", "not_tried"),
    ("endless line", (Act.ENDLESS_LINE,), "garbage", "banner", "not_tried"),
    ("endless reply", (Act.ENDLESS_REPLY,), "garbage", "banner", "not_tried"),
    ("endless NULs", (Act.ENDLESS_ZEROS,), "garbage", "banner", "not_tried"),
    ("endless EHLO reply", (*TO_EHLO, Act.ENDLESS_REPLY), "garbage", "ehlo", "not_tried"),
    ("garbage to EHLO", (*TO_EHLO, b"OK\r\n", "QUIT"), "garbage", "ehlo", "not_tried"),
    ("early talk", (BANNER + EHLO, "QUIT"), "early_talk", "banner", "not_tried"),
    ("two replies to EHLO", (*TO_EHLO, PLAIN + PLAIN, "QUIT"), "early_talk", "ehlo", "not_tried"),
    ("no EHLO", (*TO_EHLO, b"502 what?\r\n", "HELO", b"250 hi\r\n", "QUIT", BYE), "ok", "quit", "not_offered"),
    ("neither", (*TO_EHLO, b"502 what?\r\n", "HELO", b"502 what?\r\n", "QUIT", BYE), "ehlo_rejected", "ehlo", "not_tried"),
    ("EHLO put off", (*TO_EHLO, b"421 later\r\n", "QUIT"), "ehlo_rejected", "ehlo", "not_tried"),
    ("STARTTLS refused", (*TO_TLS, b"454 not now\r\n", "QUIT", BYE), "ok", "quit", "refused"),
    ("STARTTLS misread", (*TO_TLS, b"250 fine\r\n"), "ok", "starttls", "garbage"),
    ("garbage to STARTTLS", (*TO_TLS, b"\xff\xfe\r\n"), "ok", "starttls", "garbage"),
    ("injects", (*TO_TLS, GO + b"250 injected\r\n", Act.SILENT), "ok", "starttls", "injected"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("script", "outcome", "step", "starttls"), [row[1:] for row in TRANSCRIPTS],
    ids=[row[0] for row in TRANSCRIPTS],
)  # fmt: skip
async def test_transcripts(script: Script, outcome: str, step: str, starttls: str) -> None:
    start = time.monotonic()
    row, heard, _ = await probe(script)
    assert (row.outcome, row.step, row.starttls) == (outcome, step, starttls), row
    assert time.monotonic() - start < SETTINGS.total
    assert len(row.banner_raw or b"") + len(row.ehlo_raw or b"") <= SETTINGS.allowance
    assert all(line.split()[0] in ("EHLO", "HELO", "STARTTLS", "QUIT") for line in heard)
    assert all(line.split()[1] == "census.example.org" for line in heard if line[1:4] in "HLOELO")


@pytest.mark.parametrize("offer", [b"STARTTLS", b"starttls", b"StartTls"])
async def test_tls(offer: bytes, identity: Identity, server_tls: ssl.SSLContext) -> None:
    ehlo = b"250-mx.example.net\r\n250-" + offer + b"\r\n250 SIZE 5\r\n"
    inside = b"250 mx.example.net inside\r\n"
    script = (*TO_EHLO, ehlo, "STARTTLS", GO, server_tls, "EHLO", inside, "QUIT", BYE)
    row, heard, shown = await probe(script)
    assert (row.outcome, row.step, row.detail) == ("ok", "quit", None)
    assert (row.starttls, row.tls_version, row.tls_error) == ("ok", "TLSv1.3", None)
    assert row.cipher == "TLS_AES_256_GCM_SHA384"
    assert row.server_name == "mx.example.net"
    assert row.extensions == (offer.decode(), "SIZE 5")
    assert row.ehlo_tls_raw == inside
    assert len(row.chain) == 2
    assert [item.der for item in shown if isinstance(item, ShownCertificate)] == [*identity.chain]
    assert {item.chain for item in shown if isinstance(item, ShownCertificate)} == {identity.chain}
    assert heard == ["EHLO census.example.org", "STARTTLS", "EHLO census.example.org", "QUIT"]
    assert None not in row.timings


@pytest.mark.parametrize(
    ("after", "step", "detail"),
    [
        ((), "ehlo_tls", "ehlo_tls: connection closed"),
        ((Act.SILENT,), "quit", "ehlo_tls: timed out"),
        (("EHLO", b"\xff\n", "QUIT"), "quit", "ehlo_tls: no reply"),
        (("EHLO", b"554 no\r\n", "QUIT", BYE), "quit", "ehlo_tls: 554 no"),
    ],
)
async def test_trouble_inside_tls(
    after: Script, step: str, detail: str, server_tls: ssl.SSLContext
) -> None:
    row, _, shown = await probe((*TO_TLS, GO, server_tls, *after))
    assert (row.outcome, row.starttls, len(row.chain), len(shown)) == ("ok", "ok", 2, 2)
    assert (row.step, row.detail) == (step, detail)


async def test_no_tls_where_tls_is_due() -> None:
    script = (*TO_TLS, GO, Act.WAIT, b"this is no TLS\r\n", Act.SILENT)
    row, _, _ = await probe(script, name=None)
    assert (row.outcome, row.step, row.starttls) == ("ok", "tls", "tls_failed")
    assert row.tls_error == "WRONG_VERSION_NUMBER"
    assert row.server_name is None


@pytest.fixture
def ancient_tls(identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.chain_pem, identity.key_pem)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1
    return context


async def test_tls_1_0_only(ancient_tls: ssl.SSLContext) -> None:
    row, _, _ = await probe((*TO_TLS, GO, ancient_tls, "EHLO", PLAIN, "QUIT", BYE))
    assert (row.starttls, row.tls_version, row.tls_error) == ("ok", "TLSv1", None)
    assert len(row.chain) == 2


@pytest.mark.parametrize("name", [None, "192.0.2.25", "not a name", "a..b", "x" * 64 + ".net"])
async def test_no_server_name_to_send(name: str | None, server_tls: ssl.SSLContext) -> None:
    asked: list[str | None] = []
    server_tls.sni_callback = lambda _, sni, __: asked.append(sni)
    try:
        row, _, _ = await probe((*TO_TLS, GO, server_tls, "EHLO", PLAIN, "QUIT", BYE), name=name)
    finally:
        server_tls.sni_callback = None
    assert (row.starttls, row.server_name, asked) == ("ok", None, [None])


async def test_8_bit_banner() -> None:
    banner = b"220-gr\xfc\xdfe\r\n220 mx.example.net \xc3\xbc\x00\r\n"
    row, _, _ = await probe((banner, "EHLO", PLAIN, "QUIT", BYE))
    assert row.banner == "220-gr\\xfc\\xdfe\n220 mx.example.net ü\0"
    assert row.banner_raw == banner


async def test_a_reply_in_many_pieces() -> None:
    pieces = [bytes([byte]) for byte in b"220-a\r\n220 mx\r\n"]
    script = [item for piece in pieces for item in (piece, Act.WAIT)]
    row, _, _ = await probe((*script[:-1], "EHLO", PLAIN, "QUIT", BYE))
    assert (row.outcome, row.step) == ("ok", "quit")
    assert row.banner_raw == b"220-a\r\n220 mx\r\n"
    assert row.ehlo_raw == PLAIN


async def test_ipv6() -> None:
    async with playing((*TO_EHLO, PLAIN, "QUIT", BYE), "::1") as peer:
        (row,) = (await SmtpStage(Prober(SETTINGS, CONTEXT))(Target("::1", peer.port, None))).rows
    assert isinstance(row, Smtp)
    assert (row.address, row.outcome) == ("::1", "ok")


async def test_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can
        target = Target("127.0.0.1", taken.getsockname()[1], None)
        (row,) = (await SmtpStage(Prober(SETTINGS, CONTEXT))(target)).rows
    assert isinstance(row, Smtp)
    assert (row.outcome, row.step, row.detail) == ("refused", "connect", "Connection refused")


async def test_connect_timeout() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        queued = [socket.socket() for _ in range(4)]
        for sock in queued:
            sock.setblocking(False)  # noqa: FBT003
            sock.connect_ex(("127.0.0.1", port))
        settings = ProbeSettings("census.example.org", scope=Scope.LOOPBACK, connect=0.2)
        (row,) = (await SmtpStage(Prober(settings, CONTEXT))(Target("127.0.0.1", port, None))).rows
        for sock in queued:
            sock.close()
    assert isinstance(row, Smtp)
    assert (row.outcome, row.step) == ("connect_timeout", "connect")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "::ffff:127.0.0.1"])
async def test_what_the_scope_forbids_gets_no_packet(address: str) -> None:
    async with playing((BANNER, Act.SILENT)) as peer:
        prober = Prober(ProbeSettings("census.example.org"), CONTEXT)
        (row,) = (await SmtpStage(prober)(Target(address, peer.port, None))).rows
        assert isinstance(row, Smtp)
        assert (row.outcome, row.step) == ("not_probed", "none")
        await asyncio.sleep(0.05)
        assert not peer.closed.is_set()
        assert peer.heard == []


async def test_the_total_is_a_limit_of_its_own() -> None:
    settings = ProbeSettings("census.example.org", scope=Scope.LOOPBACK, total=0.3)
    start = time.monotonic()
    row, _, _ = await probe((*TO_EHLO, Act.SILENT), settings)
    assert (row.outcome, row.step) == ("ehlo_timeout", "ehlo")
    assert 0.25 < time.monotonic() - start < 3.0


async def test_the_allowance_is_for_all_replies_together() -> None:
    settings = ProbeSettings("census.example.org", scope=Scope.LOOPBACK, allowance=100)
    row, _, _ = await probe((b"220 " + b"a" * 60 + b"\r\n", "EHLO", b"250-" + b"b" * 60), settings)
    assert (row.outcome, row.step) == ("garbage", "ehlo")
    assert len(row.banner_raw or b"") + len(row.ehlo_raw or b"") == 100


async def test_quit_is_said_even_to_the_silent() -> None:
    for script in ((Act.SILENT,), (*TO_EHLO, Act.SILENT), (b"HTTP/1.1 400\r\n", Act.SILENT)):
        _, heard, _ = await probe(script)
        assert heard[-1] == "QUIT"


async def test_cancelled_in_the_middle() -> None:
    async with playing((*TO_EHLO, Act.SILENT)) as peer:
        prober = Prober(PATIENT, CONTEXT)
        task = asyncio.create_task(prober.probe(Target(peer.address, peer.port, None)))
        while not peer.heard:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(peer.closed.wait(), 1)


async def test_nothing_is_left_open(server_tls: ssl.SSLContext) -> None:
    full = (*TO_TLS, GO, server_tls, "EHLO", PLAIN, "QUIT", BYE)
    await probe(full)
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    await asyncio.gather(*(probe(script) for script in (full, *(row[1] for row in TRANSCRIPTS))))
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_under_uvloop(server_tls: ssl.SSLContext) -> None:
    scripts: list[tuple[Script, tuple[str, str, str]]] = [
        (row[1], (row[2], row[3], row[4])) for row in TRANSCRIPTS
    ]
    full = (*TO_TLS, GO, server_tls, "EHLO", PLAIN, "QUIT", BYE)
    scripts.append((full, ("ok", "quit", "ok")))

    async def all_of_them() -> list[tuple[str, str, str]]:
        rows = await asyncio.gather(*(probe(script) for script, _ in scripts))
        return [(row.outcome, row.step, row.starttls) for row, _, _ in rows]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(all_of_them())
    assert found == [expected for _, expected in scripts]
