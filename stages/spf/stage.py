"""The SPF stage: a name, or its TXT answer in hand, becomes a row of spf.

Nothing is followed here: the row's includes, a_names and mx_names are keys of other rows, and
the frontier asks for those that have none. A redirect counts as an include whether or not an
all mechanism in the record keeps it from ever being used.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from schemas.query import Text
from schemas.spf import Spf, SpfError, SpfFault, TermKind
from stages.dns.answer import Answer, Question, Resolver, RRType
from stages.spf.macro import MacroString
from stages.spf.record import ParsedTerm, Record, is_spf, parse
from stages.stage import Emit

_COLUMN = {
    (TermKind.MECHANISM, "include"): "includes",
    (TermKind.MODIFIER, "redirect"): "includes",
    (TermKind.MECHANISM, "a"): "a_names",
    (TermKind.MECHANISM, "mx"): "mx_names",
}
"""By kind and name of a term: the column that its name goes to."""

_parse = lru_cache(maxsize=4096)(parse)
"""A provider's customers publish the same record by the thousand."""


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
    records = sorted(raw for raw in answer.raw() if is_spf(raw))
    texts = tuple(Text.of(raw) for raw in records)
    record = _read(records)
    return Spf(
        name=name,
        asked=answer.asked,
        record=texts[0].text if len(texts) == 1 else None,
        records=texts,
        terms=tuple(parsed.term for parsed in record.terms),
        faults=record.faults,
        query=answer.query,
        **_references(record.terms, name),
    )


def _read(records: Sequence[bytes]) -> Record:
    if not records:
        return Record((), ())
    if len(records) > 1:
        return Record((), (SpfFault(SpfError.MULTIPLE_RECORDS, "", -1),))
    return _parse(records[0])


def _references(terms: Iterable[ParsedTerm], current: str) -> dict[str, tuple[str, ...]]:
    """Names that terms point to, by column: distinct, in the order of the record."""
    names: dict[str, dict[str, None]] = {"includes": {}, "a_names": {}, "mx_names": {}}
    for parsed in terms:
        column = _COLUMN.get((parsed.term.kind, parsed.term.name))
        name = _name(parsed.target, current) if column else None
        if column and name is not None:
            names[column][name] = None
    return {column: tuple(found) for column, found in names.items()}


def _name(target: MacroString | None, current: str) -> str | None:
    """The key that a term points to; None where the message decides."""
    if target is None:
        return current
    name = target.static
    if name is None or " " in name:  # which only %_ brings in: no key has a blank
        return None
    return name.lower().removesuffix(".")
