"""Domains whose policies about their mail are weaker or stronger than they were."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from schemas.changes import Change, Doubt, Kind
from schemas.mail_policies import Dane, Disposition, PolicyState
from stages.inference.changes.sides import SIDES, Runs, changed, graded, texts

_UNKNOWN = [str(PolicyState.UNKNOWN), str(PolicyState.NOT_ASKED)]
_UNSEEN = [str(Dane.UNKNOWN), str(Dane.UNSEEN)]
_STRENGTHS = [str(word) for word in Disposition]
_DANES = [
    str(word) for word in (Dane.MISMATCHED, Dane.NO_TLS, Dane.UNUSABLE, Dane.PARTLY, Dane.MATCHED)
]
"""From worse to better."""
_STATES = (
    (Kind.MTA_STS, "mta_sts", "mta_sts_id"),
    (Kind.TLS_RPT, "tls_rpt", None),
    (Kind.BIMI, "bimi", "bimi_logo"),
)


def dmarc(runs: Runs) -> ir.Table:
    """Rows of `changes` of the kinds dmarc and dmarc_subdomains; evidence is the record."""
    rows = runs.pair(
        "mail_policies", "dmarc", "dmarc_domain", "dmarc_record", "policy", "subdomain_policy"
    )
    kinds = []
    for kind, column in ((Kind.DMARC, "policy"), (Kind.DMARC_SUBDOMAINS, "subdomain_policy")):
        values = {side: rows[f"{side}_{column}"].coalesce(rows[f"{side}_dmarc"]) for side in SIDES}
        some = rows.mutate(
            **{f"{side}_value": value for side, value in values.items()},
            **{
                f"{side}_evidence": texts(
                    "_dmarc." + rows[f"{side}_dmarc_domain"] + ": " + rows[f"{side}_dmarc_record"]
                )
                for side in SIDES
            },
            change=graded(
                values["then"], values["now"], _STRENGTHS, (Change.STRONGER, Change.WEAKER)
            ),
            doubt=_doubt(rows.then_dmarc, rows.now_dmarc, _UNKNOWN),
        )
        kinds.append(changed(some, runs.earlier, kind))
    return ibis.union(*kinds)


def states(runs: Runs) -> ir.Table:
    """Rows of `changes` of the kinds mta_sts, tls_rpt and bimi, where both runs asked."""
    kinds = []
    for kind, state, shown in _STATES:
        rows = runs.pair("mail_policies", state, *([shown] if shown else []))
        then, now = rows[f"then_{state}"], rows[f"now_{state}"]
        evidence = {f"{side}_evidence": texts(rows[f"{side}_{shown}"]) for side in SIDES if shown}
        rows = rows.mutate(
            **evidence,
            then_value=then,
            now_value=now,
            change=graded(then, now, [str(PolicyState.VALID)], (Change.BETTER, Change.WORSE)),
            doubt=_doubt(then, now, _UNKNOWN),
        )
        kinds.append(changed(rows, runs.earlier, kind))
    return ibis.union(*kinds)


def dane(runs: Runs) -> ir.Table:
    """Rows of `changes` of the kind dane; evidence are the mail hosts with TLSA records."""
    rows = runs.pair("mail_policies", "dane", "dane_hosts")
    rows = rows.filter(rows.then_dane != rows.now_dane)
    then, now = rows.then_dane, rows.now_dane
    hosts = {
        f"{side}_evidence": rows[f"{side}_dane_hosts"].map(
            lambda each: each.host + ": " + each.dane + ", " + each.records.cast("string")
            + " TLSA records"
        )
        for side in SIDES
    }  # fmt: skip
    rows = rows.mutate(
        **hosts,
        then_value=then,
        now_value=now,
        change=graded(then, now, [*_UNSEEN, *_DANES], (Change.BETTER, Change.WORSE)),
        doubt=_doubt(then, now, _UNSEEN),
    )
    return changed(rows, runs.earlier, Kind.DANE)


def dnssec(runs: Runs) -> ir.Table:
    """Rows of the kind dane_secure, of domains that have TLSA records in both runs.

    Doubtful if one of the runs has no such domain that is secure: its resolver may not validate.
    """
    rows = runs.pair("mail_policies", "dane_secure")
    then, now = (_words(rows[f"{side}_dane_secure"]) for side in SIDES)
    validates = [
        census["mail_policies"].dane_secure.any().as_scalar() for census in (runs.then, runs.now)
    ]
    rows = rows.mutate(
        then_value=then,
        now_value=now,
        change=graded(then, now, ["insecure", "secure"], (Change.BETTER, Change.WORSE)),
        doubt=ibis.cases((~(validates[0] & validates[1]), str(Doubt.UNMEASURED))),
    )
    return changed(rows, runs.earlier, Kind.DANE_SECURE)


def _words(secure: ir.BooleanValue) -> ir.StringValue:
    return ibis.cases((secure, "secure"), (~secure, "insecure"))


def _doubt(then: ir.StringValue, now: ir.StringValue, unknown: Sequence[str]) -> ir.StringValue:
    return ibis.cases((then.isin(unknown) | now.isin(unknown), str(Doubt.UNMEASURED)))
