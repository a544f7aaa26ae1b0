"""SPF records (RFC 7208 sections 4.5, 4.6, 5, 6 and 12): bytes in, terms and faults out.

Nothing is looked up. Reading goes on after a fault, so that every faulty term of a record is
named; each is named once, by the first thing wrong with it. Any bytes give a value.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

from schemas.spf import SpfError, SpfFault, Term, TermKind
from stages.spf.argument import MECHANISMS, TermError, domain_spec, macro_string
from stages.spf.macro import MacroString

VERSION = b"v=spf1"

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)\Z", re.DOTALL)
_DIRECTIVE = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9_.-]*)([:/].*)?\Z", re.DOTALL)

_ONCE = {"redirect": SpfError.DUPLICATE_REDIRECT, "exp": SpfError.DUPLICATE_EXP}


class ParsedTerm(NamedTuple):
    """A term, and what its text was read into."""

    term: Term
    position: int
    """Index among all terms of the record, from 0."""
    target: MacroString | None = None
    """Its domain-spec; for an unknown modifier its whole value."""
    network: IPv4Network | IPv6Network | None = None
    """ip4 and ip6; host bits cleared."""


class Record(NamedTuple):
    """An SPF record; with a fault it is a permerror as a whole (section 4.6)."""

    terms: tuple[ParsedTerm, ...]
    faults: tuple[SpfFault, ...]


def is_spf(raw: bytes) -> bool:
    """Whether a TXT record is an SPF record, by its version section (section 4.5)."""
    return raw[: len(VERSION) + 1].lower() in (VERSION, VERSION + b" ")


def parse(raw: bytes) -> Record:
    """The terms and faults of a TXT record for which `is_spf` holds."""
    terms: list[ParsedTerm] = []
    faults: list[SpfFault] = []
    seen: set[str] = set()
    words = [word for word in raw[len(VERSION) :].split(b" ") if word]
    for position, word in enumerate(words):
        text, once, error, read = _word(word)
        if error is not None:
            faults.append(SpfFault(error, text, position))
        if read is not None:
            term, target, network = read
            terms.append(ParsedTerm(term, position, target, network))
        if once is not None:
            if once in seen:
                faults.append(SpfFault(_ONCE[once], text, position))
            seen.add(once)
    return Record(tuple(terms), tuple(faults))


class _Read(NamedTuple):
    """What a `ParsedTerm` holds besides its place."""

    term: Term
    target: MacroString | None
    network: IPv4Network | IPv6Network | None = None


class _Word(NamedTuple):
    """What stands between two spaces: a term, or what is wrong with it."""

    text: str
    once: str | None
    """Its name, if it is that of a modifier that may appear once."""
    error: SpfError | None
    read: _Read | None


@lru_cache(maxsize=4096)  # most records are put together of the same few terms
def _word(word: bytes) -> _Word:
    text = word.decode(errors="backslashreplace")
    name, equals, _ = text.partition("=")
    once = name.lower() if equals and name.lower() in _ONCE else None
    try:
        return _Word(text, once, None, _term(word, text))
    except TermError as fault:
        return _Word(text, once, fault.error, None)


def _term(word: bytes, text: str) -> _Read:
    if not word.isascii():
        raise TermError(SpfError.NOT_ASCII)
    if not text.isprintable():
        raise TermError(SpfError.BAD_TERM)  # spaces alone part terms: no tab, no line end
    if modifier := _MODIFIER.match(text):
        return _modifier(modifier[1].lower(), modifier[2], text)
    return _directive(text)


def _directive(text: str) -> _Read:
    directive = _DIRECTIVE.match(text)
    if directive is None:
        raise TermError(SpfError.BAD_TERM)
    qualifier, name, argument = directive[1] or "+", directive[2].lower(), directive[3] or ""
    read = MECHANISMS.get(name)
    if read is None:
        raise TermError(SpfError.UNKNOWN_MECHANISM)
    target, network, prefix4, prefix6 = read(argument)
    term = Term(
        kind=TermKind.MECHANISM,
        name=name,
        qualifier=qualifier,
        domain_spec=None if target is None else target.text,
        macro=target is not None and bool(target.macros),
        network=None if network is None else str(network),
        prefix4=prefix4,
        prefix6=prefix6,
        text=text,
    )
    return _Read(term, target, network)


def _modifier(name: str, value: str, text: str) -> _Read:
    """A domain-spec for redirect and exp; for any other name a mere macro-string."""
    known = name in _ONCE
    target = domain_spec(value) if known else macro_string(value)
    term = Term(
        kind=TermKind.MODIFIER,
        name=name,
        qualifier=None,
        domain_spec=value if known else None,
        macro=known and bool(target.macros),
        network=None,
        prefix4=None,
        prefix6=None,
        text=text,
    )
    return _Read(term, target)
