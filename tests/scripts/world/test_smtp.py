"""The mail servers of a world, talked to by raw sockets, aiosmtplib and openssl."""

import asyncio
import errno
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiosmtplib
import pytest
import pytest_asyncio
import uvloop

from scripts.world.ca import Authority
from scripts.world.model import Behaviour, CertificateSpec, CertificateState, MailServer
from scripts.world.smtp import SmtpWorld
from scripts.world.visits import read_visits, write_visits

BANNER, EHLO = "mx.example.net ESMTP Postfix", "mx.example.net at your service"
SPECS = (
    CertificateSpec("good", ("mx.example.net",), CertificateState.TRUSTED),
    CertificateSpec("other", ("other.example",), CertificateState.SELF_SIGNED),
)
GREETING = b"220 mx.example.net ESMTP Postfix\r\n"
PLAIN = (
    b"250-mx.example.net at your service\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250 8BITMIME\r\n"
)
OFFER = PLAIN.replace(b"250 8BITMIME", b"250-8BITMIME") + b"250 STARTTLS\r\n"
OUT_OF_ORDER, BYE = b"503 5.5.1 Bad sequence of commands\r\n", b"221 2.0.0 Bye\r\n"
LISTED = (
    b"554 mx.example.net 5.7.1 Client host blocked using zen.spamhaus.org; see your provider\r\n"
)
ADDRESSES = {behaviour: f"127.9.1.{n}" for n, behaviour in enumerate(Behaviour, start=1)}
SERVERS = [
    *(
        MailServer(address, BANNER, EHLO, certificate="good", behaviour=behaviour)
        for behaviour, address in ADDRESSES.items()
    ),
    MailServer("::1", "six.example ESMTP", "six.example", certificate="good"),
    MailServer("127.9.2.1", "", "", certificate="other"),
    MailServer("127.9.2.2", "two.example\nlines \udcff", "two.example", ()),
]
NORMAL = ADDRESSES[Behaviour.NORMAL]


@asynccontextmanager
async def serving(directory: Path, **options: float) -> AsyncIterator[SmtpWorld]:
    sockets = {"sockets": int(options["sockets"])} if "sockets" in options else {}
    authority = Authority.make(SPECS, directory)
    async with SmtpWorld(SERVERS, authority, idle=options.get("idle", 20), **sockets) as world:
        yield world


@pytest_asyncio.fixture(params=["own sockets", "wildcard"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SmtpWorld]:
    sockets = {"sockets": 3} if request.param == "wildcard" else {}
    async with serving(tmp_path, **sockets) as smtp:
        yield smtp


async def say(address: str, port: int, *commands: bytes) -> bytes:
    """All that the server sends if it is sent the commands, each after a reply, and then waits."""
    reader, writer = await asyncio.open_connection(address, port)
    with closing(writer):
        heard = await hear(reader)
        for command in commands:
            writer.write(command)
            heard += await hear(reader)
    return heard


async def hear(reader: asyncio.StreamReader) -> bytes:
    """What comes until the line falls silent or is closed."""
    try:
        return await asyncio.wait_for(reader.read(65536), 0.2)
    except TimeoutError:
        return b"<silence>"


@pytest.mark.parametrize(
    ("behaviour", "commands", "transcript"),
    [
        (Behaviour.NORMAL, [b"EHLO c\r\n"], GREETING + OFFER),
        (Behaviour.NORMAL, [b"ehlo c\n"], GREETING + OFFER),
        (Behaviour.NORMAL, [b"HELO c\r\n"], GREETING + b"250 mx.example.net at your service\r\n"),
        (Behaviour.NORMAL, [b"QUIT\r\n", b""], GREETING + BYE),
        (Behaviour.NORMAL, [b"NO", b"OP\r\n"], GREETING + b"<silence>250 2.0.0 Ok\r\n"),
        (
            Behaviour.NORMAL,
            [b"XYZZY\r\nRSET\r\n", b""],
            GREETING + b"500 5.5.2 Error: command not recognized\r\n250 2.0.0 Ok\r\n",
        ),
        (Behaviour.NO_STARTTLS, [b"EHLO c\r\n"], GREETING + PLAIN),
        (
            Behaviour.NO_STARTTLS,
            [b"STARTTLS\r\n"],
            GREETING + b"502 5.5.1 Command not implemented\r\n",
        ),
        (
            Behaviour.STARTTLS_REFUSED,
            [b"EHLO c\r\n", b"STARTTLS\r\n"],
            GREETING + OFFER + b"454 4.7.0 TLS not available due to local problem\r\n",
        ),
        (
            Behaviour.BROKEN_TLS,
            [b"EHLO c\r\n", b"STARTTLS\r\n", b"\x16\x03\x01"],
            GREETING + OFFER + b"220 2.0.0 Ready to start TLS\r\n"
            b"500 5.5.1 Command unrecognized\r\n",
        ),
        (
            Behaviour.TEMPFAIL,
            [b""],
            b"421 mx.example.net Service not available, closing transmission channel\r\n",
        ),
        (
            Behaviour.REJECT,
            [b"EHLO c\r\n", b"QUIT\r\n", b""],
            b"554 mx.example.net No SMTP service here\r\n" + OUT_OF_ORDER + BYE,
        ),
        (
            Behaviour.BLOCKED,
            [b""],
            LISTED,
        ),
        (
            Behaviour.GARBAGE,
            [b"EHLO c\r\n"],
            b"\x00\xfe\xffSSH-2.0-OpenSSH_9.2p1 Debian-2\r\n<silence>",
        ),
        (Behaviour.CLOSE, [b""], b""),
        (Behaviour.SILENT, [b"EHLO c\r\n", b"QUIT\r\n"], b"<silence>" * 3),
        (Behaviour.EARLY_TALK, [b"EHLO c\r\n"], GREETING + OFFER + OFFER),
    ],
)
async def test_transcript(
    world: SmtpWorld, behaviour: Behaviour, commands: list[bytes], transcript: bytes
) -> None:
    assert await say(ADDRESSES[behaviour], world.port, *commands) == transcript


async def test_a_dead_server_refuses(tmp_path: Path) -> None:
    async with serving(tmp_path) as world:
        for address in (ADDRESSES[Behaviour.DEAD], "127.9.99.99"):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(address, world.port)


async def test_behind_the_wildcard_a_dead_server_resets(tmp_path: Path) -> None:
    async with serving(tmp_path, sockets=3) as world:
        for address in (ADDRESSES[Behaviour.DEAD], "127.9.99.99"):
            reader, writer = await asyncio.open_connection(address, world.port)
            with closing(writer), pytest.raises(ConnectionResetError):
                await reader.read()


async def test_an_unresponsive_server_answers_no_attempt(world: SmtpWorld) -> None:
    attempts = [
        asyncio.wait_for(
            asyncio.open_connection(ADDRESSES[Behaviour.UNRESPONSIVE], world.port), 1.5
        )
        for _ in range(3)
    ]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(result) for result in results] == [TimeoutError] * 3


async def test_an_empty_banner_is_the_address_literal(world: SmtpWorld) -> None:
    heard = await say("127.9.2.1", world.port, b"HELO c\r\n")
    assert heard == b"220 [127.9.2.1] ESMTP\r\n250 [127.9.2.1]\r\n"


async def test_a_banner_may_have_lines_and_bytes_that_are_no_text(world: SmtpWorld) -> None:
    heard = await say("127.9.2.2", world.port, b"EHLO c\r\n")
    assert heard == b"220-two.example\r\n220 lines \xff\r\n250 two.example\r\n"


@pytest.mark.parametrize("address", [NORMAL, "::1"])
async def test_a_stock_client_gets_through_starttls(
    world: SmtpWorld, tmp_path: Path, address: str
) -> None:
    await full_dialogue(world, address, tmp_path / "roots.pem")


@pytest.mark.parametrize("sockets", [3, 1000])
def test_uvloop_serves_as_asyncio_does(tmp_path: Path, sockets: int) -> None:
    async def dialogue() -> None:
        async with serving(tmp_path, sockets=sockets) as world:
            await full_dialogue(world, NORMAL, tmp_path / "roots.pem")

    uvloop.run(dialogue())


async def full_dialogue(world: SmtpWorld, address: str, roots: Path) -> None:
    """All that a census says, and what the visits tell of it."""
    context = ssl.create_default_context(cafile=str(roots))
    context.check_hostname = False
    client = aiosmtplib.SMTP(hostname=address, port=world.port, start_tls=False)
    await client.connect()
    await client.ehlo(hostname="census.example")
    assert client.supports_extension("starttls")
    await client.starttls(tls_context=context)
    await client.ehlo(hostname="census.example")
    assert not client.supports_extension("starttls")
    assert (await client.quit()).code == 221
    visits = world.visits[address]
    assert visits.commands == {"EHLO": 2, "STARTTLS": 1, "QUIT": 1}
    assert (visits.connections, visits.handshakes, visits.peak) == (1, 1, 1)
    assert visits.ehlo_names == {"census.example": 2}
    assert visits.forbidden == {}


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl (apt: openssl)")
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_openssl_verifies_the_chain(world: SmtpWorld, tmp_path: Path, version: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *("openssl", "s_client", "-connect", f"{NORMAL}:{world.port}", "-starttls", "smtp"),
        *("-CAfile", str(tmp_path / "roots.pem"), "-verify_return_error", "-showcerts", version),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(b"QUIT\r\n"), 10)
    assert output.count(b"BEGIN CERTIFICATE") == 2
    assert b"Verify return code: 0 (ok)" in output


async def test_a_client_that_talks_no_tls_is_cut_off(world: SmtpWorld) -> None:
    reader, writer = await asyncio.open_connection(NORMAL, world.port)
    with closing(writer):
        await reader.readline()
        writer.write(b"STARTTLS\r\n")
        assert (await reader.readline()).startswith(b"220")
        writer.write(b"EHLO c\r\n" * 9)
        assert await asyncio.wait_for(reader.read(), 5) == b""
    assert world.visits[NORMAL].handshakes == 0


async def test_what_is_said_before_tls_is_forgotten(world: SmtpWorld) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(NORMAL, world.port)
    with closing(writer):
        await reader.readline()
        writer.write(b"STARTTLS\r\nRSET\r\nEH")
        assert (await reader.readline()).startswith(b"220")
        await writer.start_tls(context)
        writer.write(b"NOOP\r\n")
        assert await reader.readline() == b"250 2.0.0 Ok\r\n"
    assert world.visits[NORMAL].commands == {"STARTTLS": 1, "NOOP": 1}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (b"MAIL FROM:<a@b.example>", b"530"),
        (b"RCPT TO:<a@b.example>", b"503"),
        (b"DATA", b"503"),
        (b"AUTH PLAIN", b"502"),
        (b"vrfy root", b"502"),
    ],
)
async def test_forbidden_commands_are_refused_and_told(
    world: SmtpWorld, command: bytes, code: bytes
) -> None:
    heard = await say(NORMAL, world.port, command + b"\r\n")
    assert heard.removeprefix(GREETING).startswith(code)
    assert world.visits[NORMAL].forbidden == {command[:4].decode().upper(): 1}


async def test_an_endless_line_is_cut_off(world: SmtpWorld) -> None:
    assert await say(NORMAL, world.port, b"x" * 5000) == GREETING


async def test_idle_connections_are_ended(tmp_path: Path) -> None:
    async with serving(tmp_path, idle=0.3) as world:
        reader, writer = await asyncio.open_connection(NORMAL, world.port)
        with closing(writer):
            for _ in range(3):  # three times over half of the limit: words keep it open
                await asyncio.sleep(0.2)
                writer.write(b"NOOP\r\n")
            assert (await asyncio.wait_for(reader.read(), 5)).count(b"250") == 3
        assert world.visits[NORMAL].open == 0


async def test_visits_count_what_is_open_at_once(world: SmtpWorld, tmp_path: Path) -> None:
    for together in (4, 2):
        connections = [await asyncio.open_connection(NORMAL, world.port) for _ in range(together)]
        for reader, _ in connections:
            await reader.readline()
        for _, writer in connections:
            writer.write(b"EHLO one.example\r\n")
            writer.close()
            await writer.wait_closed()
        await until_left(world, NORMAL)
    visits = world.visits[NORMAL]
    assert (visits.connections, visits.peak, visits.open) == (6, 4, 0)
    assert visits.times == sorted(visits.times)
    assert visits.commands == {"EHLO": 6}
    write_visits(world.visits.values(), tmp_path / "visits.jsonl")
    assert read_visits(tmp_path / "visits.jsonl") == world.visits


async def until_left(world: SmtpWorld, address: str) -> None:
    async with asyncio.timeout(5):
        while world.visits[address].open:
            await asyncio.sleep(0.01)


async def test_leaving_ends_open_connections_and_frees_the_port(tmp_path: Path) -> None:
    async with serving(tmp_path) as world:
        reader, writer = await asyncio.open_connection(NORMAL, world.port)
        assert await reader.readline() == GREETING
    with closing(writer):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(NORMAL, world.port)


async def test_a_taken_port_is_an_error() -> None:
    with socket.create_server((NORMAL, 0)) as taken:
        world = SmtpWorld(SERVERS, Authority(SPECS), taken.getsockname()[1])
        with pytest.raises(OSError) as caught:  # noqa: PT011
            await world.__aenter__()
    assert caught.value.errno == errno.EADDRINUSE


def test_a_world_without_servers_can_be_served(tmp_path: Path) -> None:
    async def open_and_close(servers: Sequence[MailServer]) -> int:
        async with SmtpWorld(servers, Authority.make((), tmp_path)) as world:
            return world.port

    assert asyncio.run(open_and_close(())) > 0
