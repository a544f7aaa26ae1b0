"""Macro-strings (RFC 7208 section 7): text in, parts out.

A macro-string is read once, into parts that can be looked at (what does it depend on?) and
expanded later without being parsed again. Text that fits no grammar raises `MacroError`.
"""

import enum
import re
from typing import NamedTuple

EXPLANATION_LETTERS = frozenset("crt")
"""Letters allowed only in the text that exp points to (section 7.2)."""

_PART = re.compile(
    r"%\{(?P<letter>[slodiphcrtv])(?P<digits>[0-9]*)(?P<reverse>r?)(?P<delimiters>[.\-+,/_=]*)\}"
    r"|%(?P<escape>[%_-])"
    r"|(?P<literal>[!-$&-~]+)",
    re.IGNORECASE | re.ASCII,
)
_TOPLABEL_END = re.compile(r"\.(?![0-9]+\.?\Z)[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?\.?\Z")


class MacroError(ValueError):
    """No macro-string; the message says where it goes wrong."""


class Macro(NamedTuple):
    """``%{…}``: a value of the message or the current domain, and how to cut it."""

    letter: str
    """Lower-case; what it stands for, section 7.2."""
    digits: int | None
    """How many right-hand parts to use; None for all."""
    reverse: bool
    delimiters: str
    """Characters to split at; "." unless given."""
    escape: bool
    """Whether the value is URL-escaped: the letter was upper-case."""


class Escape(enum.Enum):
    """``%%``, ``%_`` and ``%-``; the value is what each stands for."""

    PERCENT = "%"
    SPACE = " "
    URL_SPACE = "%20"


_ESCAPES = {"%": Escape.PERCENT, "_": Escape.SPACE, "-": Escape.URL_SPACE}

Part = str | Escape | Macro


class MacroString(NamedTuple):
    """A macro-string and its parts, in order; no two literals (str) stand side by side."""

    text: str
    parts: tuple[Part, ...]

    @property
    def macros(self) -> tuple[Macro, ...]:
        """The parts whose value depends on the message or the current domain."""
        return tuple(part for part in self.parts if isinstance(part, Macro))

    @property
    def static(self) -> str | None:
        """What it expands to for every message; None if it has a macro."""
        values = []
        for part in self.parts:
            if isinstance(part, Macro):
                return None
            values.append(part.value if isinstance(part, Escape) else part)
        return "".join(values)

    @property
    def is_domain_spec(self) -> bool:
        """Whether it ends as a domain-spec must: in a macro, or in a dot and a toplabel."""
        if not self.parts:
            return False
        last = self.parts[-1]
        return not isinstance(last, str) or _TOPLABEL_END.search(last) is not None


def parse(text: str) -> MacroString:
    """The macro-string that the text is; raises MacroError."""
    parts: list[Part] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise MacroError(f"no macro-string from character {position} on")
        parts.append(_part(match))
        position = match.end()
    return MacroString(text, tuple(parts))


def _part(match: re.Match[str]) -> Part:
    if (literal := match["literal"]) is not None:
        return literal
    if (escape := match["escape"]) is not None:
        return _ESCAPES[escape]
    digits, letter = match["digits"].lstrip("0"), match["letter"]
    if match["digits"] and not digits:
        raise MacroError("a macro must not ask for zero parts")  # section 7.3
    return Macro(
        letter=letter.lower(),
        digits=int(digits[:4]) if digits else None,  # no name has more than 127 parts
        reverse=bool(match["reverse"]),
        delimiters=match["delimiters"] or ".",
        escape=letter.isupper(),
    )
