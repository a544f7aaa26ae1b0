"""The ways in which a mail server can be a trial, and how each is truly told.

`manners(folder)[label]` is (what the server does, outcome of its row, how STARTTLS ended).
"""

import asyncio
import socket
import ssl
import struct
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from schemas.outcomes import ProbeOutcome, StartTls
from tests.certs.authority import Party, issue, new_key
from tests.servers.hostile_smtp import Peer, Play

GREETING = b"220 mx.example.net ESMTP\r\n"
EHLO = b"250-mx.example.net\r\n250 STARTTLS\r\n"
READY = b"220 go ahead\r\n"
LARGE_CHAIN, TOO_LARGE_CHAIN = 150, 600
"""Certificates; OpenSSL takes chains of up to 100 KB."""
_DRIP_SECONDS = 1.0
_RESET = struct.pack("ii", 1, 0)


class Manner(NamedTuple):
    """What a server does, and the truth about it."""

    play: Play
    outcome: ProbeOutcome
    starttls: StartTls


async def _silent(peer: Peer) -> None:
    await peer.wait()


async def _drip(peer: Peer, data: bytes = b"220 ") -> None:
    """A byte a second, for ever."""
    while True:
        await peer.say(data[:1] or b"x")
        data = data[1:]
        await asyncio.sleep(_DRIP_SECONDS)


async def _flood(peer: Peer, data: bytes) -> None:
    """The same for ever, as fast as it is taken."""
    while True:
        await peer.say(data)


async def _say(peer: Peer, data: bytes) -> None:
    await peer.say(data)
    await peer.wait()


async def _close(_: Peer) -> None:
    pass


async def _reset(peer: Peer) -> None:
    own: socket.socket = peer.writer.get_extra_info("socket")
    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    peer.writer.transport.abort()


async def _answers(peer: Peer, said: Iterable[bytes], then: Play) -> None:
    """Greets, answers a command with each of the rest, and goes on after one more command."""
    for data in said:
        await peer.say(data)
        await peer.hear()
    await then(peer)


def _after(*said: bytes, then: Play = _silent) -> Play:
    return partial(_answers, said=said, then=then)


async def _tls(peer: Peer, context: ssl.SSLContext, then: Play) -> None:
    peer.writer.write(READY)  # and no turn for others, or the reader takes the ClientHello
    await peer.writer.start_tls(context)
    await peer.hear()  # EHLO
    await then(peer)


def _secured(context: ssl.SSLContext, then: Play | None = None) -> Play:
    polite = partial(_answers, said=(b"250 mx.example.net\r\n", b"221 bye\r\n"), then=_close)
    return _after(GREETING, EHLO, then=partial(_tls, context=context, then=then or polite))


def _handshake(*said: bytes, then: Play = _silent) -> Play:
    """Says bytes where a handshake is due."""

    async def go(peer: Peer) -> None:
        await peer.say(READY)
        await peer.reader.read(1)  # ClientHello
        for data in said:
            await peer.say(data)
        await then(peer)

    return _after(GREETING, EHLO, then=go)


def _record(kind: int, body: bytes) -> bytes:
    return bytes((kind, 3, 3)) + len(body).to_bytes(2) + body


def _message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3) + body


def _unreadable_certificate() -> bytes:
    """A ServerHello of TLS 1.2 and a Certificate that holds no certificate (RFC 5246)."""
    hello = b"\3\3" + bytes(32) + b"\0" + b"\xc0\x2f" + b"\0" + b"\0\5\xff\1\0\1\0"
    garbage = b"\x30\x82\x01\x00" + b"\xa5" * 256
    certificate = len(garbage).to_bytes(3) + garbage
    certificates = len(certificate).to_bytes(3) + certificate
    return _record(22, _message(2, hello) + _message(11, certificates))


class _Contexts:
    """TLS as servers of all sorts have it, with files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.leaf = issue("mx.example.net", dns=["mx.example.net"])

    def of(self, chain: Iterable[bytes], leaf: Party | None = None) -> ssl.SSLContext:
        """A context that shows these certificates, DER."""
        party = leaf or self.leaf
        pem = self._folder / f"{len(list(self._folder.iterdir()))}.pem"
        key = party.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        shown = "".join(map(ssl.DER_cert_to_PEM_cert, chain))
        pem.write_text(key.decode() + shown)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context

    @property
    def plain(self) -> ssl.SSLContext:
        """An ordinary one."""
        return self.of([self.leaf.der])

    @property
    def old(self) -> ssl.SSLContext:
        """TLS 1.0 and nothing else."""
        context = self.plain
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that nobody should
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        return context

    def asking(self, mode: ssl.VerifyMode, version: ssl.TLSVersion) -> ssl.SSLContext:
        """One that wants a certificate of the client."""
        context = self.plain
        context.verify_mode = mode
        context.load_verify_locations(cadata=self.leaf.pem.decode())
        context.maximum_version = context.minimum_version = version
        return context

    def chain(self, length: int) -> ssl.SSLContext:
        """So many certificates, each of which may have issued each."""
        key = new_key()
        root = issue("Hall of Mirrors", ca=True, key=key)
        leaf = issue("mx.example.net", root, dns=["mx.example.net"])
        mirrors = [issue("Hall of Mirrors", root, ca=True, key=key).der for _ in range(length)]
        return self.of([leaf.der, *mirrors], leaf)

    @property
    def odd(self) -> ssl.SSLContext:
        """A certificate that OpenSSL takes and strict parsers do not: of version 8."""
        der = self.leaf.der
        assert der.count(b"\xa0\x03\x02\x01\x02") == 1
        return self.of([der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07")])


def manners(folder: Path) -> dict[str, Manner]:
    """All of them, by label; certificates go to the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return {**_plain(), **_secure(_Contexts(folder))}


def _plain() -> dict[str, Manner]:
    """Trials of the text before STARTTLS, and of the wait for TLS."""
    outcome, starttls = ProbeOutcome, StartTls
    flood: Callable[[bytes], Play] = lambda data: partial(_flood, data=data)  # noqa: E731
    never = starttls.NOT_TRIED
    return {
        "silence": Manner(_silent, outcome.BANNER_TIMEOUT, never),
        "silent-ehlo": Manner(_after(GREETING), outcome.EHLO_TIMEOUT, never),
        "silent-starttls": Manner(_after(GREETING, EHLO), outcome.OK, starttls.TIMEOUT),
        "silent-tls": Manner(_after(GREETING, EHLO, READY), outcome.OK, starttls.TIMEOUT),
        "drip-banner": Manner(_drip, outcome.BANNER_TIMEOUT, never),
        "drip-ehlo": Manner(
            _after(GREETING, then=partial(_drip, data=b"250-")), outcome.EHLO_TIMEOUT, never
        ),
        "drip-tls": Manner(
            _handshake(then=partial(_drip, data=b"\x16\x03\x03\x40\x00")),
            outcome.OK, starttls.TIMEOUT,
        ),
        "endless-banner": Manner(flood(b"220-lorem ipsum\r\n" * 200), outcome.GARBAGE, never),
        "endless-line": Manner(flood(b"220 lorem ipsum " * 200), outcome.GARBAGE, never),
        "endless-nuls": Manner(flood(bytes(4096)), outcome.GARBAGE, never),
        "ehlo-10000": Manner(
            _after(GREETING, b"250-X\r\n" * 10_000 + b"250 Y\r\n"), outcome.GARBAGE, never
        ),
        "no-crlf": Manner(
            partial(_say, data=GREETING.rstrip()), outcome.BANNER_TIMEOUT, never
        ),
        "nuls": Manner(
            _after(b"220 mx\0.example\0.net\r\n", b"250 \0\r\n"),
            outcome.OK, starttls.NOT_OFFERED,
        ),
        "eight-bit": Manner(
            _after("220 mx.exämple.net ÿ\r\n".encode("latin-1"), b"250 \xff\xfe\x80\r\n"),
            outcome.OK, starttls.NOT_OFFERED,
        ),
        "close": Manner(_close, outcome.CLOSED, never),
        "close-ehlo": Manner(_after(GREETING, then=_close), outcome.CLOSED, never),
        "close-starttls": Manner(_after(GREETING, EHLO, then=_close), outcome.OK, starttls.CLOSED),
        "close-tls": Manner(
            _after(GREETING, EHLO, READY, then=_close), outcome.OK, starttls.CLOSED
        ),
        "reset": Manner(_reset, outcome.CLOSED, never),
        "reset-ehlo": Manner(_after(GREETING, then=_reset), outcome.CLOSED, never),
        "reset-tls": Manner(
            _after(GREETING, EHLO, READY, then=_reset), outcome.OK, starttls.CLOSED
        ),
        "plain": Manner(
            _after(GREETING, b"250 mx.example.net\r\n", b"221 bye\r\n", then=_close),
            outcome.OK, starttls.NOT_OFFERED,
        ),
        "injected": Manner(
            _after(GREETING, EHLO, READY + b"250 injected\r\n"), outcome.OK, starttls.INJECTED
        ),
    }  # fmt: skip


def _secure(contexts: _Contexts) -> dict[str, Manner]:
    """Trials of the handshake and of what comes after."""
    ok, tls = ProbeOutcome.OK, StartTls
    required = ssl.CERT_REQUIRED
    v12, v13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
    flood = partial(_flood, data=b"250-lorem ipsum\r\n" * 200)
    hello = _message(2, bytes(8))[:1] + b"\xff\xff\xff" + bytes(8)
    return {
        "polite": Manner(_secured(contexts.plain), ok, tls.OK),
        "plain-for-tls": Manner(_handshake(b"500 what?\r\n"), ok, tls.TLS_FAILED),
        "garbage-for-tls": Manner(_handshake(bytes(range(7, 250))), ok, tls.TLS_FAILED),
        "flood-for-tls": Manner(_handshake(then=flood), ok, tls.TLS_FAILED),
        "giant-hello": Manner(_handshake(_record(22, hello)), ok, tls.TLS_FAILED),
        "unreadable-cert": Manner(_handshake(_unreadable_certificate()), ok, tls.TLS_FAILED),
        "odd-cert": Manner(_secured(contexts.odd), ok, tls.OK),
        "tls10": Manner(_secured(contexts.old), ok, tls.OK),
        "large-chain": Manner(_secured(contexts.chain(LARGE_CHAIN)), ok, tls.OK),
        "too-large-chain": Manner(_secured(contexts.chain(TOO_LARGE_CHAIN)), ok, tls.TLS_FAILED),
        "asks-certificate": Manner(
            _secured(contexts.asking(ssl.CERT_OPTIONAL, v12)), ok, tls.OK
        ),
        # asyncio's servers hang up before their alert is out.
        "needs-certificate": Manner(_secured(contexts.asking(required, v12)), ok, tls.CLOSED),
        # In TLS 1.3 the client is through before the server looks (RFC 8446 section 2).
        "needs-certificate13": Manner(_secured(contexts.asking(required, v13)), ok, tls.OK),
        "close-ehlo-tls": Manner(_secured(contexts.plain, _close), ok, tls.OK),
        "silent-ehlo-tls": Manner(_secured(contexts.plain, _silent), ok, tls.OK),
        "endless-ehlo-tls": Manner(_secured(contexts.plain, flood), ok, tls.OK),
        "silent-quit": Manner(
            _secured(contexts.plain, _after(b"250 mx.example.net\r\n")), ok, tls.OK
        ),
    }  # fmt: skip
