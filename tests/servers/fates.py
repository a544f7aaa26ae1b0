"""What can befall a question, by the label that says so, and how it truly ends.

`FATES[label]` is (what the server does, the outcome that its rows must have). UDP may fail where
TCP does not: then the second opinion brings the truth.
"""

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from schemas.outcomes import Outcome
from scripts.world.lookup import NOTIMP, REFUSED, SERVFAIL, Entry
from scripts.world.message import TC, pack
from scripts.world.names import wire
from tests.servers.hostile_dns import HANG_UP, TXT, Ask, Fate, Later, honest, nothing, records

TIMEOUT = 0.25
"""Seconds that a client of these fates waits for an answer (dns_timeout)."""
_STORM_UDP, _STORM_TCP = 3, 1
"""Questions that get SERVFAIL in a storm: all of a first try."""


class Told(NamedTuple):
    """A fate and the truth about it."""

    play: Fate
    outcome: Outcome


def _loss(percent: int) -> Fate:
    """Loses datagrams, the same ones in every run; TCP does not lose."""

    def play(ask: Ask) -> list[bytes]:
        dice = zlib.crc32(b"%s %d %d" % (ask.query.name, ask.query.type, ask.number)) % 100
        return [] if dice < percent and not ask.tcp else [ask.answer()]

    return play


def _code(rcode: int) -> Fate:
    return lambda ask: [pack(ask.query, rcode)]


def _storm(ask: Ask) -> list[bytes]:
    """SERVFAIL for a while, by each transport."""
    lasts = ask.number <= (_STORM_TCP if ask.tcp else _STORM_UDP)
    return [pack(ask.query, SERVFAIL) if lasts else ask.answer()]


def _wrong_id(ask: Ask) -> list[bytes]:
    answer = ask.answer()
    return [bytes((answer[0] ^ 0x55,)) + answer[1:]]


def _forged_first(ask: Ask) -> list[bytes]:
    """Forgeries before the truth: another id, another name, another case."""
    evil = pack(ask.query, 0, (Entry(ask.query.name, ask.query.type, 9, _EVIL[ask.query.type]),))
    forged = [bytes((evil[0] ^ 0x55,)) + evil[1:], _renamed(ask, wire("evil.example"))]
    recased = evil[:12] + evil[12:].swapcase()
    return [*([] if ask.tcp else [*forged, recased]), ask.answer()]


_EVIL = {
    1: b"\x7f\6\6\6",
    15: b"\0\0\4evil\7example\0",
    16: b"\4evil",
    28: bytes(15) + b"\1",
    52: b"\3\1\1evil",
}


def _renamed(ask: Ask, name: bytes) -> bytes:
    query = ask.query._replace(name=name, question=name + ask.query.question[-4:])
    return pack(query, 0, records(name, ask.query.type))


def _wrong_question(ask: Ask) -> list[bytes]:
    return [_renamed(ask, wire("other.ok.example"))]


def _truncated(ask: Ask) -> list[bytes]:
    return [ask.answer() if ask.tcp else pack(ask.query, TC)]


def _truncated_tcp_closed(ask: Ask) -> list[bytes]:
    return [HANG_UP if ask.tcp else pack(ask.query, TC)]


def _truncated_always(ask: Ask) -> list[bytes]:
    return [pack(ask.query, TC)]


def _truncated_tcp_silent(ask: Ask) -> list[bytes]:
    return [] if ask.tcp else [pack(ask.query, TC)]


def _large(ask: Ask) -> list[bytes]:
    """As much as a message over TCP can hold, where TXT is asked for."""
    truth = records(ask.query.name, ask.query.type)
    if ask.query.type != TXT:
        return [ask.answer()]
    if not ask.tcp:
        return [pack(ask.query, TC)]
    fill = [Entry(ask.query.name, TXT, 300, b"\xff" + b"%07d" % n + b"x" * 248) for n in range(239)]
    return [pack(ask.query, 0, (*truth, *fill))]


def _late(ask: Ask) -> list[bytes | Later]:
    return [ask.answer() if ask.tcp else Later(2 * TIMEOUT, ask.answer())]


def _too_late(ask: Ask) -> list[bytes | Later]:
    return [Later(8 * TIMEOUT, ask.answer())]


def _compression_loop(ask: Ask) -> list[bytes]:
    """An answer whose owner name points at itself."""
    head = pack(ask.query, 0)
    at = 12 + len(ask.query.question)
    loop = (0xC000 | at).to_bytes(2) + ask.query.question[-4:] + bytes(4) + b"\0\4" + bytes(4)
    return [head[:6] + b"\0\1" + head[8:at] + loop + head[at:]]


def _cut(ask: Ask) -> list[bytes]:
    """A message that says it has a record and ends inside it."""
    answer = pack(ask.query, 0, (Entry(ask.query.name, ask.query.type, 300, bytes(40)),))
    return [answer[: 12 + len(ask.query.question) + 16]]


def _only_tcp(ask: Ask) -> list[bytes]:
    return [ask.answer()] if ask.tcp else []


def _silent(_: Ask) -> Iterable[bytes]:
    return ()


FATES: dict[str, Told] = {
    "ok": Told(honest, Outcome.OK),
    "loss1": Told(_loss(1), Outcome.OK),
    "loss10": Told(_loss(10), Outcome.OK),
    "loss30": Told(_loss(30), Outcome.OK),
    "loss50": Told(_loss(50), Outcome.OK),
    "nxdomain": Told(nothing, Outcome.NXDOMAIN),
    "servfail": Told(_code(SERVFAIL), Outcome.SERVFAIL),
    "storm": Told(_storm, Outcome.OK),
    "refused": Told(_code(REFUSED), Outcome.REFUSED),
    "notimp": Told(_code(NOTIMP), Outcome.RCODE),
    "wrong-id": Told(_wrong_id, Outcome.TIMEOUT),
    "wrong-question": Told(_wrong_question, Outcome.TIMEOUT),
    "forged-first": Told(_forged_first, Outcome.OK),
    "truncated": Told(_truncated, Outcome.OK),
    "truncated-tcp-closed": Told(_truncated_tcp_closed, Outcome.UNREACHABLE),
    "truncated-tcp-silent": Told(_truncated_tcp_silent, Outcome.TIMEOUT),
    "large": Told(_large, Outcome.OK),
    "late": Told(_late, Outcome.OK),
    "too-late": Told(_too_late, Outcome.TIMEOUT),
    "loop": Told(_compression_loop, Outcome.MALFORMED),
    "cut": Told(_cut, Outcome.MALFORMED),
    "only-tcp": Told(_only_tcp, Outcome.OK),
    "silent": Told(_silent, Outcome.TIMEOUT),
}

PLAY: dict[str, Fate] = {
    **{label: told.play for label, told in FATES.items()},
    "truncated-always": _truncated_always,
    "": honest,
}
"""As hostile_dns takes it."""
