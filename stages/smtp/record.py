"""The row of smtp that a recorded dialogue makes. Pure."""

import hashlib

from schemas.smtp import Smtp, Timings
from stages.connection import End
from stages.smtp.dialogue import Dialogue, Move, Turn, last, reply_of
from stages.smtp.greeting import extensions
from stages.smtp.judgement import outcome, starttls
from stages.smtp.reply import text_of
from stages.smtp.software import software
from stages.smtp.tls import server_name


def row_of(dialogue: Dialogue) -> Smtp:
    """The row; whatever came before a failure is kept in it."""
    turns = dialogue.turns
    banner = last(turns, Move.BANNER)
    ehlo = last(turns, Move.EHLO, Move.HELO)
    tls = last(turns, Move.TLS)
    ehlo_reply = reply_of(ehlo)
    named = software(reply_of(banner), ehlo_reply)
    listed = ehlo is not None and ehlo.move is Move.EHLO and ehlo_reply is not None
    result, step, detail = outcome(turns)
    return Smtp(
        address=dialogue.target.address,
        port=dialogue.target.port,
        probed=dialogue.probed,
        attempts=1 if turns else 0,
        outcome=result,
        step=step,
        detail=detail,
        banner=_text(banner),
        banner_raw=_raw(banner),
        ehlo=_text(ehlo),
        ehlo_raw=_raw(ehlo),
        extensions=extensions(ehlo_reply) if listed and ehlo_reply and ehlo_reply.positive else (),
        ehlo_tls_raw=_raw(last(turns, Move.EHLO_TLS)),
        software=named.name if named else None,
        software_version=named.version if named else None,
        starttls=starttls(turns),
        tls_error=(tls.detail or str(tls.end)) if tls and tls.end is not End.ANSWERED else None,
        tls_version=dialogue.handshake.version if dialogue.handshake else None,
        cipher=dialogue.handshake.cipher if dialogue.handshake else None,
        server_name=server_name(dialogue.target.server_name) if tls else None,
        chain=fingerprints(dialogue),
        timings=_timings(dialogue),
    )


def fingerprints(dialogue: Dialogue) -> tuple[str, ...]:
    """SHA-256 of each certificate sent, leaf first, lower-case hex."""
    chain = dialogue.handshake.chain if dialogue.handshake else ()
    return tuple(hashlib.sha256(der).hexdigest() for der in chain)


def _timings(dialogue: Dialogue) -> Timings:
    turns = dialogue.turns
    return Timings(
        connect_ms=_ms(last(turns, Move.CONNECT)),
        banner_ms=_ms(last(turns, Move.BANNER)),
        ehlo_ms=_ms(last(turns, Move.EHLO, Move.HELO)),
        starttls_ms=_ms(last(turns, Move.STARTTLS)),
        tls_ms=_ms(last(turns, Move.TLS)),
        total_ms=dialogue.total_ms if turns else None,
    )


def _ms(turn: Turn | None) -> float | None:
    return turn.ms if turn and turn.end is End.ANSWERED else None


def _raw(turn: Turn | None) -> bytes | None:
    return turn.raw if turn and turn.raw else None


def _text(turn: Turn | None) -> str | None:
    return text_of(turn.raw) if turn and turn.raw else None
