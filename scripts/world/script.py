"""The lines of a mail server, by its behaviour: bytes made once a server (RFC 5321, RFC 3207)."""

from typing import NamedTuple

from scripts.world.model import Behaviour, MailServer

_GARBAGE = b"\x00\xfe\xffSSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"
_REFUSALS = {
    Behaviour.TEMPFAIL: (421, "Service not available, closing transmission channel"),
    Behaviour.REJECT: (554, "No SMTP service here"),
    # The name of the list stands here to tempt those who look for the provider in it.
    Behaviour.BLOCKED: (554, "5.7.1 Client host blocked using zen.spamhaus.org; see your provider"),
}


class Script(NamedTuple):
    """The lines of a mail server."""

    greeting: bytes
    hangs_up: bool
    """Closes after the greeting."""
    mute: bool
    """Answers nothing."""
    refuses: bool
    """Answers 503 to everything but QUIT (RFC 5321 section 3.1)."""
    helo: bytes
    ehlo: bytes
    ehlo_tls: bytes
    """The reply to EHLO once TLS is on: no STARTTLS any more."""
    starttls: bytes
    certificate: str | None
    """Id of the certificate to go on with; None: what follows the 220 is no TLS."""


def script(server: MailServer) -> Script:
    """What the server will say; an empty banner or EHLO line becomes its address literal."""
    behaviour = server.behaviour
    host = f"[{'IPv6:' * (':' in server.address)}{server.address}]"
    banner, first = server.banner or f"{host} ESMTP", server.ehlo or host
    broken = behaviour in (Behaviour.STARTTLS_REFUSED, Behaviour.BROKEN_TLS)
    offered = broken or (server.certificate is not None and behaviour != Behaviour.NO_STARTTLS)
    lines = (first, *server.extensions)
    ehlo_tls = _reply(250, *lines)
    ehlo = _reply(250, *lines, "STARTTLS") if offered else ehlo_tls
    return Script(
        greeting=_greeting(behaviour, banner, ehlo),
        hangs_up=behaviour in (Behaviour.TEMPFAIL, Behaviour.BLOCKED, Behaviour.CLOSE),
        mute=behaviour in (Behaviour.SILENT, Behaviour.GARBAGE),
        refuses=behaviour is Behaviour.REJECT,
        helo=_reply(250, first),
        ehlo=ehlo,
        ehlo_tls=ehlo_tls,
        starttls=_starttls(behaviour, offered=offered),
        certificate=None if broken else server.certificate,
    )


def _greeting(behaviour: Behaviour, banner: str, ehlo: bytes) -> bytes:
    match behaviour:
        case Behaviour.SILENT | Behaviour.CLOSE:
            return b""
        case Behaviour.GARBAGE:
            return _GARBAGE
        case Behaviour.EARLY_TALK:
            return _reply(220, *banner.split("\n")) + ehlo
        case Behaviour.TEMPFAIL | Behaviour.REJECT | Behaviour.BLOCKED:
            code, text = _REFUSALS[behaviour]
            return _reply(code, f"{banner.split(maxsplit=1)[0]} {text}")
        case _:
            return _reply(220, *banner.split("\n"))


def _starttls(behaviour: Behaviour, *, offered: bool) -> bytes:
    if not offered:
        return _reply(502, "5.5.1 Command not implemented")
    if behaviour is Behaviour.STARTTLS_REFUSED:
        return _reply(454, "4.7.0 TLS not available due to local problem")
    return _reply(220, "2.0.0 Ready to start TLS")


def _reply(code: int, *lines: str) -> bytes:
    """A reply (RFC 5321 section 4.2); surrogate escapes stand for bytes that are no UTF-8."""
    text = "".join(f"{code}-{line}\r\n" for line in lines[:-1]) + f"{code} {lines[-1]}\r\n"
    return text.encode("utf-8", "surrogateescape")
