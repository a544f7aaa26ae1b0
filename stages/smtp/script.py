"""How a dialogue goes on. Pure: the client asks before every move and decides nothing itself.

    connect -> banner -> EHLO (-> HELO) -> STARTTLS -> TLS -> EHLO -> QUIT

From a failure the way leads to QUIT at once, or to the end where nothing can be said any more.
"""

from collections.abc import Callable

from schemas.outcomes import ProbeOutcome, StartTls
from stages.connection import End
from stages.smtp.dialogue import Move, Turn, reply_of
from stages.smtp.greeting import offers_starttls
from stages.smtp.judgement import examine, starttls


def next_move(turns: tuple[Turn, ...]) -> Move | None:
    """What to do after these turns; None: hang up."""
    if not turns:
        return Move.CONNECT
    turn = turns[-1]
    gone = turn.end in (End.CLOSED, End.FLOODED)
    return None if gone else _FOLLOWING[turn.move](turn)


def _after_connect(turn: Turn) -> Move | None:
    return Move.BANNER if turn.end is End.ANSWERED else None


def _after_banner(turn: Turn) -> Move | None:
    return Move.EHLO if examine(turn) is None else Move.QUIT


def _after_ehlo(turn: Turn) -> Move | None:
    finding, reply = examine(turn), reply_of(turn)
    if reply is None:
        return Move.QUIT
    if finding is None:
        return Move.STARTTLS if offers_starttls(reply) else Move.QUIT
    # A server that does not know EHLO says 5yz (RFC 5321 section 3.2).
    unknown = finding.outcome is ProbeOutcome.EHLO_REJECTED and reply.permanent
    return Move.HELO if unknown else Move.QUIT


def _after_starttls(turn: Turn) -> Move | None:
    after = {StartTls.OK: Move.TLS, StartTls.REFUSED: Move.QUIT, StartTls.TIMEOUT: Move.QUIT}
    # The rest hangs up: who speaks plain text where TLS is due is not to be answered.
    return after.get(starttls((turn,)))


def _after_tls(turn: Turn) -> Move | None:
    return Move.EHLO_TLS if turn.end is End.ANSWERED else None


_FOLLOWING: dict[Move, Callable[[Turn], Move | None]] = {
    Move.CONNECT: _after_connect,
    Move.BANNER: _after_banner,
    Move.EHLO: _after_ehlo,
    Move.HELO: lambda _: Move.QUIT,
    Move.STARTTLS: _after_starttls,
    Move.TLS: _after_tls,
    Move.EHLO_TLS: lambda _: Move.QUIT,
    Move.QUIT: lambda _: None,
}
