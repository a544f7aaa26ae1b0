"""SPF records (RFC 7208 sections 4.5, 4.6, 5, 6 and 12): bytes in, terms and faults out.

Nothing is looked up. Reading goes on after a fault, so that every faulty term of a record is
named; each is named once, by the first thing wrong with it. Any bytes give a value.
"""

import re
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
        text = word.decode(errors="backslashreplace")
        try:
            terms.append(_term(word, text, position))
        except TermError as fault:
            faults.append(SpfFault(fault.error, text, position))
        name = text.partition("=")[0].lower()
        if name in _ONCE and "=" in text:
            if name in seen:
                faults.append(SpfFault(_ONCE[name], text, position))
            seen.add(name)
    return Record(tuple(terms), tuple(faults))


def _term(word: bytes, text: str, position: int) -> ParsedTerm:
    if not word.isascii():
        raise TermError(SpfError.NOT_ASCII)
    if not text.isprintable():
        raise TermError(SpfError.BAD_TERM)  # spaces alone part terms: no tab, no line end
    if modifier := _MODIFIER.match(text):
        return _modifier(modifier[1].lower(), modifier[2], text, position)
    return _directive(text, position)


def _directive(text: str, position: int) -> ParsedTerm:
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
    return ParsedTerm(term, position, target, network)


def _modifier(name: str, value: str, text: str, position: int) -> ParsedTerm:
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
    return ParsedTerm(term, position, target)
