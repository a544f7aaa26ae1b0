"""The SPF stage: a name, or its TXT answer in hand, becomes a row of spf.

Nothing is followed here: the row's includes, a_names and mx_names are keys of other rows, and
the frontier asks for those that have none. A redirect counts as an include whether or not an
all mechanism in the record keeps it from ever being used.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from schemas.query import Text
from schemas.spf import Spf, SpfError, SpfFault, Term, TermKind
from stages.dns.absence import registered_above
from stages.dns.answer import Answer, Question, Resolver, RRType
from stages.spf.macro import MacroString
from stages.spf.record import is_spf, parse
from stages.stage import Emit

_COLUMN = {
    (TermKind.MECHANISM, "include"): "includes",
    (TermKind.MODIFIER, "redirect"): "includes",
    (TermKind.MECHANISM, "a"): "a_names",
    (TermKind.MECHANISM, "exists"): "a_names",
    (TermKind.MECHANISM, "mx"): "mx_names",
}
"""By kind and name of a term: the column that its name goes to."""


class _Reading(NamedTuple):
    """What a record says, whoever publishes it."""

    terms: tuple[Term, ...]
    faults: tuple[SpfFault, ...]
    includes: tuple[str, ...] = ()
    a_names: tuple[str, ...] = ()
    mx_names: tuple[str, ...] = ()


class SpfStage:
    """Asks for a name's TXT where it is not in hand."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def __call__(self, item: str | Answer, /) -> Emit:
        """The row of one name."""
        if isinstance(item, str):
            (answer,) = await self._resolver.ask([Question(item, RRType.TXT)])
        else:
            answer = item
        return Emit(rows=(spf_row(answer),))


def spf_row(answer: Answer) -> Spf:
    """What a TXT answer says of SPF. The name asked owns it, even where it is an alias."""
    name = answer.question.name
    records = sorted(filter(is_spf, answer.raw()))
    texts = tuple(map(Text.of, records))
    terms, faults, includes, a_names, mx_names = _read(records)
    return Spf(
        name,
        answer.asked,
        texts[0].text if len(texts) == 1 else None,
        texts,
        terms,
        faults,
        _named(includes, name),
        _named(a_names, name),
        _named(mx_names, name),
        answer.query,
        registered_above(answer),
    )


def _read(records: Sequence[bytes]) -> _Reading:
    if not records:
        return _Reading((), ())
    if len(records) > 1:
        return _Reading((), (SpfFault(SpfError.MULTIPLE_RECORDS, "", -1),))
    return _read_one(records[0])


@lru_cache(maxsize=2048)  # a provider's customers publish the same record by the thousand
def _read_one(raw: bytes) -> _Reading:
    parsed, faults = parse(raw)
    names: dict[str, dict[str, None]] = {"includes": {}, "a_names": {}, "mx_names": {}}
    for each in parsed:
        column = _COLUMN.get((each.term.kind, each.term.name))
        name = _name(each.target) if column else None
        if column and name is not None:
            names[column][name] = None
    return _Reading(tuple(each.term for each in parsed), faults, *map(tuple, names.values()))


def _name(target: MacroString | None) -> str | None:
    """The key that a term points to, empty for the record's own name; None: the message decides."""
    if target is None:
        return ""
    name = target.static
    if name is None or " " in name:  # which only %_ brings in: no key has a blank
        return None
    return name.lower().removesuffix(".")


def _named(names: tuple[str, ...], own: str) -> tuple[str, ...]:
    """The names, distinct, in the order of the record, the record's own name filled in."""
    return tuple(dict.fromkeys(name or own for name in names)) if "" in names else names
