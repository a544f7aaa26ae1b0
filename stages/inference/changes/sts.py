"""Domains whose MTA-STS policy, as it was fetched, asks more or less of senders, or fits less.

What could not be fetched says nothing: senders keep to the policy that they know (RFC 8461
section 3.3), and so do we to what the other run found. A policy host that answers, and has no
policy, or that the DNS does not have, is another matter.
"""

import ibis
import ibis.expr.types as ir

from schemas.changes import Change, Doubt, Kind
from schemas.mail_policies import PolicyState, StsMatch, StsMode, StsState, StsTls
from schemas.outcomes import FetchOutcome
from schemas.policy_class import PolicyClass, PolicyKind
from stages.inference.changes.sides import SIDES, Runs, changed, graded, texts

_MODES = [str(StsMode.TESTING), str(StsMode.ENFORCE)]
"""From weaker to stronger; mode none is as if there were no policy."""
_MATCHES = [str(word) for word in (StsMatch.MISMATCHED, StsMatch.PARTLY, StsMatch.MATCHED)]
_TLS = [str(word) for word in (StsTls.REFUSED, StsTls.PARTLY, StsTls.ACCEPTED)]
_NO_RECORD = [str(PolicyState.ABSENT), str(PolicyState.VOID)]
_DEFINITE = [
    str(outcome)
    for outcome in FetchOutcome
    if outcome is FetchOutcome.NO_ADDRESS or (outcome.answers and not outcome.transient)
]
"""Ends of a fetch that leave no doubt that there is no policy to be had."""
_COLUMNS = (
    "mta_sts", "mta_sts_id", "sts_policy", "sts_mode", "sts_mx", "sts_match", "sts_unlisted",
    "findings",
)  # fmt: skip


def policies(runs: Runs) -> ir.Table:
    """Rows of `changes` of the kind sts_policy; evidence is the record's id and what is wrong."""
    rows = runs.pair("mail_policies", *_COLUMNS)
    then, now = (_asked(rows, side) for side in SIDES)
    rows = rows.mutate(
        then_value=then,
        now_value=now,
        **{f"{side}_evidence": _told(rows, side) for side in SIDES},
        change=graded(then, now, _MODES, (Change.STRONGER, Change.WEAKER)),
    )
    return changed(rows, runs.earlier, Kind.STS_POLICY)


def matches(runs: Runs) -> ir.Table:
    """Rows of the kind sts_match, of policies that stand in both runs; evidence are patterns."""
    rows = runs.pair("mail_policies", *_COLUMNS)
    rows = rows.filter([rows[f"{side}_sts_policy"] == str(StsState.VALID) for side in SIDES])
    then, now = rows.then_sts_match, rows.now_sts_match
    rows = rows.mutate(
        then_value=then,
        now_value=now,
        **{f"{side}_evidence": _lists(rows, side) for side in SIDES},
        change=graded(then, now, _MATCHES, (Change.BETTER, Change.WORSE)),
    )
    return changed(rows, runs.earlier, Kind.STS_MATCH)


def certificates(runs: Runs) -> ir.Table:
    """Rows of the kind sts_tls, of policies that stand in both runs; evidence are mail hosts.

    Doubtful unless the same hosts were seen at as many addresses.
    """
    rows = runs.pair("mail_policies", "sts_policy", "sts_tls", "sts_mail_hosts")
    rows = rows.filter([rows[f"{side}_sts_policy"] == str(StsState.VALID) for side in SIDES])
    then, now = rows.then_sts_tls, rows.now_sts_tls
    seen = [
        rows[f"{side}_sts_mail_hosts"].map(lambda each: each.host + " " + each.seen.cast("string"))
        for side in SIDES
    ]
    rows = rows.mutate(
        then_value=then,
        now_value=now,
        **{f"{side}_evidence": _shown(rows, side) for side in SIDES},
        change=graded(then, now, _TLS, (Change.BETTER, Change.WORSE)),
        doubt=ibis.cases((seen[0] != seen[1], str(Doubt.OTHER_ADDRESSES))),
    )
    return changed(rows, runs.earlier, Kind.STS_TLS)


def _shown(rows: ir.Table, side: str) -> ir.ArrayValue:
    return rows[f"{side}_sts_mail_hosts"].map(
        lambda each: (each.host + ": " + each.tls + " " + each.reasons.join(", ")).strip()
    )


def _asked(rows: ir.Table, side: str) -> ir.StringValue:
    """Mode or state; null where nothing is known of it."""
    state = rows[f"{side}_sts_policy"]
    ends = _faults(rows, side).filter(
        lambda each: (each.finding == str(PolicyClass.NO_POLICY_FILE)) & each.term.isin(_DEFINITE)
    )
    unsure = (state == str(StsState.UNAVAILABLE)) & (ends.length() == 0)
    return ibis.cases(
        (rows[f"{side}_mta_sts"].isin(_NO_RECORD), str(PolicyState.ABSENT)),
        (state == str(StsState.VALID), rows[f"{side}_sts_mode"]),
        (unsure | (state == str(StsState.NOT_FETCHED)), ibis.null("string")),
        else_=state,
    )


def _told(rows: ir.Table, side: str) -> ir.ArrayValue:
    said = _faults(rows, side).map(
        lambda each: (each.finding + " at " + each["name"] + " " + each.term).strip()
    )
    return texts("id " + rows[f"{side}_mta_sts_id"]).concat(said)


def _faults(rows: ir.Table, side: str) -> ir.ArrayValue:
    findings = rows[f"{side}_findings"]
    return findings.filter(lambda each: each.policy == str(PolicyKind.MTA_STS))


def _lists(rows: ir.Table, side: str) -> ir.ArrayValue:
    listed = rows[f"{side}_sts_mx"].map(lambda each: "lists " + each)
    return listed.concat(rows[f"{side}_sts_unlisted"].map(lambda each: "does not list " + each))
