"""Blacklists as users have them: lines in, entries and rejects out, whatever the bytes.

`form_of` tells how a list is written by its first lines; `parse` reads it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import ip_interface

from stages.labels.columns import Columns, separator_of
from stages.labels.entry import LINE_MAX, Entry, Form, Reason, Refused, Reject
from stages.labels.line import dnset, hosts, plain
from stages.labels.rpz import Zone

SAMPLE = 200
"""Lines that `form_of` wants to see."""

_BOM = b"\xef\xbb\xbf"
_RPZ = re.compile(r"^(?:\$ORIGIN\b|\S*\s+(?:\S+\s+){0,2}(?:SOA|CNAME|NS)\s)", re.IGNORECASE)
_DNSET = re.compile(
    r"^(?:[#;:]?\$(?:SOA|NS|TIMESTAMP|MAXRANGE4|[0-9=])\b|[#;:]?\$= |!|:[0-9]|\S+\s+:[0-9])",
    re.IGNORECASE,
)

Reader = Callable[[int, str], Iterator[Entry]]


def form_of(lines: Sequence[bytes]) -> Form:
    """How a list is written, by the first of its lines that can be of one form only."""
    for line in lines:
        text = line.removeprefix(_BOM).decode(errors="replace").rstrip()
        if found := _form(text):
            return found
    return Form.PLAIN


def _form(text: str) -> Form | None:
    if _DNSET.match(text):
        return Form.DNSET
    if text.startswith(("#", ";", "//")):
        return None
    if _RPZ.match(text):
        return Form.RPZ
    words = text.split()
    if len(words) > 1 and _is_address(words[0]):
        return Form.HOSTS
    bare = text.partition("#")[0].strip()
    return Form.CSV if separator_of(bare) not in (None, ";") or _halves(bare) else None


def _halves(text: str) -> bool:
    """Whether a semicolon parts cells rather than begins a comment."""
    before, _, after = text.partition(";")
    return bool(before.strip() and after.strip()) and not after.startswith((" ", ";"))


def parse(lines: Iterable[bytes], form: Form) -> Iterator[Entry | Reject]:
    """What the lines say, in their order."""
    read = _reader(form)
    for number, line in enumerate(lines, start=1):
        raw = line.removeprefix(_BOM) if number == 1 else line
        try:
            yield from read(number, _text(raw))
        except Refused as refused:
            text = raw.decode(errors="backslashreplace").strip()
            yield Reject.of(number, refused.reason, text)


def _reader(form: Form) -> Reader:
    match form:
        case Form.PLAIN:
            return plain
        case Form.HOSTS:
            return hosts
        case Form.DNSET:
            return dnset
        case Form.RPZ:
            return Zone().read
        case Form.CSV:
            return Columns().read


def _text(line: bytes) -> str:
    if len(line) > LINE_MAX:
        raise Refused(Reason.TOO_LONG)
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Refused(Reason.NOT_UTF8) from None


def _is_address(text: str) -> bool:
    try:
        ip_interface(text.partition("%")[0])
    except ValueError:
        return False
    return True
