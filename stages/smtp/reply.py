r"""SMTP replies (RFC 5321 section 4.2), sans-IO.

    reader = ReplyReader()
    reader.feed(b"220-mx.example.net\r\n220 ")   # None: more is needed
    reader.feed(b"at your service\r\n")          # Reply(code=220, …)

Any bytes give a reply, ``None`` (more is needed) or :class:`ReplyError`, and that as early as it
is certain. More tolerant than the RFC: a bare LF ends a line, blank lines may come first, lines of
one reply may differ in code (the last counts), the blank after the code may lack.
"""

import enum
from functools import lru_cache
from typing import NamedTuple

MAX_LINE = 8 * 1024
"""Bytes of a line, its end included; the RFC's own limit is 512."""
MAX_REPLY = 32 * 1024
"""Bytes of a reply."""
MAX_LINES = 128
"""Lines of a reply."""

_DONE, _NOT_NOW, _NEVER = 2, 4, 5
"""First digits of a code (RFC 5321 section 4.2.1)."""


class Fault(enum.StrEnum):
    """Why bytes are no reply."""

    NO_CODE = "no reply code at the start of a line"
    LONG_LINE = "line too long"
    LONG_REPLY = "reply too long"
    MANY_LINES = "too many lines"


class ReplyError(Exception):
    """What came is no reply and cannot become one."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Reply(NamedTuple):
    """A whole reply."""

    code: int
    """Of the last line, 100 to 599."""
    lines: tuple[bytes, ...]
    """What follows the code and its separator in each line, without line end."""

    @property
    def positive(self) -> bool:
        """Whether the server did what it was asked (2yz)."""
        return self.code // 100 == _DONE

    @property
    def negative(self) -> bool:
        """Whether the server would not, now (4yz) or ever (5yz)."""
        return self.code // 100 in (_NOT_NOW, _NEVER)

    @property
    def permanent(self) -> bool:
        """Whether the server will never do it (5yz)."""
        return self.code // 100 == _NEVER

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines as text."""
        return tuple(text_of(line) for line in self.lines)


class ReplyReader:
    """Reads one reply from the pieces it comes in; what follows the reply is left in ``rest``."""

    def __init__(self) -> None:
        self.rest = bytearray()
        self._size = 0
        self._lines: list[bytes] = []
        self._count = 0

    def feed(self, data: bytes) -> Reply | None:
        """The reply if these bytes complete it; raises :class:`ReplyError`."""
        self.rest += data
        while (end := self.rest.find(b"\n", 0, MAX_LINE)) >= 0:
            line = bytes(self.rest[:end]).rstrip(b"\r")
            del self.rest[: end + 1]
            self._account(end + 1)
            reply = self._take(line)
            if reply is not None:
                return reply
        self._check_partial_line()
        return None

    def _account(self, size: int) -> None:
        self._size += size
        self._count += 1
        if self._size > MAX_REPLY:
            raise ReplyError(Fault.LONG_REPLY)
        if self._count > MAX_LINES:
            raise ReplyError(Fault.MANY_LINES)

    def _take(self, line: bytes) -> Reply | None:
        if not line and not self._lines:
            return None
        code, separator = line[:3], line[3:4]
        if not _is_code(code) or separator.isdigit():
            raise ReplyError(Fault.NO_CODE)
        self._lines.append(line[4:] if separator in (b" ", b"-", b"\t") else line[3:])
        return None if separator == b"-" else Reply(int(code), tuple(self._lines))

    def _check_partial_line(self) -> None:
        if len(self.rest) >= MAX_LINE:
            raise ReplyError(Fault.LONG_LINE)
        head = bytes(self.rest[:3]).rstrip(b"\r")
        if head and not _is_code(head.ljust(3, b"0")):
            raise ReplyError(Fault.NO_CODE)


@lru_cache(maxsize=256)
def read(raw: bytes) -> tuple[Reply | None, bytes]:
    """The reply that bytes begin with, None if it is cut off, and what follows it.

    Cached, because script, judgement and record each look at the same bytes for themselves.
    """
    reader = ReplyReader()
    reply = reader.feed(raw)
    return reply, bytes(reader.rest) if reply is not None else b""


def text_of(raw: bytes) -> str:
    r"""Bytes as text with ``\n`` as line end, none at the end; what is not UTF-8 as ``\xNN``."""
    return raw.decode(errors="backslashreplace").replace("\r\n", "\n").rstrip("\r\n")


def _is_code(digits: bytes) -> bool:
    return digits.isdigit() and b"1" <= digits[:1] <= b"5"
