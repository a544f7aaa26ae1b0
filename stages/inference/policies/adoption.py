"""policy_adoption: how many domains of each cut have which policy and which mistake."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from schemas.mail_policies import Aspect, KeyState, PolicyState, StsState
from schemas.policy_class import PolicyKind
from stages.inference.aggregates.cuts import counted
from stages.inference.policies.readings import union

NO_POLICY = "(no policy)"
_NOTHING = [str(PolicyState.NOT_ASKED)]
_CUT = ("seed_list", "rank_cut", "tld")
_MISTAKES = {
    PolicyKind.DMARC: Aspect.DMARC_MISTAKE,
    PolicyKind.DKIM: Aspect.DKIM_MISTAKE,
    PolicyKind.MTA_STS: Aspect.MTA_STS_MISTAKE,
    PolicyKind.TLS_RPT: Aspect.TLS_RPT_MISTAKE,
    PolicyKind.BIMI: Aspect.BIMI_MISTAKE,
    PolicyKind.DANE: Aspect.DANE_MISTAKE,
}


def policy_adoption(policies: ir.Table, trust: ir.Table, populations: ir.Table) -> ir.Table:
    """The columns of the table; ``trust`` is spf_trust, ``populations`` as cuts makes them."""
    parts = (*_of_policies(policies), *_of_spf(trust))
    rows = union(*parts, distinct=True).mutate(weight=ibis.literal(1, "int64"))
    found = counted(rows, populations, ["aspect", "value"])
    everyone = populations.select("domain").distinct().mutate(weight=ibis.literal(1, "int64"))
    total = counted(everyone, populations, []).rename(total="domains")
    found = found.join(total, list(_CUT))
    return found.mutate(share=found.domains / found.total).drop("total")


def _of_policies(rows: ir.Table) -> Iterator[ir.Table]:
    place = _applying(rows.dmarc_place, rows.dmarc)
    yield _aspect(rows, Aspect.DMARC, place, rows.dmarc)
    walked = _applying(rows.dmarc_place_by_walk, rows.dmarc_by_walk)
    yield _aspect(rows, Aspect.DMARC_BY_WALK, walked, rows.dmarc_by_walk)
    yield _aspect(rows, Aspect.DMARC_POLICY, rows.policy.coalesce(NO_POLICY), rows.dmarc)
    reports = rows.select("domain", report=rows.reports.unnest())
    yield _aspect(reports, Aspect.DMARC_REPORTS, reports.report["consent"])
    keys = rows.select("domain", key=rows.dkim.unnest())
    yield _aspect(keys, Aspect.DKIM, keys.key["state"])
    bare = rows.filter(rows.dkim.length() == 0)
    yield _aspect(bare, Aspect.DKIM, ibis.literal(str(PolicyState.ABSENT)))
    usable = keys.filter(keys.key["state"] == str(KeyState.USABLE))
    size = usable.key["key_type"] + " " + usable.key["bits"].cast("string")
    yield _aspect(usable, Aspect.DKIM_KEY, size)
    for aspect in (Aspect.MTA_STS, Aspect.TLS_RPT, Aspect.BIMI):
        state = rows[str(aspect)]
        yield _aspect(rows, aspect, state, state)
    stands = rows.sts_policy == str(StsState.VALID)
    yield _aspect(rows, Aspect.STS_POLICY, stands.ifelse(rows.sts_mode, rows.sts_policy))
    for aspect in (Aspect.STS_MATCH, Aspect.STS_TLS):
        yield _aspect(rows, aspect, stands.ifelse(rows[str(aspect)], ibis.null("string")))
    secure = rows.dane_secure.fill_null(False)  # noqa: FBT003
    yield _aspect(rows, Aspect.DANE, secure.ifelse("secure " + rows.dane, rows.dane))
    found = rows.select("domain", finding=rows.findings.unnest())
    for kind, aspect in _MISTAKES.items():
        own = found.filter(found.finding["policy"] == str(kind))
        yield _aspect(own, aspect, own.finding["finding"])


def _applying(place: ir.StringValue, state: ir.StringValue) -> ir.StringValue:
    """Where the record is that stands, else the state: a void one applies to nothing."""
    return (state == str(PolicyState.VALID)).ifelse(place.coalesce(state), state)


def _of_spf(trust: ir.Table) -> Iterator[ir.Table]:
    yield _aspect(trust, Aspect.SPF, trust.verdict, trust.verdict)
    published = ibis.cases((trust.published, "yes"), (~trust.published, "no"), else_="unknown")
    yield _aspect(trust, Aspect.SPF_PUBLISHED, published, trust.verdict)
    found = trust.select("domain", finding=trust.findings.unnest())
    yield _aspect(found, Aspect.SPF_MISTAKE, found.finding["finding"])


def _aspect(
    rows: ir.Table, aspect: Aspect, value: ir.StringValue, state: ir.StringValue | None = None
) -> ir.Table:
    """domain, aspect, value: of rows that have a value; ``state`` says whether it was asked for."""
    asked = value.notnull() if state is None else value.notnull() & state.notin(_NOTHING)
    return rows.filter(asked).select(
        "domain", aspect=ibis.literal(str(aspect)), value=value.cast("string")
    )
