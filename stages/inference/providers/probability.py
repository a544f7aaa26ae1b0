"""Who most probably runs an exchange, and how probable that is.

A label by priority (IMC'21) is never overwritten: ``provider_id`` stays. Where a rule casts doubt
and hints at somebody, the hint is the other candidate; ``operator_id`` is the likelier of the two.
Its probability is its odds over those of both and of neither. Odds are the exponential of a sum
of weights, each times what its term finds in a row: data, fitted by ``scripts.calibrate`` on
worlds of 3,000 domains with seeds 1 to 4, rounded, tested on other seeds. A world is made up:
nothing is claimed of the Internet.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from schemas.mx_providers import Source
from stages.inference.providers.rules import RULES


class Term(NamedTuple):
    """Something that makes a candidate likelier, or less so."""

    id: str
    weight: float
    """Logarithm of odds, for each unit of the value."""
    value: Callable[[ir.Table], ir.Value]
    """Number or truth, of rows with the columns of ``mx_providers``; null is 0."""


def _agreeing(row: ir.Table) -> ir.IntegerValue:
    """How many of the sources give the id that won."""
    votes = [(column == row.provider_id) for column in (row.tls_id, row.banner_id, row.mx_id)]
    first, *others = [vote.fill_null(False).cast("int8") for vote in votes]  # noqa: FBT003
    return sum(others, first)


def _source(source: Source) -> Callable[[ir.Table], ir.Value]:
    return lambda row: row.source == source


def _flag(rule: str) -> Callable[[ir.Table], ir.Value]:
    return lambda row: row.flags.contains(rule)


FOR_LABEL = (
    Term("tls", -1.8, _source(Source.TLS)),
    Term("banner", -0.5, _source(Source.BANNER)),
    Term("mx", 0.5, _source(Source.MX)),
    Term("confidence", 1.0, lambda row: (row.confidence + 1).ln()),
    Term("agreeing", 2.7, _agreeing),
    Term("company", -0.5, lambda row: row.company.notnull()),
)
"""What speaks for the id that won by priority."""

_HINTS = {
    "foreign_as": 5.0,
    "mail_network": 6.0,
    "vps_banner": 1.4,
    "vps_certificate": 0.6,
    "rented_machine": 6.6,
    "lone_certificate": 4.5,
}
FOR_HINT = tuple(Term(rule.id, _HINTS[rule.id], _flag(rule.id)) for rule in RULES)
"""What speaks for the hint: the rules that hold."""


def odds(row: ir.Table, terms: Iterable[Term]) -> ir.FloatingValue:
    """Against a candidate that is neither."""
    none = ibis.literal(0.0)
    return sum((number(term, row) * term.weight for term in terms), none).exp()


def number(term: Term, row: ir.Table) -> ir.FloatingValue:
    """The value of a term as a number."""
    return term.value(row).cast("float64").fill_null(0.0)


def with_operators(rows: ir.Table) -> ir.Table:
    """``rows``, which have the columns of ``mx_providers``, with operator_id and probability.

    Both are null where there is no id.
    """
    label = rows.provider_id.notnull().ifelse(odds(rows, FOR_LABEL), 0.0)
    hint = rows.hint_id.notnull().ifelse(odds(rows, FOR_HINT), 0.0)
    rows = rows.mutate(label_odds=label, hint_odds=hint)
    likelier = (rows.hint_odds > rows.label_odds).ifelse(rows.hint_id, rows.provider_id)
    best = ibis.greatest(rows.hint_odds, rows.label_odds)
    probability = best / (rows.hint_odds + rows.label_odds + 1.0)
    rows = rows.mutate(
        operator_id=likelier,
        probability=rows.provider_id.notnull().ifelse(probability, ibis.null("float64")),
    )
    return rows.drop("label_odds", "hint_odds")
