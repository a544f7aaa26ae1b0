"""How a fetch ended, from its record alone. Pure.

A file counts only with status 200; redirects are never followed (RFC 8461 section 3.3). Its type
must be text/plain: where users upload files, others could not make one of another type a policy
(section 3.2).
"""

from schemas.outcomes import FetchOutcome
from stages.connection import End
from stages.sts.exchange import Answer, Stop
from stages.sts.fetched import Fetched, Step

_TOO_MANY, _UNAVAILABLE = 429, 503
_LONGEST_DETAIL = 200

_CONNECT = {
    End.TIMEOUT: FetchOutcome.CONNECT_TIMEOUT,
    End.REFUSED: FetchOutcome.REFUSED,
    End.UNREACHABLE: FetchOutcome.UNREACHABLE,
    End.CLOSED: FetchOutcome.CLOSED,
}
_TLS = {
    End.TIMEOUT: FetchOutcome.TLS_TIMEOUT,
    End.FAILED: FetchOutcome.TLS_FAILED,
}
_ANSWER = {
    End.TIMEOUT: FetchOutcome.TIMEOUT,
    End.FAILED: FetchOutcome.TLS_FAILED,
}
_ENDS = {Step.CONNECT: _CONNECT, Step.TLS: _TLS, Step.ANSWER: _ANSWER}
_STOPS: dict[Stop | None, FetchOutcome] = {
    Stop.GARBAGE: FetchOutcome.GARBAGE,
    Stop.CLOSED: FetchOutcome.CLOSED,
    Stop.TOO_LONG: FetchOutcome.TOO_LONG,
}
_CLASSES = {
    3: FetchOutcome.REDIRECT,
    4: FetchOutcome.CLIENT_ERROR,
    5: FetchOutcome.SERVER_ERROR,
}


def outcome(record: Fetched) -> FetchOutcome:
    """The word for it."""
    if record.step is Step.NONE:
        return FetchOutcome.NOT_FETCHED
    if record.end is not End.ANSWERED:
        return _ENDS[record.step].get(record.end, FetchOutcome.CLOSED)
    if record.stop is not Stop.WHOLE or record.answer is None:
        return _STOPS.get(record.stop, FetchOutcome.CLOSED)
    return _of_answer(record.answer)


def _of_answer(answer: Answer) -> FetchOutcome:
    if answer.status == 200:  # noqa: PLR2004
        return FetchOutcome.OK if _is_plain(answer) else FetchOutcome.BAD_TYPE
    wait = answer.status == _UNAVAILABLE and answer.header("retry-after") is not None
    if wait or answer.status == _TOO_MANY:
        return FetchOutcome.BLOCKED
    return _CLASSES.get(answer.status // 100, FetchOutcome.OTHER_STATUS)


def _is_plain(answer: Answer) -> bool:
    """Whether it is text/plain, with or without parameters, and not packed."""
    kind = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    packed = (answer.header("content-encoding") or "identity").strip().lower()
    return kind == "text/plain" and packed in ("identity", "")


def detail(record: Fetched) -> str | None:
    """What the system or the peer said, where it did not end well."""
    found = outcome(record)
    if found is FetchOutcome.OK:
        return None
    said = record.detail
    if said is None and record.answer is not None:
        packed = record.answer.header("content-encoding")
        if found is FetchOutcome.BAD_TYPE and packed:
            said = f"Content-Encoding: {packed}"
        elif record.answer.status != 200:  # noqa: PLR2004
            said = f"status {record.answer.status}"
    return said[:_LONGEST_DETAIL] if said else None
