"""Domains whose SPF comes to something else: verdict, space that passes, includes."""

import ibis
import ibis.expr.types as ir

from schemas.aggregates import ALL_RANKS, ANY
from schemas.changes import Change, Doubt, Kind
from schemas.spf_trust import SpfClass, SpfVerdict
from stages.inference.changes.sides import Runs, changed, none, paired

_UNKNOWN = [str(SpfVerdict.TEMPERROR), str(SpfVerdict.NOT_ASKED)]
_ERRORS = [str(word) for word in SpfClass if word.severity in ("error", "temporary", "unknown")]
_ORDER = (SpfVerdict.PERMERROR, SpfVerdict.NOT_ASKED, SpfVerdict.TEMPERROR, SpfVerdict.VALID)
"""From worse to better; to have none is neither."""


def verdicts(runs: Runs) -> ir.Table:
    """Rows of `changes` of the kind spf_verdict; evidence are the errors of the closure."""
    rows = runs.pair("spf_trust", "verdict", "findings")
    rows = rows.filter(rows.then_verdict != rows.now_verdict)
    none_then = rows.then_verdict == SpfVerdict.NONE
    none_now = rows.now_verdict == SpfVerdict.NONE
    rows = rows.mutate(
        change=ibis.cases(
            (none_then, str(Change.GAINED)),
            (none_now, str(Change.LOST)),
            (_place(rows.then_verdict) < _place(rows.now_verdict), str(Change.BETTER)),
            else_=str(Change.WORSE),
        ),
        doubt=_doubt(rows),
        then_value=rows.then_verdict,
        now_value=rows.now_verdict,
        then_evidence=_errors(rows.then_findings),
        now_evidence=_errors(rows.now_findings),
    )
    return changed(rows, runs.earlier, Kind.SPF_VERDICT)


def spaces(runs: Runs) -> ir.Table:
    """Rows of `changes` of the kinds spf_ipv4 and spf_ipv6; evidence is the own record.

    Where that is the same, what it includes, or the addresses of what it names, have changed.
    """
    rows = runs.pair("spf_trust", "verdict", "ipv4", "ipv6")
    differs = (rows.then_ipv4 != rows.now_ipv4) | (rows.then_ipv6 != rows.now_ipv6)
    rows = rows.filter(differs).cache()
    records = _records(runs, rows)
    rows = rows.join(records, rows.domain == records.name, how="left").drop("name")
    kinds = []
    for kind, column in ((Kind.SPF_IPV4, "ipv4"), (Kind.SPF_IPV6, "ipv6")):
        then, now = (rows[f"{side}_{column}"].cast("decimal(38, 0)") for side in ("then", "now"))
        some = rows.mutate(
            more=now - then,
            change=ibis.cases((now > then, str(Change.WIDER)), (now < then, str(Change.NARROWER))),
            then_value=then.cast("string"),
            now_value=now.cast("string"),
            doubt=_doubt(rows),
        )
        kinds.append(changed(some, runs.earlier, kind))
    return ibis.union(*kinds)


def includes(runs: Runs) -> ir.Table:
    """Rows of `changes` of the kind spf_include; ``more`` are the addresses behind the name."""
    verdicts = runs.pair("spf_trust", "verdict")
    links = [
        census["spf_links"]
        .filter(lambda link: link.seed & link.trusted)
        .group_by(domain="name", about="target")
        .agg(qualifier=ibis._.qualifier.min())
        for census in (runs.then, runs.now)
    ]
    gained, lost = (
        ours.anti_join(others, ["domain", "about"])
        for ours, others in ((links[1], links[0]), (links[0], links[1]))
    )
    return ibis.union(
        _named(runs, gained, verdicts, "now", Change.GAINED),
        _named(runs, lost, verdicts, "then", Change.LOST),
    )


def _named(runs: Runs, links: ir.Table, verdicts: ir.Table, side: str, change: Change) -> ir.Table:
    """The rows of targets that one side's records alone name."""
    passes = _passes(runs, side)
    rows = links.inner_join(verdicts, "domain")
    rows = rows.join(passes, rows.about == passes.target, how="left")
    word = ibis.cases((rows.qualifier == "=", "redirect="), else_="include:")
    named = {
        f"{side}_value": rows.about,
        f"{side}_evidence": ibis.array([word + rows.about]),
    }
    rows = rows.mutate(
        change=ibis.literal(str(change)), doubt=_doubt(rows), more=rows.passing, **named
    )
    return changed(rows, runs.earlier, Kind.SPF_INCLUDE)


def _passes(runs: Runs, side: str) -> ir.Table:
    """target, passing: IPv4 addresses, of a side."""
    rows = (runs.now if side == "now" else runs.then)["spf_includes"]
    rows = rows.filter((rows.seed_list == ANY) & (rows.rank_cut == ALL_RANKS))
    return rows.select("target", passing=rows.ipv4.cast("decimal(38, 0)"))


def _records(runs: Runs, rows: ir.Table) -> ir.Table:
    """name, then_evidence, now_evidence: the own SPF records of these domains."""
    sides = []
    for census in (runs.then, runs.now):
        if "spf" not in census:
            sides.append(rows.select("domain", evidence=none()))
            continue
        ours = census["spf"].rename(domain="name").semi_join(rows, "domain")
        sides.append(ours.select("domain", evidence=ibis.array([ours.record]).filter(_stands)))
    return paired(*sides).rename(name="domain")


def _stands(text: ir.StringValue) -> ir.BooleanValue:
    return text.notnull()


def _place(verdict: ir.StringValue) -> ir.IntegerValue:
    return ibis.cases(*((verdict == str(word), place) for place, word in enumerate(_ORDER)))


def _errors(findings: ir.ArrayValue) -> ir.ArrayValue:
    wrong = findings.filter(lambda each: each.finding.isin(_ERRORS))
    return wrong.map(lambda each: (each.finding + " at " + each["name"] + " " + each.term).strip())


def _doubt(rows: ir.Table) -> ir.StringValue:
    failed = rows.then_verdict.isin(_UNKNOWN) | rows.now_verdict.isin(_UNKNOWN)
    return ibis.cases((failed, str(Doubt.UNMEASURED)))
