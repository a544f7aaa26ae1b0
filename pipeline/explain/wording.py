"""Pieces of a line. Whatever came from the network is cleaned: no markup, no control characters."""

import datetime as dt
from collections.abc import Iterable

from rich.text import Text

from pipeline.terminal import clean
from schemas.query import Query
from schemas.vocabulary import Vocabulary

_GOOD = frozenset(
    {"ok", "resolved", "trusted", "matches", "by_tls", "by_banner", "by_mx", "nodata"}
)
_BUG = "bug"

Piece = str | Text | None


def line(*pieces: Piece, between: str = " ") -> Text:
    """Pieces side by side; None and empty ones are left out."""
    texts = [Text(clean(piece)) if isinstance(piece, str) else piece for piece in pieces]
    return Text(between).join(text for text in texts if text)


def strong(text: str) -> Text:
    """A key, or what a line is about."""
    return Text(clean(text), style="bold")


def warned(text: str) -> Text:
    """What gives reason for doubt."""
    return Text(clean(text), style="yellow")


def faint(text: str) -> Text:
    """What is said beside."""
    return Text(clean(text), style="bright_black")


def word(value: Vocabulary) -> Text:
    """An outcome in the colour of its kind."""
    style = "green" if value in _GOOD else "red" if value == _BUG else "yellow"
    return Text(value, style=style)


def spelled(value: Vocabulary) -> Text:
    """An outcome and, where something is amiss, what that means."""
    return word(value) if value in _GOOD else meant(value)


def meant(value: Vocabulary) -> Text:
    """An outcome and what it means."""
    return line(word(value), faint(value.meaning), between=": ")


def none(why: str) -> Text:
    """Where there is nothing, and why."""
    return line(warned("none"), faint(why), between=": ")


def named(company: str | None, provider_id: str) -> Text:
    """A provider, by its company where the map has one."""
    return line(strong(company), f"({provider_id})") if company else strong(provider_id)


def account(query: Query | None) -> Text:
    """How a question went: ``[ok, ttl 300 s, 12 ms, 192.0.2.53:53]``."""
    if query is None:
        return faint("[not asked]")
    parts = [
        f", rcode {query.rcode}" if query.rcode else "",
        f", ttl {query.ttl} s" if query.ttl is not None else "",
        f", {query.rtt_ms:.3g} ms" if query.rtt_ms is not None else "",
        f", {query.server}" if query.server else "",
        f", {query.attempts} attempts" if query.attempts > 1 else "",
        ", over TCP" if query.tcp else "",
    ]
    return Text.assemble(faint("["), word(query.outcome), faint("".join(parts)), faint("]"))


def moment(micros: int | None) -> str:
    """A moment to the minute: ``2026-11-21 23:05 UTC``."""
    if micros is None:
        return "unknown"
    at = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=micros)
    return f"{at:%Y-%m-%d %H:%M} UTC"


def listed(items: Iterable[str], most: int = 12) -> str:
    """Items with commas between them, the rest counted."""
    shown = list(items)
    rest = len(shown) - most
    return ", ".join(shown[:most]) + (f" and {rest} more" if rest > 0 else "")
