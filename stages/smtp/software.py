"""Which mail software a server names in its banner or its EHLO reply, and its version.

Pure, over :class:`stages.smtp.reply.Reply`; the rules are data, software.toml. In this order:

1. the first line that names a product: of the banner, then the first of the EHLO reply;
2. an EHLO keyword that one product alone lists;
3. the host that greets, if it is of a service all of whose servers run the same.

A server that does none of this gets no software: its manners (which extensions, in which order)
are not judged. Nothing keeps a server from lying; a record says what was said.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from stages.smtp.reply import Reply

_TELLING = 512
"""Characters of a line that are looked at: the length RFC 5321 allows (section 4.5.3.1.5)."""
_WRAPPING = "<>[]().,;:-"


class Software(NamedTuple):
    """An MTA and its version where stated."""

    name: str
    version: str | None


class Rule(BaseModel):
    """What gives a product away; software.toml explains the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    name: Annotated[str, Field(min_length=1)]
    literals: tuple[Annotated[str, Field(pattern=r"^[^A-Z]+$")], ...] = ()
    then: str = "%next%"
    keywords: tuple[Annotated[str, Field(pattern=r"^[A-Z0-9_-]+$")], ...] = ()
    hosts: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")], ...] = ()
    example: str | None = None


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    software: tuple[Rule, ...]
    fragments: Mapping[str, str]


@dataclass(frozen=True)
class Catalogue:
    """Rules made ready to be applied."""

    rules: tuple[Rule, ...]
    lines: tuple[tuple[str, str, re.Pattern[str]], ...]
    """Name, literal, pattern: by what a line says."""
    keywords: Mapping[str, str]
    """Name by EHLO keyword."""
    hosts: Mapping[str, str]
    """Name by the domain of the host that greets."""


@cache
def catalogue() -> Catalogue:
    """The rules of software.toml."""
    text = files(__package__).joinpath("software.toml").read_text("utf-8")
    rules = _Rules.model_validate(tomllib.loads(text))
    return Catalogue(
        rules.software,
        tuple(
            (rule.name, literal, _pattern(literal, rule.then, rules.fragments))
            for rule in rules.software
            for literal in rule.literals
        ),
        {keyword: rule.name for rule in rules.software for keyword in rule.keywords},
        {host: rule.name for rule in rules.software for host in rule.hosts},
    )


def _pattern(literal: str, then: str, fragments: Mapping[str, str]) -> re.Pattern[str]:
    """The literal standing alone, and what follows: "postfix.example.net" may run anything."""
    for name, fragment in fragments.items():
        then = then.replace(f"%{name}%", fragment)
    end = r"(?!\w|[.-]\w)" if literal[-1].isalnum() else ""
    return re.compile(rf"(?<![\w.@-]){re.escape(literal)}{end}{then}", re.IGNORECASE)


def software(banner: Reply | None, ehlo: Reply | None) -> Software | None:
    """What the server names, by the order above."""
    lines = (banner.texts if banner else ()) + (ehlo.texts[:1] if ehlo else ())
    found = (software_of(line) for line in lines)
    return next(filter(None, found), None) or _by_keyword(ehlo) or _by_host(banner)


def software_of(line: str) -> Software | None:
    """What one line, without its code, names; the first rule that fits counts."""
    line = line[:_TELLING]
    folded = line.lower()
    for name, literal, pattern in catalogue().lines:
        if literal in folded and (match := pattern.search(line)):
            version = match.groupdict().get("version")
            return Software(name, version.rstrip(".-") if version else None)
    return None


def _by_keyword(ehlo: Reply | None) -> Software | None:
    known = catalogue().keywords
    verbs = (line.split()[:1] for line in (ehlo.texts[1:] if ehlo else ()))
    names = (known.get(verb[0].upper()) for verb in verbs if verb)
    return _software(names)


def _by_host(banner: Reply | None) -> Software | None:
    words = banner.texts[0][:_TELLING].split(maxsplit=1) if banner and banner.positive else ()
    labels = words[0].lower().strip(_WRAPPING).split(".") if words else []
    return _software(catalogue().hosts.get(".".join(labels[n:])) for n in range(len(labels)))


def _software(names: Iterable[str | None]) -> Software | None:
    name = next(filter(None, names), None)
    return Software(name, None) if name else None
