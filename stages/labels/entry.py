"""What a line of a blacklist says of a name: an entry, or a reject with a reason."""

import datetime as dt
import enum
from typing import NamedTuple

from stages.seeds.entry import Rejected
from stages.seeds.name import domain

LINE_MAX = 4096
"""Bytes; a longer line is rejected."""
_TEXT_MAX = 200


class Form(enum.StrEnum):
    """How a list is written."""

    PLAIN = "plain"  # a name a line
    HOSTS = "hosts"  # an address and names (hosts(5))
    DNSET = "dnset"  # a dnset of rbldnsd
    RPZ = "rpz"  # a response policy zone in master file format (RFC 1035 section 5)
    CSV = "csv"  # columns, perhaps with the day of the first listing


class Reason(enum.StrEnum):
    """Why a line lists nothing."""

    NOT_UTF8 = "not_utf8"
    TOO_LONG = "too_long"  # the line, a label or the name
    SYNTAX = "syntax"  # not what a line of this form looks like
    NOT_A_NAME = "not_a_name"
    ADDRESS = "address"  # an IP address or network
    BARE_LABEL = "bare_label"  # a name without a dot, such as a test entry
    BAD_IDNA = "bad_idna"
    BAD_DATE = "bad_date"
    LOCAL = "local"  # a name of the machine itself in a hosts file
    TRIGGER = "trigger"  # an RPZ trigger other than the name asked for
    ACTION = "action"  # an RPZ action that is neither a block nor an exception


class Entry(NamedTuple):
    """A name that a list speaks of."""

    line: int
    name: str
    """Lower-case A-labels."""
    itself: bool | None
    """Whether the name is listed; False for an exception, None if nothing is said of it."""
    below: bool | None
    """The same of the names below it."""
    since: dt.date | None = None
    """Day that the list states."""


class Reject(NamedTuple):
    """A line that lists nothing."""

    line: int
    reason: Reason
    text: str
    """The line, cut to 200 characters."""

    @classmethod
    def of(cls, line: int, reason: Reason, text: str) -> "Reject":
        """The reject, its text cut."""
        return cls(line, reason, text[:_TEXT_MAX])


class Refused(ValueError):  # noqa: N818 - the reader of lines makes a Reject of it
    """A line that lists nothing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def listed_name(text: str) -> str:
    """A name as lists have it; Refused if it is none."""
    try:
        return domain(text, exact=True)
    except Rejected as rejected:
        raise Refused(Reason(rejected.reason)) from None


def wildcard(text: str) -> tuple[str, bool, bool]:
    """(name, itself, below) of `name`, `*.name` (below alone) and `.name` (both)."""
    if text.startswith("*."):
        return text[2:], False, True
    if text.startswith("."):
        return text[1:], True, True
    return text, True, False
