"""All that differs between two runs, and where domains went.

Each kind needs tables of both runs; it is left out where one lacks them.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from schemas.aggregates import Unknown
from schemas.changes import MOVEMENTS, Kind
from stages.inference.changes import operators, policies, spf, sts
from stages.inference.changes.certificates import certificates
from stages.inference.changes.sides import Census, Runs, shaped


class Comparison(NamedTuple):
    """How some kinds of changes are found."""

    title: str
    find: Callable[[Runs], ir.Table]
    needs: tuple[str, ...]
    """Tables that both runs must have; ``table.column`` where older runs lack the column."""


_TOLD = ("mailbox_evidence", "domains", "spf")
COMPARISONS = (
    Comparison("operators", operators.operators, operators.SEEDS),
    Comparison("SPF verdicts", spf.verdicts, ("spf_trust",)),
    Comparison("SPF space", spf.spaces, ("spf_trust",)),
    Comparison("SPF includes", spf.includes, ("spf_trust", "spf_links", "spf_includes")),
    Comparison("certificates", certificates, ("mx_providers", "hosts", "smtp", "certificates")),
    Comparison("DMARC", policies.dmarc, ("mail_policies",)),
    Comparison("MTA-STS, TLSRPT, BIMI", policies.states, ("mail_policies",)),
    Comparison("MTA-STS policies", sts.policies, ("mail_policies",)),
    Comparison("MTA-STS lists", sts.matches, ("mail_policies",)),
    Comparison("MTA-STS certificates", sts.certificates, ("mail_policies.sts_tls",)),
    Comparison("DANE", policies.dane, ("mail_policies",)),
    Comparison("DANE by DNSSEC", policies.dnssec, ("mail_policies",)),
)

NEEDED = tuple(
    dict.fromkeys(
        [need.partition(".")[0] for comparison in COMPARISONS for need in comparison.needs]
        + [*_TOLD]
    )
)
"""Tables that are of use, those included that only add evidence."""


def changes(runs: Runs) -> Iterator[tuple[str, ir.Table]]:
    """Title and rows of `changes`, of each comparison that both runs have the tables for."""
    for comparison in COMPARISONS:
        if not any(_lacking(comparison, runs)):
            yield comparison.title, comparison.find(runs)


def left_out(runs: Runs) -> Iterator[str]:
    """A line for each comparison that a run lacks tables for."""
    for comparison in COMPARISONS:
        then, now = _lacking(comparison, runs)
        for which, names in (("earlier", then), ("later", now)):
            if names:
                yield f"{comparison.title}: left out, the {which} run lacks {', '.join(names)}"


def movements(changes: ir.Table) -> ir.Table:
    """The columns of ``movements``."""
    rows = changes.filter(changes.kind == Kind.OPERATOR)
    rows = rows.mutate(
        provider_then=_provider(rows.domain, rows.then["value"]),
        provider_now=_provider(rows.domain, rows.now["value"]),
    )
    counts = rows.group_by("earlier", "provider_then", "provider_now").agg(
        domains=rows.count(), doubtful=rows.doubt.count()
    )
    return shaped(counts, MOVEMENTS)


def _provider(domain: ir.StringValue, value: ir.StringValue) -> ir.StringValue:
    named = value.fill_null(str(Unknown.NONE))
    return ibis.cases((value == domain, str(Unknown.SELF)), else_=named)


def _lacking(comparison: Comparison, runs: Runs) -> tuple[list[str], list[str]]:
    then, now = (
        [need for need in comparison.needs if not _has(census, need)]
        for census in (runs.then, runs.now)
    )
    return then, now


def _has(census: Census, need: str) -> bool:
    table, _, column = need.partition(".")
    return table in census and column in ("", *census[table].columns)
