"""What a seed list gives: seeds and, for what is none, rejects with a reason."""

import enum
from typing import NamedTuple

_TEXT_MAX = 200


class SeedError(ValueError):
    """A list that cannot be used at all; the message is one line for the user."""


class Reason(enum.StrEnum):
    """Why an entry of a list is no seed."""

    NOT_UTF8 = "not_utf8"
    NOT_A_NAME = "not_a_name"  # not a host name (RFC 1123 section 2.1, underscore allowed)
    ADDRESS = "address"  # an IP address or network
    BARE_LABEL = "bare_label"  # a name without a dot
    PUBLIC_SUFFIX = "public_suffix"  # nothing to fold to: others register below it
    UNKNOWN_SUFFIX = "unknown_suffix"  # nothing to fold to: no such TLD on the list of suffixes
    TOO_LONG = "too_long"  # a label of over 63 or a name of over 253 characters
    BAD_IDNA = "bad_idna"  # no A-labels can be made of it (UTS 46, RFC 5891)
    BAD_RANK = "bad_rank"  # the rank is no positive whole number


class Rejected(ValueError):  # noqa: N818 - the caller makes a Reject of it
    """An entry that is no seed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Entry(NamedTuple):
    """One entry as a list has it."""

    line: int
    """Line, or row of a Parquet file, from 1."""
    text: str
    """The line, for the reject file."""
    name: str
    rank: int | None


class Seed(NamedTuple):
    """A domain that a list names."""

    domain: str
    """Lower-case A-labels without final dot."""
    list: str
    """Name of the list: its file name without endings."""
    rank: int | None


class Reject(NamedTuple):
    """An entry that is no domain; a row of the reject file."""

    list: str
    line: int
    reason: Reason
    text: str
    """The line, cut to 200 characters; bytes that are no UTF-8 are written \\xNN."""

    @classmethod
    def of(cls, list_name: str, line: int, reason: Reason, text: str) -> "Reject":
        """The reject, its text cut."""
        return cls(list_name, line, reason, text[:_TEXT_MAX])
