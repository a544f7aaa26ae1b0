"""What a line's debug message says of how its question ended, and the message of an outcome.

The tool writes free text (``Connection Timeout``, the ``repr`` of an exception), or nothing. We
write the same where that says it, else a word of our vocabularies before it: ``nxdomain``,
``blocked: 554 …``, ``implicit MX; no_address``. Whatever of a run the format has no column for and
inference depends on comes back that way; the tool shows the message and reads nothing in it.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from schemas.outcomes import HostStatus, Mail, ProbeOutcome, Verdict
from schemas.vocabulary import Vocabulary
from stages.scan.reply import reply_of
from stages.scan.row import ScanRow

V = TypeVar("V", bound=Vocabulary)

_IMPLICIT = "implicit MX"
_BETWEEN = "; "
_FOREIGN: tuple[tuple[str, ProbeOutcome], ...] = (
    ("timeout", ProbeOutcome.CONNECT_TIMEOUT),
    ("timed out", ProbeOutcome.CONNECT_TIMEOUT),
    ("connectionrefused", ProbeOutcome.REFUSED),
    ("connection refused", ProbeOutcome.REFUSED),
    ("no route to host", ProbeOutcome.UNREACHABLE),
    ("unreachable", ProbeOutcome.UNREACHABLE),
    ("smtpserverdisconnected", ProbeOutcome.CLOSED),
    ("connectionreset", ProbeOutcome.CLOSED),
    ("connection reset", ProbeOutcome.CLOSED),
)
"""What an exception's words mean where nothing was heard; the first that stands there counts."""


class Fate(NamedTuple):
    """What a line and its message say together."""

    implicit: bool = False
    """Whether the exchange is the domain itself for want of an MX."""
    mail: Mail | None = None
    """Of a line without an MX."""
    status: HostStatus | None = None
    """Of a line with an MX, where its message says it."""
    outcome: ProbeOutcome | None = None
    """Of a line with an address."""
    detail: str | None = None


def fate(row: ScanRow) -> Fate:
    """How the question behind a line ended, as far as it says."""
    implicit, message = _after_implicit(row)
    if row.mx is None:
        return Fate(mail=_word(Mail, message)[0] or Mail.FAILED)
    if row.address is None:
        return Fate(implicit, status=_word(HostStatus, message)[0] or HostStatus.FAILED)
    status, detail = _word(HostStatus, message)
    if status is HostStatus.RESERVED:
        return Fate(implicit, None, status, ProbeOutcome.NOT_PROBED, detail)
    return Fate(implicit, None, None, *_probe(row, message))


def message(row: ScanRow, end: Fate) -> str | None:
    """The shortest message with which the line says all of that; its own is not looked at."""
    if end.mail is not None:
        return str(end.mail) if end.mail is not Mail.FAILED else None
    if end.status is not None:
        said: str | None = _joined(end.status, end.detail)
    elif end.outcome is not None:
        said = _said(end.outcome, end.detail, lambda text: _probe(row, text))
    else:
        said = None
    if said == HostStatus.FAILED:
        said = None
    return _BETWEEN.join(filter(None, (_IMPLICIT, said))) if end.implicit else said


def judgement(text: str | None, *, trusted: bool) -> tuple[Verdict, str | None]:
    """The verdict on a certificate and its reason, by the recorded truth value and message."""
    verdict, reason = _word(Verdict, text)
    if verdict is not None and (verdict is Verdict.TRUSTED) == trusted:
        return verdict, reason
    return (Verdict.TRUSTED if trusted else Verdict.UNTRUSTED), text or None


def certificate_message(verdict: Verdict, reason: str | None) -> str | None:
    """The message that `judgement` makes this verdict of."""
    return _said(verdict, reason, lambda text: judgement(text, trusted=verdict is Verdict.TRUSTED))


def _after_implicit(row: ScanRow) -> tuple[bool, str | None]:
    head, _, rest = (row.message or "").partition(_BETWEEN)
    if row.mx == row.domain and head == _IMPLICIT:
        return True, rest or None
    return False, row.message


def _probe(row: ScanRow, text: str | None) -> tuple[ProbeOutcome, str | None]:
    outcome, detail = _word(ProbeOutcome, text)
    return (outcome, detail) if outcome is not None else (_evident(row, text or ""), text or None)


def _evident(row: ScanRow, text: str) -> ProbeOutcome:
    """The outcome by what was heard, else by the words of an exception."""
    banner, ehlo = reply_of(row.banner), reply_of(row.ehlo)
    if banner is not None and banner.negative:
        return ProbeOutcome.BANNER_5XX if banner.permanent else ProbeOutcome.BANNER_4XX
    if row.leaf is not None or (ehlo is not None and ehlo.positive):
        return ProbeOutcome.OK
    if row.banner is not None or row.ehlo is not None:
        return ProbeOutcome.EHLO_REJECTED
    folded = text.lower()
    heard = (outcome for words, outcome in _FOREIGN if words in folded)
    return next(heard, ProbeOutcome.NO_ANSWER)


def _word(vocabulary: type[V], text: str | None) -> tuple[V | None, str | None]:
    """The word a message begins with, if it is of a vocabulary, and the rest."""
    head, _, rest = (text or "").partition(": ")
    words = {str(word): word for word in vocabulary}
    return (words[head], rest or None) if head in words else (None, text or None)


def _said(
    word: V, detail: str | None, read: Callable[[str | None], tuple[V | None, str | None]]
) -> str | None:
    detail = detail or None
    return detail if read(detail) == (word, detail) else _joined(word, detail)


def _joined(word: Vocabulary, detail: str | None) -> str:
    return f"{word}: {detail}" if detail else str(word)
