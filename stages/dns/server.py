"""A name server as the bulk client sees it: what it was sent and how it does."""

from typing import NamedTuple

_RTT_GAIN = 1 / 8  # of one sample, as TCP smooths its own (RFC 6298)


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
    mismatches: int
    """Datagrams with the id of a question in flight that do not echo the question."""
    strays: int
    """Datagrams that belong to no question in flight: late, repeated or forged."""
    rtt_ms: float | None
    """Smoothed; None before the first answer."""
    in_flight: int
    benched: bool
    """Whether it is left alone for a while after many losses in a row."""


class Server:
    """The counters of one server."""

    __slots__ = (
        "address",
        "answers",
        "benched_until",
        "in_flight",
        "label",
        "losses",
        "lost_in_row",
        "mismatches",
        "rtt",
        "sent",
        "strays",
        "window",
    )

    def __init__(self, address: tuple[str, int], window: int) -> None:
        self.address = address
        self.label = label(address)
        self.window = window
        """Most questions in flight there at once."""
        self.in_flight = 0
        self.sent = self.answers = self.losses = self.mismatches = self.strays = 0
        self.lost_in_row = 0
        self.rtt: float | None = None
        self.benched_until = 0.0
        """By time.perf_counter; 0 while it is not benched."""

    def answered(self, rtt: float) -> None:
        """Count an answer that took rtt seconds."""
        self.answers += 1
        self.lost_in_row = 0
        self.rtt = rtt if self.rtt is None else self.rtt + (rtt - self.rtt) * _RTT_GAIN

    def lost(self) -> None:
        """Count a question whose answer did not come."""
        self.losses += 1
        self.lost_in_row += 1

    def health(self) -> ServerHealth:
        """The counters, frozen."""
        return ServerHealth(
            self.label,
            self.sent,
            self.answers,
            self.losses,
            self.mismatches,
            self.strays,
            None if self.rtt is None else self.rtt * 1000,
            self.in_flight,
            self.benched_until > 0,
        )


def label(address: tuple[str, int]) -> str:
    """A server as address:port, an IPv6 address in brackets."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
