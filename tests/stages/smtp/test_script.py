"""Dialogues as transcripts, without a network: what comes next, and the row in the end."""
# ruff: noqa: E501  a row of a table is a line

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import SMTP
from schemas.outcomes import ProbeOutcome, ProbeStep, StartTls
from stages.connection import End
from stages.smtp.dialogue import Dialogue, Move, Target, Turn
from stages.smtp.record import row_of
from stages.smtp.script import next_move
from stages.smtp.tls import Handshake

TARGET = Target("192.0.2.25", 25, "mx.example.net")
CONNECTED = Turn(Move.CONNECT, End.ANSWERED, ms=1.0)
BANNER = Turn(Move.BANNER, End.ANSWERED, b"220 mx.example.net ESMTP Exim 4.96\r\n", 2.0)
EHLO = Turn(Move.EHLO, End.ANSWERED, b"250-mx.example.net hi\r\n250 STARTTLS\r\n", 3.0)
STARTTLS = Turn(Move.STARTTLS, End.ANSWERED, b"220 go\r\n", 4.0)
TLS = Turn(Move.TLS, End.ANSWERED, ms=5.0)
EHLO_TLS = Turn(Move.EHLO_TLS, End.ANSWERED, b"250 mx.example.net\r\n", 6.0)
QUIT = Turn(Move.QUIT, End.ANSWERED, b"221 bye\r\n", 7.0)

FULL = (CONNECTED, BANNER, EHLO, STARTTLS, TLS, EHLO_TLS, QUIT)


def heard(move: Move, raw: bytes) -> Turn:
    return Turn(move, End.ANSWERED, raw)


def test_the_full_way() -> None:
    moves = [next_move(FULL[:count]) for count in range(len(FULL) + 1)]
    assert moves == [*(turn.move for turn in FULL), None]


def test_the_full_row() -> None:
    handshake = Handshake("TLSv1.3", "TLS_AES_256_GCM_SHA384", (b"leaf", b"intermediate"))
    row = row_of(Dialogue(TARGET, 1_700_000_000_000_000, FULL, handshake, 30.0))
    assert row.outcome is ProbeOutcome.OK
    assert (row.step, row.detail, row.attempts) == (ProbeStep.QUIT, None, 1)
    assert row.banner == "220 mx.example.net ESMTP Exim 4.96"
    assert row.banner_raw == BANNER.raw
    assert row.ehlo == "250-mx.example.net hi\n250 STARTTLS"
    assert row.extensions == ("STARTTLS",)
    assert row.ehlo_tls_raw == EHLO_TLS.raw
    assert (row.software, row.software_version) == ("Exim", "4.96")
    assert row.starttls is StartTls.OK
    assert (row.tls_version, row.cipher) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    assert row.server_name == "mx.example.net"
    assert [len(fingerprint) for fingerprint in row.chain] == [64, 64]
    assert tuple(row.timings) == (1.0, 2.0, 3.0, 4.0, 5.0, 30.0)
    assert SMTP.batch([row]).num_rows == 1


ENDS = (
    # After these turns: what comes next, outcome, step, STARTTLS
    ((Turn(Move.CONNECT, End.REFUSED),), None, "refused", "connect", "not_tried"),
    ((Turn(Move.CONNECT, End.UNREACHABLE),), None, "unreachable", "connect", "not_tried"),
    ((Turn(Move.CONNECT, End.TIMEOUT),), None, "connect_timeout", "connect", "not_tried"),
    ((Turn(Move.CONNECT, End.CLOSED),), None, "closed", "connect", "not_tried"),
    ((Turn(Move.BANNER, End.TIMEOUT),), Move.QUIT, "banner_timeout", "banner", "not_tried"),
    ((Turn(Move.BANNER, End.CLOSED),), None, "closed", "banner", "not_tried"),
    ((Turn(Move.BANNER, End.FLOODED),), None, "garbage", "banner", "not_tried"),
    ((heard(Move.BANNER, b"HTTP/1.1 400\r\n"),), Move.QUIT, "garbage", "banner", "not_tried"),
    ((heard(Move.BANNER, b"354 go on\r\n"),), Move.QUIT, "garbage", "banner", "not_tried"),
    ((heard(Move.BANNER, b"421 busy\r\n"),), Move.QUIT, "banner_4xx", "banner", "not_tried"),
    ((heard(Move.BANNER, b"554 no\r\n"),), Move.QUIT, "banner_5xx", "banner", "not_tried"),
    ((heard(Move.BANNER, b"421 you are banned\r\n"),), Move.QUIT, "blocked", "banner", "not_tried"),
    ((heard(Move.BANNER, b"220 a\r\n2"),), Move.QUIT, "early_talk", "banner", "not_tried"),
    ((BANNER, Turn(Move.EHLO, End.TIMEOUT)), Move.QUIT, "ehlo_timeout", "ehlo", "not_tried"),
    ((BANNER, Turn(Move.EHLO, End.CLOSED)), None, "closed", "ehlo", "not_tried"),
    ((BANNER, heard(Move.EHLO, b"\x00")), Move.QUIT, "garbage", "ehlo", "not_tried"),
    ((BANNER, heard(Move.EHLO, b"250 a\r\n250 b\r\n")), Move.QUIT, "early_talk", "ehlo", "not_tried"),
    ((BANNER, heard(Move.EHLO, b"421 later\r\n")), Move.QUIT, "ehlo_rejected", "ehlo", "not_tried"),
    ((BANNER, heard(Move.EHLO, b"502 what?\r\n")), Move.HELO, "ehlo_rejected", "ehlo", "not_tried"),
    ((BANNER, heard(Move.EHLO, b"550 your ip is blocked\r\n")), Move.QUIT, "blocked", "ehlo", "not_tried"),
    ((BANNER, heard(Move.EHLO, b"502 \r\n"), heard(Move.HELO, b"250 a\r\n")), Move.QUIT, "ok", "ehlo", "not_offered"),
    ((BANNER, heard(Move.EHLO, b"502 \r\n"), heard(Move.HELO, b"501 \r\n")), Move.QUIT, "ehlo_rejected", "ehlo", "not_tried"),
    ((BANNER, heard(Move.EHLO, b"250-a\r\n250 SIZE\r\n")), Move.QUIT, "ok", "ehlo", "not_offered"),
    ((BANNER, EHLO, heard(Move.STARTTLS, b"454 no\r\n")), Move.QUIT, "ok", "starttls", "refused"),
    ((BANNER, EHLO, heard(Move.STARTTLS, b"250 what\r\n")), None, "ok", "starttls", "garbage"),
    ((BANNER, EHLO, heard(Move.STARTTLS, b"\xff\xff\xff")), None, "ok", "starttls", "garbage"),
    ((BANNER, EHLO, Turn(Move.STARTTLS, End.FLOODED)), None, "ok", "starttls", "garbage"),
    ((BANNER, EHLO, Turn(Move.STARTTLS, End.TIMEOUT)), Move.QUIT, "ok", "starttls", "timeout"),
    ((BANNER, EHLO, Turn(Move.STARTTLS, End.CLOSED)), None, "ok", "starttls", "closed"),
    ((BANNER, EHLO, heard(Move.STARTTLS, b"220 go\r\n250 x\r\n")), None, "ok", "starttls", "injected"),
    ((BANNER, EHLO, STARTTLS, Turn(Move.TLS, End.FAILED)), None, "ok", "tls", "tls_failed"),
    ((BANNER, EHLO, STARTTLS, Turn(Move.TLS, End.TIMEOUT)), None, "ok", "tls", "timeout"),
    ((BANNER, EHLO, STARTTLS, Turn(Move.TLS, End.CLOSED)), None, "ok", "tls", "closed"),
    ((BANNER, EHLO, STARTTLS, Turn(Move.TLS, End.UNREACHABLE)), None, "ok", "tls", "closed"),
    ((BANNER, EHLO, STARTTLS, TLS, Turn(Move.EHLO_TLS, End.CLOSED)), None, "ok", "ehlo_tls", "ok"),
    ((BANNER, EHLO, STARTTLS, TLS, Turn(Move.EHLO_TLS, End.TIMEOUT)), Move.QUIT, "ok", "ehlo_tls", "ok"),
    ((BANNER, EHLO, STARTTLS, TLS, heard(Move.EHLO_TLS, b"\x00")), Move.QUIT, "ok", "ehlo_tls", "ok"),
)  # fmt: skip


@pytest.mark.parametrize(("turns", "move", "outcome", "step", "starttls"), ENDS)
def test_every_end(
    turns: tuple[Turn, ...], move: Move | None, outcome: str, step: str, starttls: str
) -> None:
    if turns[0].move is not Move.CONNECT:
        turns = (CONNECTED, *turns)
    assert next_move(turns) is move
    row = row_of(Dialogue(TARGET, 0, turns))
    assert (row.outcome, row.step, row.starttls) == (outcome, step, starttls)
    assert SMTP.batch([row]).num_rows == 1


def test_the_farewell_does_not_hide_where_it_failed() -> None:
    turns = (CONNECTED, heard(Move.BANNER, b"554 no\r\n"), QUIT)
    assert row_of(Dialogue(TARGET, 0, turns)).step is ProbeStep.BANNER


def test_not_probed() -> None:
    row = row_of(Dialogue(TARGET, 5, ()))
    assert (row.outcome, row.step, row.attempts) == ("not_probed", "none", 0)
    assert set(row.timings) == {None}
    assert SMTP.batch([row]).num_rows == 1


def test_words_of_a_failure_are_kept() -> None:
    banner = heard(Move.BANNER, b"554-mx\r\n554 blocked using zen.spamhaus.org\r\n")
    row = row_of(Dialogue(TARGET, 0, (CONNECTED, banner)))
    assert row.detail == "listed: 554 mx blocked using zen.spamhaus.org"
    late = Turn(Move.TLS, End.FAILED, detail="WRONG_VERSION_NUMBER")
    row = row_of(Dialogue(TARGET, 0, (CONNECTED, BANNER, EHLO, STARTTLS, late)))
    assert row.tls_error == "WRONG_VERSION_NUMBER"
    refused = heard(Move.STARTTLS, b"454 TLS not available\r\n")
    row = row_of(Dialogue(TARGET, 0, (CONNECTED, BANNER, EHLO, refused, QUIT)))
    assert row.detail == "starttls: 454 TLS not available"


def test_helo_has_no_extensions() -> None:
    turns = (
        CONNECTED,
        BANNER,
        heard(Move.EHLO, b"500 \r\n"),
        heard(Move.HELO, b"250-a\r\n250 b\r\n"),
    )
    assert row_of(Dialogue(TARGET, 0, turns)).extensions == ()


def test_evidence_of_a_reply_cut_off_is_kept() -> None:
    row = row_of(Dialogue(TARGET, 0, (CONNECTED, Turn(Move.BANNER, End.TIMEOUT, b"220-wait \xff"))))
    assert (row.banner, row.banner_raw) == ("220-wait \\xff", b"220-wait \xff")


PIECES = st.lists(
    st.sampled_from(
        [b"220 a\r\n", b"250-a\r\n", b"250 STARTTLS\r\n", b"502 \r\n", b"421 x", b"\n", b"\xff"]
    ),
    max_size=4,
).map(b"".join)


@given(st.data())
def test_any_peer_leads_to_an_end_and_a_row(data: st.DataObject) -> None:
    turns: tuple[Turn, ...] = ()
    ends = [End.ANSWERED, End.ANSWERED, End.TIMEOUT, End.CLOSED, End.FLOODED]
    while (move := next_move(turns)) is not None:
        end = data.draw(st.sampled_from(ends))
        turns += (Turn(move, end, data.draw(PIECES)),)
        assert len(turns) <= len(Move)
    row = row_of(Dialogue(TARGET, 0, turns))
    assert row.outcome in ProbeOutcome
    assert (row.starttls is StartTls.NOT_TRIED) == (row.outcome is not ProbeOutcome.OK)
    assert SMTP.batch([row]).num_rows == 1
