"""A name server as the bulk client sees it: what it was sent and how it does."""

from math import inf
from typing import NamedTuple

from stages.dns.window import Window

_RTT_GAIN = 1 / 8  # of one sample, as TCP smooths its own (RFC 6298)
_TOKENS = 0.05  # seconds' worth of questions that may be sent in a burst under a rate cap


class ServerHealth(NamedTuple):
    """A server's counters at one moment."""

    server: str
    """address:port"""
    sent: int
    """Datagrams."""
    answers: int
    """Answers to a question in flight."""
    losses: int
    """Questions without an answer in time, or refused by the network."""
    blames: int
    """Questions that failed here, by silence or by an answer, and were answered later."""
    mismatches: int
    """Datagrams with the id of a question in flight that do not echo the question."""
    strays: int
    """Datagrams that belong to no question in flight: late, repeated or forged."""
    rtt_ms: float | None
    """Smoothed; None before the first answer."""
    in_flight: int
    window: int
    """Questions that may be in flight at present."""
    rate: float | None
    """Questions a second at most; None for no cap."""
    benched: bool
    """Whether it is left alone for a while after many failures in a row."""


class Server:
    """The counters of one server."""

    __slots__ = (
        "_reviewed",
        "_reviewed_answers",
        "address",
        "answers",
        "benched_until",
        "blames",
        "failed_in_row",
        "full",
        "heard",
        "in_flight",
        "label",
        "least",
        "losses",
        "mismatches",
        "rate",
        "room",
        "rtt",
        "sent",
        "silent_from",
        "strays",
        "tokens",
        "window",
    )

    def __init__(self, address: tuple[str, int], most: int, rate: float | None = None) -> None:
        self.address = address
        self.label = label(address)
        self.rate = rate
        self.tokens = inf if rate is None else 1.0
        """Questions that the rate cap lets out now."""
        self.window = Window(most)
        self.room = self.window.room
        """Most questions in flight there at once."""
        self.full = False
        """Whether a question found no room since the last review."""
        self.in_flight = 0
        self.sent = self.answers = self.losses = self.blames = self.mismatches = self.strays = 0
        self.failed_in_row = 0
        """Losses and blames since it last gave an answer that others would give, too."""
        self.heard = self.silent_from = -inf
        """When it last answered anything; when the first question of the row was sent."""
        self.rtt: float | None = None
        self.least = inf
        """The shortest since the last review."""
        self.benched_until = 0.0
        """By time.perf_counter; 0 while it is not benched."""
        self._reviewed = -inf
        self._reviewed_answers = 0

    def reserve(self) -> float:
        """Take a token, on credit if there is none; seconds until it is earned."""
        self.tokens -= 1.0
        return 0.0 if self.rate is None else max(0.0, -self.tokens / self.rate)

    def answered(self, rtt: float, now: float) -> None:
        """Count an answer that took rtt seconds."""
        self.answers += 1
        self.heard = now
        if rtt < self.least:  # noqa: PLR1730  (a call costs more)
            self.least = rtt
        self.rtt = rtt if self.rtt is None else self.rtt + (rtt - self.rtt) * _RTT_GAIN

    def lost(self, sent: float) -> None:
        """Count a question, sent at a moment, whose answer did not come.

        If it has answered another one since, it is alive, and the loss says nothing about it.
        """
        self.losses += 1
        if sent > self.heard:
            if not self.failed_in_row:
                self.silent_from = sent
            self.failed_in_row += 1

    def blame(self, sent: float, now: float, *, refused: bool) -> None:
        """Count a question that failed here and was answered later."""
        self.blames += 1
        if refused:
            self.failed_in_row += 1
        self.window.blame(sent, now, refused=refused)

    def restart(self, size: int) -> None:
        """Let no more than so many questions in flight until it answers."""
        self.window.restart(size)
        self.room = self.window.room

    def review(self, now: float) -> None:
        """Adapt the window and refill the tokens; a few dozen times a second."""
        if self.rate is not None:
            elapsed = min(now - self._reviewed, _TOKENS)
            self.tokens = min(self.tokens + self.rate * elapsed, max(1.0, self.rate * _TOKENS))
        self._reviewed = now
        answers = self.answers - self._reviewed_answers
        self._reviewed_answers = self.answers
        self.window.review(now, answers, self.least if self.least < inf else None, full=self.full)
        self.room = self.window.room
        self.least = inf
        self.full = self.in_flight >= self.room

    def health(self) -> ServerHealth:
        """The counters, frozen."""
        return ServerHealth(
            server=self.label,
            sent=self.sent,
            answers=self.answers,
            losses=self.losses,
            blames=self.blames,
            mismatches=self.mismatches,
            strays=self.strays,
            rtt_ms=None if self.rtt is None else self.rtt * 1000,
            in_flight=self.in_flight,
            window=max(0, self.room),
            rate=self.rate,
            benched=self.benched_until > 0,
        )


def label(address: tuple[str, int]) -> str:
    """A server as address:port, an IPv6 address in brackets."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
