"""How a dialogue ended: the outcome columns of its row. Pure."""

from typing import NamedTuple

from schemas.outcomes import ProbeOutcome, ProbeStep, StartTls
from stages.connection import End
from stages.smtp.dialogue import Move, Turn, last, reply_of
from stages.smtp.refusal import block
from stages.smtp.reply import Reply, ReplyError, read

_READY = 220
"""The reply to STARTTLS after which TLS begins (RFC 3207 section 4)."""
_MAX_DETAIL = 512
"""Characters of a refusal that detail repeats; banner and ehlo have it all."""


class Finding(NamedTuple):
    """What is wrong with a turn that ends the dialogue, in words too."""

    outcome: ProbeOutcome
    detail: str | None


def examine(turn: Turn) -> Finding | None:
    """What ends the dialogue at a turn of connecting, greeting or EHLO; None: go on."""
    if turn.end is not End.ANSWERED:
        return Finding(_FAILURES.get((turn.move.step, turn.end), _ENDS[turn.end]), turn.detail)
    if turn.move is Move.CONNECT:
        return None
    try:
        reply, rest = read(turn.raw)
    except ReplyError as error:
        return Finding(ProbeOutcome.GARBAGE, str(error.fault))
    if reply is not None and reply.negative:
        return _refusal(turn.move.step, reply)
    if reply is None or not reply.positive:
        return Finding(ProbeOutcome.GARBAGE, "no reply that may stand here")
    return Finding(ProbeOutcome.EARLY_TALK, "more came with the reply") if rest else None


_FAILURES = {
    (ProbeStep.CONNECT, End.TIMEOUT): ProbeOutcome.CONNECT_TIMEOUT,
    (ProbeStep.BANNER, End.TIMEOUT): ProbeOutcome.BANNER_TIMEOUT,
}
_ENDS = {
    End.TIMEOUT: ProbeOutcome.EHLO_TIMEOUT,
    End.CLOSED: ProbeOutcome.CLOSED,
    End.REFUSED: ProbeOutcome.REFUSED,
    End.UNREACHABLE: ProbeOutcome.UNREACHABLE,
    End.FLOODED: ProbeOutcome.GARBAGE,
}


def _refusal(step: ProbeStep, reply: Reply) -> Finding:
    said = _said(reply)
    kind = block(reply)
    if kind is not None:
        return Finding(ProbeOutcome.BLOCKED, f"{kind}: {said}")
    if step is ProbeStep.EHLO:
        return Finding(ProbeOutcome.EHLO_REJECTED, said)
    banner = ProbeOutcome.BANNER_5XX if reply.permanent else ProbeOutcome.BANNER_4XX
    return Finding(banner, said)


def starttls(turns: tuple[Turn, ...]) -> StartTls:
    """How far STARTTLS got; OK also while the handshake is still to come."""
    tls = last(turns, Move.TLS)
    if tls is not None:
        return _STARTTLS_ENDS[tls.end]
    turn = last(turns, Move.STARTTLS)
    if turn is None:
        ehlo = last(turns, Move.EHLO, Move.HELO)
        answered = ehlo is not None and examine(ehlo) is None
        return StartTls.NOT_OFFERED if answered else StartTls.NOT_TRIED
    return _STARTTLS_ENDS[turn.end] if turn.end is not End.ANSWERED else _starttls_reply(turn)


_STARTTLS_ENDS = {
    End.ANSWERED: StartTls.OK,
    End.TIMEOUT: StartTls.TIMEOUT,
    End.CLOSED: StartTls.CLOSED,
    End.REFUSED: StartTls.CLOSED,
    End.UNREACHABLE: StartTls.CLOSED,
    End.FAILED: StartTls.TLS_FAILED,
    End.FLOODED: StartTls.GARBAGE,
}


def _starttls_reply(turn: Turn) -> StartTls:
    try:
        reply, rest = read(turn.raw)
    except ReplyError:
        return StartTls.GARBAGE
    if reply is None or not (reply.negative or reply.code == _READY):
        return StartTls.GARBAGE
    if reply.negative:
        return StartTls.REFUSED
    return StartTls.INJECTED if rest else StartTls.OK


def outcome(turns: tuple[Turn, ...]) -> tuple[ProbeOutcome, ProbeStep, str | None]:
    """How the dialogue ended, the last step begun before giving up, and why."""
    if not turns:
        return ProbeOutcome.NOT_PROBED, ProbeStep.NONE, "not an address that this run may contact"
    tried = (
        last(turns, Move.CONNECT),
        last(turns, Move.BANNER),
        last(turns, Move.EHLO, Move.HELO),
    )
    for turn in filter(None, tried):
        finding = examine(turn)
        if finding is not None:
            return finding.outcome, turn.move.step, finding.detail
    return ProbeOutcome.OK, turns[-1].move.step, _trouble(turns)


def _trouble(turns: tuple[Turn, ...]) -> str | None:
    """What went wrong from STARTTLS on, where it is not OpenSSL's to say."""
    for turn in turns:
        if turn.move in (Move.STARTTLS, Move.EHLO_TLS):
            reply = reply_of(turn)
            if turn.end is not End.ANSWERED:
                return f"{turn.move.step}: {turn.detail or turn.end}"
            if reply is None or not reply.positive:
                return f"{turn.move.step}: {_said(reply) if reply else 'no reply'}"
    return None


def _said(reply: Reply) -> str:
    return f"{reply.code} {' '.join(reply.texts)}".strip()[:_MAX_DETAIL]
