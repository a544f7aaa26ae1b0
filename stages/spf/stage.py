"""The SPF stage: a name, or its TXT answer in hand, becomes a row of spf.

Nothing is followed here: the row's includes, a_names and mx_names are keys of other rows, and
the frontier asks for those that have none. A redirect counts as an include whether or not an
all mechanism in the record keeps it from ever being used.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from schemas.query import Text
from schemas.spf import Spf, SpfError, SpfFault, TermKind
from stages.dns.answer import Answer, Question, Resolver, RRType
from stages.spf.macro import MacroString
from stages.spf.record import ParsedTerm, Record, is_spf, parse
from stages.stage import Emit

_INCLUDES = frozenset({(TermKind.MECHANISM, "include"), (TermKind.MODIFIER, "redirect")})
_A = frozenset({(TermKind.MECHANISM, "a")})
_MX = frozenset({(TermKind.MECHANISM, "mx")})


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
        includes=_names(record.terms, _INCLUDES, name),
        a_names=_names(record.terms, _A, name),
        mx_names=_names(record.terms, _MX, name),
        query=answer.query,
    )


def _read(records: Sequence[bytes]) -> Record:
    if not records:
        return Record((), ())
    if len(records) > 1:
        return Record((), (SpfFault(SpfError.MULTIPLE_RECORDS, "", -1),))
    return parse(records[0])


def _names(
    terms: Iterable[ParsedTerm], kinds: AbstractSet[tuple[TermKind, str]], current: str
) -> tuple[str, ...]:
    """Names that the terms of these kinds point to, distinct, in the order of the record."""
    wanted = (parsed for parsed in terms if (parsed.term.kind, parsed.term.name) in kinds)
    names = (_name(parsed.target, current) for parsed in wanted)
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _name(target: MacroString | None, current: str) -> str | None:
    """The key that a term points to; None where the message decides."""
    if target is None:
        return current
    name = target.static
    if name is None or " " in name:  # which only %_ brings in: no key has a blank
        return None
    return name.lower().removesuffix(".")
